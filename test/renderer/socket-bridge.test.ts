import { expect, test } from 'vitest'
import {
  CallProblem,
  firstRetryMs,
  LostConnection,
  retryMsMax,
  type SocketDoors,
  type SocketLike,
  socketBridge,
} from '../../src-renderer/socket-bridge.ts'

/** The four doors, owned by the test: sockets that it opens and closes, and a clock that stands still. */
class World implements SocketDoors {
  readonly sockets: FakeSocket[] = []
  readonly waiting: { ms: number; call: () => void }[] = []
  taken: 'yes' | 'no' | 'silent' = 'silent'

  connect(token: string): SocketLike {
    const socket = new FakeSocket(token)
    this.sockets.push(socket)
    return socket
  }
  async takesToken() {
    return this.taken
  }
  after(ms: number, call: () => void) {
    const timer = { ms, call }
    this.waiting.push(timer)
    return () => {
      this.waiting.splice(this.waiting.indexOf(timer), 1)
    }
  }
  random() {
    return 1
  }
  get last(): FakeSocket {
    return this.sockets.at(-1)!
  }
  /** Closes the last socket and runs the retry that follows; the answer is its delay. */
  async fail(): Promise<number> {
    this.last.onclose?.()
    await turn()
    const [timer] = this.waiting.splice(0)
    timer?.call()
    return timer?.ms ?? -1
  }
}

class FakeSocket implements SocketLike {
  readonly sent: { id: number; call: string; ask: unknown }[] = []
  readonly token: string
  onopen: (() => void) | null = null
  onmessage: ((event: { readonly data: unknown }) => void) | null = null
  onclose: (() => void) | null = null
  constructor(token: string) {
    this.token = token
  }
  send(data: string) {
    this.sent.push(JSON.parse(data))
  }
  close() {}
  hears(frame: unknown) {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

function opened(world = new World()) {
  const bridge = socketBridge('a-token', world)
  world.last.onopen?.()
  return { world, bridge }
}

test('answers find their calls, in whatever order they come', async () => {
  const { world, bridge } = opened()
  const first = bridge.call('notes/close', { id: 'a' })
  const second = bridge.call('notes/list', null)
  const [one, two] = world.last.sent
  expect(world.last.sent.map(({ call }) => call)).toEqual(['notes/close', 'notes/list'])
  world.last.hears({ id: two?.id, answer: [] })
  world.last.hears({ id: one?.id, answer: null })
  expect(await first).toBe(null)
  expect(await second).toEqual([])
})

test('a problem rejects the call that it answers, with its kind', async () => {
  const { world, bridge } = opened()
  const call = bridge.call('notes/list', null)
  world.last.hears({ id: world.last.sent[0]?.id, problem: { kind: 'malformed', message: 'no' } })
  await expect(call).rejects.toMatchObject({ kind: 'malformed', message: 'no' })
  await expect(call).rejects.toBeInstanceOf(CallProblem)
})

test('events reach those who listen, and an unknown event nobody', () => {
  const { world, bridge } = opened()
  const heard: unknown[] = []
  const stop = bridge.hear('notes', (event) => heard.push(event))
  world.last.hears({ hear: 'notes', event: { changed: [], gone: ['a'] } })
  world.last.hears({ hear: 'something-new', event: 1 })
  stop()
  world.last.hears({ hear: 'notes', event: { changed: [], gone: ['b'] } })
  expect(heard).toEqual([{ changed: [], gone: ['a'] }])
})

test('a call that was on its way when the connection was lost rejects, and so does one made meanwhile', async () => {
  const { world, bridge } = opened()
  const call = bridge.call('notes/list', null)
  world.last.onclose?.()
  await expect(call).rejects.toBeInstanceOf(LostConnection)
  await expect(bridge.call('notes/list', null)).rejects.toBeInstanceOf(LostConnection)
  expect(bridge.connection.get()).toEqual({ kind: 'lost', attempt: 1 })
})

test('the wait between tries doubles up to its bound, and begins anew after a visit', async () => {
  const { world } = opened()
  const waits: number[] = []
  for (let at = 0; at < 8; at += 1) waits.push(await world.fail())
  expect(waits.slice(0, 3)).toEqual([firstRetryMs, firstRetryMs * 2, firstRetryMs * 4])
  expect(waits.at(-1)).toBe(retryMsMax)
  world.last.onopen?.()
  expect(await world.fail()).toBe(firstRetryMs)
})

test('each visit has its own number, so that all know to ask again', async () => {
  const { world, bridge } = opened()
  expect(bridge.connection.get()).toEqual({ kind: 'open', visit: 1 })
  await world.fail()
  world.last.onopen?.()
  expect(bridge.connection.get()).toEqual({ kind: 'open', visit: 2 })
})

test('a token that is refused locks the page until another one is given', async () => {
  const world = new World()
  const bridge = socketBridge('old', world)
  world.taken = 'no'
  await world.fail()
  expect(bridge.connection.get()).toEqual({ kind: 'locked' })
  bridge.unlock('new')
  expect(world.last.token).toBe('new')
  world.last.onopen?.()
  expect(bridge.connection.get().kind).toBe('open')
})

test('without a token there is no try at all', () => {
  const world = new World()
  const bridge = socketBridge(null, world)
  expect(bridge.connection.get()).toEqual({ kind: 'locked' })
  expect(world.sockets).toEqual([])
})

test('a socket that was given up cannot close the one that took its place', async () => {
  const { world, bridge } = opened()
  const old = world.last
  await world.fail()
  world.last.onopen?.()
  old.onclose?.()
  await turn()
  expect(bridge.connection.get()).toEqual({ kind: 'open', visit: 2 })
})
