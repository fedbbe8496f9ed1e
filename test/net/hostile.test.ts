import type { Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { Frame } from '../../src-main/net/frame.ts'
import {
  fragmentsMax,
  frameBytesMax,
  handshakeMs,
  helloMs,
  linksPerPeerMax,
  socketsMax,
  unauthenticatedSocketsMax,
} from '../../src-main/net/limits.ts'
import { memberProtocol } from '../../src-main/net/upgrade.ts'
import { newMessage } from '../../src-main/raft/message.ts'
import { encodeMessage } from '../../src-main/raft/wire/message.ts'
import { clusterB, heartbeat, hello, member } from './examples.ts'
import { HandClock } from './hand-clock.ts'
import { closeAll, type Device, device, pass, quiet, until } from './network-scene.ts'
import {
  type RawPeer,
  rawExchange,
  rawPeer,
  rawSecure,
  rawSocket,
  upgradeStatus,
} from './raw-peer.ts'

afterEach(closeAll)

/** Device 1, which knows members 2 and 3. */
async function scene(): Promise<{ clock: HandClock; a: Device }> {
  const clock = new HandClock()
  const a = await device('1', { clock })
  a.table = [member('1'), member('2'), member('3')]
  a.network.start()
  return { clock, a }
}

/** Somebody at device 1 who has said a good hello as member 2. */
async function greeted(a: Device, options: object = {}): Promise<RawPeer> {
  const peer = await rawPeer(a.address, options)
  peer.say({ kind: 'hello', hello: hello('2') })
  await until(() => peer.heard.some(({ kind }) => kind === 'hello'))
  return peer
}

function said(peer: RawPeer): string | undefined {
  const bye = peer.heard.find(
    (frame): frame is Extract<Frame, { kind: 'bye' }> => frame.kind === 'bye',
  )
  return bye?.bye.reason
}

test('a browser page is refused: by its Origin, its cookies, or a name that was pointed at us', async () => {
  const { a } = await scene()
  const port = a.address.split(':')[1]
  expect(await upgradeStatus(a.address, {})).toBe(101)
  expect(await upgradeStatus(a.address, { Origin: `http://${a.address}` })).toBe(403)
  expect(await upgradeStatus(a.address, { Origin: 'null' })).toBe(403)
  expect(await upgradeStatus(a.address, { Cookie: 'a=b' })).toBe(403)
  expect(await upgradeStatus(a.address, { Host: `localhost:${port}` })).toBe(403)
  expect(await upgradeStatus(a.address, { Host: `evil.example:${port}` })).toBe(403)
  expect(await upgradeStatus(a.address, { Host: undefined })).not.toBe(101)
  expect(a.log.lines.filter((line) => line.includes('refused an upgrade')).length).toBeGreaterThan(
    4,
  )
})

test('without a subprotocol of ours, or with more than one, there is no upgrade', async () => {
  const { a } = await scene()
  for (const protocol of [undefined, '', 'chat', 'quire-peer.2', 'quire-peer.1, chat']) {
    expect(await upgradeStatus(a.address, { 'Sec-WebSocket-Protocol': protocol })).toBe(403)
  }
})

test('who wants to pair while no code is shown is told that there is nothing here', async () => {
  const { a } = await scene()
  expect(await upgradeStatus(a.address, { 'Sec-WebSocket-Protocol': 'quire-pairing.1' })).toBe(503)
})

test('without a membership nobody is taken in', async () => {
  const { a } = await scene()
  await a.network.close()
  expect(await upgradeStatus(a.address, {})).toBe(503)
})

test('plain requests and bytes that are no HTTP get nothing', async () => {
  const { a } = await scene()
  const host = `Host: ${a.address}\r\n`
  expect(await rawExchange(a.address, `GET / HTTP/1.1\r\n${host}\r\n`)).toBe('')
  expect(
    await rawExchange(a.address, `GET / HTTP/1.1\r\n${host}Expect: 100-continue\r\n\r\n`),
  ).toBe('')
  expect(await rawExchange(a.address, '\u0016\u0003\u0001\u0002\u0000garbage\r\n\r\n')).toBe('')
  expect(await rawExchange(a.address, `GET / HTTP/1.1\r\nX: ${'x'.repeat(9_000)}\r\n\r\n`)).toBe('')
  expect(await upgradeStatus(a.address, {})).toBe(101)
})

test('half a request is cut off after three seconds, and members get in again', async () => {
  const { clock, a } = await scene()
  const sockets: Socket[] = []
  for (let at = 0; at < unauthenticatedSocketsMax; at++) {
    // Half of them stop in the middle of their first TLS record, which says that 512 bytes follow.
    const isSecure = at % 2 === 0
    const socket = isSecure ? await rawSecure(a.address) : await rawSocket(a.address)
    socket.write(isSecure ? 'GET / HTTP/1.1\r\nHo' : Uint8Array.of(22, 3, 1, 2, 0, 1, 0, 1, 252))
    socket.resume()
    sockets.push(socket)
  }
  await quiet()
  // The doorstep is full: the next one is turned away at once, without a byte.
  expect(await rawExchange(a.address, 'GET / HTTP/1.1\r\n')).toBe('')
  clock.advance(handshakeMs - 1)
  await quiet()
  expect(sockets.some(({ readyState }) => readyState !== 'open')).toBe(false)
  clock.advance(1)
  await until(() => sockets.every(({ destroyed, readableEnded }) => destroyed || readableEnded))
  await greeted(a)
})

test('a thousand half-open sockets hold four places and no more', async () => {
  const { clock, a } = await scene()
  let open = 0
  for (let at = 0; at < 1_000; at++) {
    const socket = await rawSocket(a.address)
    open += 1
    socket.once('close', () => {
      open -= 1
    })
    socket.resume()
  }
  await until(() => open <= unauthenticatedSocketsMax)
  clock.advance(handshakeMs)
  await until(() => open === 0)
  await greeted(a)
}, 30_000)

test('who upgrades and then says nothing is gone after three more seconds', async () => {
  const { clock, a } = await scene()
  const peers: RawPeer[] = []
  for (let at = 0; at < unauthenticatedSocketsMax; at++) peers.push(await rawPeer(a.address))
  expect(await upgradeStatus(a.address, {})).toBe(null)
  clock.advance(helloMs)
  await until(() => peers.every(({ closed }) => closed !== null))
  await quiet()
  await greeted(a)
})

test('members do not count as strangers: more of them than strangers fit', async () => {
  const { a } = await scene()
  a.table = Array.from({ length: 12 }, (_, at) => member(String(at + 1)))
  for (let id = 2; id <= 12; id++) {
    const peer = await rawPeer(a.address, {}, memberProtocol, String(id))
    peer.say({ kind: 'hello', hello: hello(String(id)) })
    await until(() => peer.heard.length > 0)
  }
  expect(a.table.filter(({ id }) => a.network.isOnline(id))).toHaveLength(11)
  expect(socketsMax).toBeGreaterThan(12)
})

test('[N1] anything before the hello ends it, and nothing of it is read', async () => {
  const { a } = await scene()
  const frames: Frame[] = [
    { kind: 'raft', message: encodeMessage(heartbeat('2', '1')) },
    { kind: 'ask', id: 1, name: 'x', body: null },
    { kind: 'offer', stream: 1, size: 1, message: encodeMessage(heartbeat('2', '1')) },
  ]
  for (const frame of frames) {
    const peer = await rawPeer(a.address)
    peer.say(frame)
    peer.say({ kind: 'hello', hello: hello('2') })
    await until(() => peer.closed !== null)
    expect(said(peer)).toBe('malformed')
  }
  expect(a.heard.messages).toEqual([])
  expect(a.heard.hellos).toEqual([])
})

test('[24] [N1] another cluster’s id and an unknown device are refused, and neither is told who we are', async () => {
  const { a } = await scene()
  const cases = [
    [hello('2', { cluster: clusterB }), 'foreign-cluster'],
    [hello('9'), 'unknown-member'],
  ] as const
  for (const [words, reason] of cases) {
    const peer = await rawPeer(a.address)
    peer.say({ kind: 'hello', hello: words })
    await until(() => peer.closed !== null)
    expect(peer.heard).toEqual([
      { kind: 'bye', bye: { reason, from: null, index: null, by: null } },
    ])
    expect(a.log.lines.some((line) => line.includes(reason))).toBe(true)
  }
})

test('[24] [N2] a member that speaks for another, or to another, is cut off, with a line in the log', async () => {
  const { a } = await scene()
  const lies = [
    heartbeat('3', '1'),
    heartbeat('2', '3'),
    heartbeat('1', '1'),
    newMessage('MsgHup', { from: 2n, to: 1n }),
    newMessage('MsgApp', { from: 2n, to: 1n, term: 2 ** 52 }),
    newMessage('MsgSnap', { from: 2n, to: 1n }),
  ]
  for (const lie of lies) {
    const peer = await greeted(a)
    peer.say({ kind: 'raft', message: encodeMessage(lie) })
    peer.say({ kind: 'raft', message: encodeMessage(heartbeat('2', '1')) })
    await until(() => peer.closed !== null)
    expect(said(peer)).toBe('malformed')
    await until(() => !a.network.isOnline('2'))
  }
  expect(a.heard.messages).toEqual([])
  expect(a.log.lines.filter((line) => line.startsWith('warn net: 2 sent'))).toHaveLength(
    lies.length,
  )
})

test('garbage from a member ends its link: frames of no kind, torn frames, text, a second hello', async () => {
  const { a } = await scene()
  const garbage: (Uint8Array | string)[] = [
    new Uint8Array(0),
    Uint8Array.of(99, 1, 2, 3),
    Uint8Array.of(2, 0xff, 0xff, 0xff),
    Uint8Array.of(1, 0x7b),
    Uint8Array.of(7, 0, 0, 0, 1),
    'a text message',
  ]
  for (const bytes of garbage) {
    const peer = await greeted(a)
    peer.socket.send(bytes)
    await until(() => peer.closed !== null)
    expect(said(peer)).toBe('malformed')
    await until(() => !a.network.isOnline('2'))
  }
  const peer = await greeted(a)
  peer.say({ kind: 'hello', hello: hello('2') })
  await until(() => peer.closed !== null)
  expect(said(peer)).toBe('malformed')
})

test('a frame of 1 MiB is read, one byte more closes with 1009', async () => {
  const { a } = await scene()
  const peer = await greeted(a)
  const ask = (bytes: number) => {
    const frame = new Uint8Array(bytes).fill(0x20)
    frame.set([4, 0, 0, 0, 1])
    frame.set(new TextEncoder().encode('{"name":"n","body":1}'), 5)
    return frame
  }
  peer.socket.send(ask(frameBytesMax))
  await until(() => peer.heard.some(({ kind }) => kind === 'answer'))
  peer.socket.send(ask(frameBytesMax + 1))
  await until(() => peer.closed !== null)
  expect(peer.closed).toBe(1009)
})

test('fragments without end close with 1008', async () => {
  const { a } = await scene()
  const peer = await greeted(a)
  for (let at = 0; at <= fragmentsMax; at++) {
    peer.socket.send(Uint8Array.of(1), { fin: false, binary: true })
  }
  await until(() => peer.closed !== null)
  expect(peer.closed).toBe(1008)
})

test('a compressed frame is not understood: it cannot inflate', async () => {
  const { a } = await scene()
  const peer = await rawPeer(a.address, { perMessageDeflate: true })
  expect(peer.socket.extensions).toBe('')
})

test('[N4] of two links the side with the lower id keeps the newest, and says so on the other', async () => {
  const { a } = await scene()
  const older = await greeted(a)
  const newer = await greeted(a)
  await until(() => older.closed !== null)
  expect(said(older)).toBe('superseded')
  expect(newer.closed).toBe(null)
  expect(a.heard.presence).toEqual([{ id: '2', online: true }])
})

test('[N4] the side with the higher id waits for the other’s word, but holds no more than two', async () => {
  const clock = new HandClock()
  const c = await device('3', { clock })
  c.table = [member('2'), member('3')]
  c.network.start()
  const first = await greeted(c)
  const second = await greeted(c)
  await quiet()
  expect([first.closed, second.closed]).toEqual([null, null])
  const third = await greeted(c)
  await until(() => first.closed !== null)
  expect([second.closed, third.closed]).toEqual([null, null])
  expect(linksPerPeerMax).toBe(2)
  // It speaks on the newest and listens to both.
  c.network.send(heartbeat('3', '2'))
  await until(() => third.heard.some(({ kind }) => kind === 'raft'))
  second.say({ kind: 'raft', message: encodeMessage(heartbeat('2', '3')) })
  await until(() => c.heard.messages.length === 1)
  expect(c.heard.presence).toEqual([{ id: '2', online: true }])
})

test('[51] a link on which nothing comes back is suspected, looked past, and after half a minute cut', async () => {
  const { clock, a } = await scene()
  const peer = await greeted(a, { autoPong: false })
  await pass(clock, 9_000)
  expect(a.network.isOnline('2')).toBe(true)
  a.network.send(heartbeat('1', '2'))
  await pass(clock, 6_000)
  expect(a.network.isOnline('2')).toBe(false)
  expect(peer.closed).toBe(null)
  peer.say({ kind: 'raft', message: encodeMessage(heartbeat('2', '1')) })
  await until(() => a.network.isOnline('2'))
  await pass(clock, 31_000, 1_000)
  await until(() => peer.closed !== null)
  expect(a.log.lines).toContain('info net: lost 2: silent')
})

test('a quiet peer that answers pings stays', async () => {
  const { clock, a } = await scene()
  const peer = await greeted(a)
  await pass(clock, 120_000, 1_000)
  expect(peer.closed).toBe(null)
  expect(a.heard.presence).toEqual([{ id: '2', online: true }])
})

test('[51] after a sleep every link is taken for dead', async () => {
  const { clock, a } = await scene()
  const peer = await greeted(a, { autoPong: false })
  clock.jump(8 * 3_600_000)
  await until(() => peer.closed !== null)
  expect(a.network.isOnline('2')).toBe(false)
})

test('an answer to a question that was never asked is dropped', async () => {
  const { a } = await scene()
  const peer = await greeted(a)
  peer.say({ kind: 'answer', id: 77, answer: { ok: true, value: 1 } })
  peer.say({ kind: 'raft', message: encodeMessage(heartbeat('2', '1')) })
  await until(() => a.heard.messages.length === 1)
  expect(peer.closed).toBe(null)
})

test('a flood of questions is answered with busy, and the first ones are still being worked on', async () => {
  const { a } = await scene()
  let asked = 0
  a.onAsk = () => {
    asked += 1
    return new Promise(() => undefined)
  }
  const peer = await greeted(a)
  for (let id = 1; id <= 100; id++) peer.say({ kind: 'ask', id, name: 'n', body: null })
  await until(() => peer.heard.filter(({ kind }) => kind === 'answer').length === 36)
  expect(asked).toBe(64)
})

test('a port in use is refused by name', async () => {
  const { a, clock } = await scene()
  await expect(device('5', { clock, port: Number(a.address.split(':')[1]) })).rejects.toThrow(
    /EADDRINUSE/,
  )
})
