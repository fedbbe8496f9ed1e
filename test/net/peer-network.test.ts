import { afterEach, expect, test } from 'vitest'
import { appendQueueMax, asksInFlightMax, snapshotChunkBytes } from '../../src-main/net/limits.ts'
import { newMessage } from '../../src-main/raft/message.ts'
import { fail, ok } from '../../src-shared/base/outcome.ts'
import { byteReader, pattern, snapshotMessage } from './byte-snapshot.ts'
import { heartbeat, member } from './examples.ts'
import { HandClock } from './hand-clock.ts'
import {
  acquaint,
  closeAll,
  type Device,
  device,
  kill,
  pass,
  quiet,
  start,
  until,
} from './network-scene.ts'

afterEach(closeAll)

async function pair(): Promise<{ clock: HandClock; a: Device; b: Device }> {
  const clock = new HandClock()
  const a = await device('1', { clock })
  const b = await device('2', { clock })
  await start(a, b)
  return { clock, a, b }
}

test('two members find each other by their addresses and introduce themselves', async () => {
  const { a, b } = await pair()
  expect(a.heard.hellos.at(-1)).toMatchObject({ from: '2', hello: { id: '2', name: 'device 2' } })
  expect(b.heard.hellos.at(-1)?.hello.members).toEqual(a.table)
  expect(a.network.addressesOf('2')).toEqual([b.address])
})

test('messages arrive in order, and only where they were sent', async () => {
  const clock = new HandClock()
  const devices = [
    await device('1', { clock }),
    await device('2', { clock }),
    await device('3', { clock }),
  ]
  const [a, b, c] = devices as [Device, Device, Device]
  await start(a, b, c)
  for (let term = 1; term <= 500; term++) a.network.send(heartbeat('1', '2', term))
  await until(() => b.heard.messages.length === 500)
  expect(b.heard.messages.map(({ term }) => term)).toEqual(
    Array.from({ length: 500 }, (_, at) => at + 1),
  )
  expect(c.heard.messages).toEqual([])
})

test('[N4] both dial at once and again: one link survives, and nothing said is lost meanwhile', async () => {
  for (let seed = 1; seed <= 8; seed++) {
    const clock = new HandClock()
    const a = await device('1', { clock, seed })
    const b = await device('2', { clock, seed: seed + 50 })
    await start(a, b)
    for (let term = 1; term <= 50; term++) {
      a.network.send(heartbeat('1', '2', term))
      b.network.send(heartbeat('2', '1', term))
      if (term % 10 === 0) await quiet(3)
    }
    await until(() => a.heard.messages.length === 50 && b.heard.messages.length === 50)
    await quiet()
    const online = [...a.heard.presence, ...b.heard.presence].filter(({ online }) => !online)
    expect(online).toEqual([])
    await pass(clock, 60_000, 1_000)
    // Once a link stands nobody dials: it is the same one a minute later.
    expect(a.heard.hellos.length + b.heard.hellos.length).toBeLessThanOrEqual(4)
    await closeAll()
  }
})

test('a message to a member that is away is reported, not kept', async () => {
  const clock = new HandClock()
  const a = await device('1', { clock })
  a.table = [member('1'), member('2', { addresses: ['127.0.0.1:9'] })]
  a.network.start()
  a.network.send(heartbeat('1', '2'))
  a.network.send(heartbeat('1', '2'))
  a.network.send(heartbeat('1', '9'))
  expect(a.heard.unreachable).toEqual([])
  await quiet(1)
  expect(a.heard.unreachable).toEqual(['2', '9'])
})

test('a member that stops is gone at once, and found again when it is back with a higher boot counter', async () => {
  const { clock, a, b } = await pair()
  await kill(b)
  await until(() => !a.network.isOnline('2'))
  expect(a.heard.presence.at(-1)).toEqual({ id: '2', online: false })
  expect(a.network.lastSeen('2')).toMatch(/^2030-/)
  const again = await device('2', {
    clock,
    boot: 2,
    seed: 22,
    port: Number(b.address.split(':')[1]),
  })
  again.table = [member('1'), member('2')]
  again.network.start()
  await pass(clock, 10_000)
  await until(() => a.network.isOnline('2'))
})

test('a member at a new address finds the others and is known there', async () => {
  const { clock, a, b } = await pair()
  await kill(b)
  await until(() => !a.network.isOnline('2'))
  const moved = await device('2', { clock, boot: 2, seed: 22 })
  moved.table = [member('2'), member('1', { addresses: [a.address] })]
  moved.network.start()
  await pass(clock, 2_000)
  await until(() => a.network.isOnline('2'))
  expect(a.network.addressesOf('2')).toEqual([moved.address, b.address])
})

test('an address from discovery is enough', async () => {
  const clock = new HandClock()
  const a = await device('1', { clock })
  const b = await device('2', { clock })
  a.table = [member('1'), member('2')]
  b.table = [member('1'), member('2')]
  a.network.start()
  b.network.start()
  await pass(clock, 5_000)
  expect(a.network.isOnline('2')).toBe(false)
  a.network.hint(b.address)
  await until(() => a.network.isOnline('2') && b.network.isOnline('1'))
})

test('hints at members that are here already do not disturb them while another is missing', async () => {
  const { clock, a, b } = await pair()
  await quiet()
  const absent = member('3', { addresses: ['127.0.0.1:9'] })
  a.table = [...a.table, absent]
  a.network.membersChanged()
  a.network.hint(b.address)
  const before = b.heard.hellos.length
  await pass(clock, 30_000, 500)
  expect(b.heard.hellos.length).toBe(before)
  expect(b.heard.presence).toEqual([{ id: '1', online: true }])
})

test('a newcomer in the table is looked for, without waiting', async () => {
  const { clock, a, b } = await pair()
  const c = await device('3', { clock })
  c.network.start()
  acquaint(a, b, c)
  a.network.membersChanged()
  b.network.membersChanged()
  await until(() => c.network.isOnline('1') && c.network.isOnline('2'))
})

test('[N3] a removed member is told so with index and remover, and cut off in the same turn', async () => {
  const { a, b, clock } = await pair()
  const removed = a.table.map((each) =>
    each.id === '2' ? { ...each, removedAt: 55, removedBy: '1' } : each,
  )
  a.table = removed
  a.network.membersChanged()
  expect(a.network.isOnline('2')).toBe(false)
  b.network.send(heartbeat('2', '1'))
  await until(() => b.heard.refused.length > 0)
  expect(b.heard.refused[0]).toEqual({
    bye: { reason: 'removed', from: '1', index: 55, by: '1' },
    known: true,
  })
  await pass(clock, 10_000)
  expect(a.heard.messages).toEqual([])
  expect(a.network.isOnline('2')).toBe(false)
  // It tries again, and hears it again, before anybody listens to it.
  expect(b.heard.refused.length).toBeGreaterThan(1)
})

test('[N5] a clone is refused while the other runs, and after it', async () => {
  const { a, b, clock } = await pair()
  const clone = await device('2', { clock, boot: 1, seed: 99 })
  clone.table = [...a.table]
  clone.network.start()
  await until(() => a.heard.clones.length > 0 && clone.heard.refused.length > 0)
  expect(clone.heard.refused[0]).toMatchObject({ bye: { reason: 'clone', from: '1' }, known: true })
  expect(a.network.isOnline('2')).toBe(true)
  await kill(b)
  await until(() => !a.network.isOnline('2'))
  await pass(clock, 10_000)
  expect(a.network.isOnline('2')).toBe(false)
})

test('a second process with our own identity is noticed', async () => {
  const clock = new HandClock()
  const a = await device('1', { clock })
  const twin = await device('1', { clock, seed: 98 })
  acquaint(a)
  a.network.start()
  twin.table = [member('1'), member('2', { addresses: [a.address] })]
  twin.network.start()
  await until(() => a.heard.clones.length > 0)
  expect(a.heard.clones).toEqual(['1'])
})

test('a device of another cluster learns nothing but that', async () => {
  const clock = new HandClock()
  const a = await device('1', { clock })
  const foreign = await device('2', { clock, cluster: 'b'.repeat(32) })
  acquaint(a, foreign)
  a.network.start()
  foreign.network.start()
  await until(() => foreign.heard.refused.length > 0 || a.heard.refused.length > 0)
  const { bye } = [...foreign.heard.refused, ...a.heard.refused][0] ?? {}
  expect(bye).toEqual({ reason: 'foreign-cluster', from: null, index: null, by: null })
  expect(a.heard.hellos).toEqual([])
  expect(foreign.heard.hellos).toEqual([])
})

test('questions are answered, refused, timed out, and told when the peer is lost', async () => {
  const { clock, a, b } = await pair()
  b.onAsk = async (from, name, body) => {
    if (name === 'echo') return ok({ from, body })
    if (name === 'never') return new Promise(() => undefined)
    return fail({ kind: 'unknown-ask', message: 'No such question.' })
  }
  expect(await a.network.ask('2', 'echo', { x: [1] }, 1_000)).toEqual(
    ok({ from: '1', body: { x: [1] } }),
  )
  expect(await a.network.ask('2', 'what', null, 1_000)).toEqual(
    fail({ kind: 'refused', refusal: { kind: 'unknown-ask', message: 'No such question.' } }),
  )
  const slow = a.network.ask('2', 'never', null, 1_000)
  await quiet()
  clock.advance(1_000)
  expect(await slow).toEqual(fail({ kind: 'timed-out' }))
  const orphan = a.network.ask('2', 'never', null, 60_000)
  await kill(b)
  expect(await orphan).toEqual(fail({ kind: 'lost' }))
  expect(await a.network.ask('2', 'echo', null, 1_000)).toEqual(fail({ kind: 'unreachable' }))
  expect(await a.network.ask('9', 'echo', null, 1_000)).toEqual(fail({ kind: 'unreachable' }))
})

test('a question has its room: 64 at a time, 1 MiB each', async () => {
  const { a, b } = await pair()
  b.onAsk = () => new Promise(() => undefined)
  const text = (bytes: number) => 'x'.repeat(bytes - '{"name":"n","body":""}'.length - 5)
  expect(await a.network.ask('2', 'n', text(1024 * 1024 + 1), 1_000)).toEqual(
    fail({ kind: 'too-large' }),
  )
  void a.network.ask('2', 'n', text(1024 * 1024), 1_000)
  for (let at = 1; at < asksInFlightMax; at++) void a.network.ask('2', 'n', null, 1_000)
  expect(await a.network.ask('2', 'n', null, 1_000)).toEqual(fail({ kind: 'too-many' }))
})

test('an answer that is too large is refused, not dropped', async () => {
  const { a, b } = await pair()
  b.onAsk = async () => ok('x'.repeat(2 * 1024 * 1024))
  expect(await a.network.ask('2', 'n', null, 1_000)).toMatchObject({
    ok: false,
    error: { kind: 'refused', refusal: { kind: 'too-large' } },
  })
})

test('a handler that breaks is no answer but a bug, and is told', async () => {
  const { a, b } = await pair()
  b.onAsk = async () => {
    throw new Error('a bug')
  }
  void a.network.ask('2', 'n', null, 1_000)
  await until(() => b.heard.broken.length === 1)
})

test('the leader’s table reaches everybody who is here', async () => {
  const { a, b } = await pair()
  const table = { term: 4, commit: 9, rows: [{ id: '1', match: 9, online: true }] }
  a.network.broadcastStatus(table)
  await until(() => b.heard.statuses.length === 1)
  expect(b.heard.statuses).toEqual([{ from: '1', table }])
})

test('a snapshot arrives beside its message', async () => {
  const { a, b } = await pair()
  const bytes = pattern(5 * snapshotChunkBytes + 3)
  const { reader, closed } = byteReader(bytes)
  const settled: boolean[] = []
  a.network.sendSnapshot(snapshotMessage('1', '2'), reader, (arrived) => settled.push(arrived))
  await until(() => settled.length === 1 && b.heard.snapshots.length === 1)
  expect(settled).toEqual([true])
  expect(Buffer.compare(b.heard.receivers[0]?.bytes ?? new Uint8Array(0), bytes)).toBe(0)
  expect(b.heard.snapshots[0]?.message).toEqual(snapshotMessage('1', '2'))
  expect(closed()).toBe(1)
})

test('a snapshot survives a broken link: it goes on where it stood', async () => {
  const { clock, a, b } = await pair()
  const bytes = pattern(20 * snapshotChunkBytes)
  const { reader, reads } = byteReader(bytes)
  const settled: boolean[] = []
  a.network.sendSnapshot(snapshotMessage('1', '2'), reader, (arrived) => settled.push(arrived))
  await until(() => (b.heard.receivers[0]?.bytes.length ?? 0) > 5 * snapshotChunkBytes)
  const before = reads.length
  b.network.wake()
  await until(() => !a.network.isOnline('2'))
  await pass(clock, 3_000)
  await until(() => settled.length === 1)
  expect(settled).toEqual([true])
  expect(b.heard.receivers).toHaveLength(1)
  expect(Buffer.compare(b.heard.receivers[0]?.bytes ?? new Uint8Array(0), bytes)).toBe(0)
  expect(reads.slice(before).filter((offset) => offset === 0)).toEqual([])
})

test('a snapshot for a member that is away fails at once, and its reader is closed', async () => {
  const clock = new HandClock()
  const a = await device('1', { clock })
  a.network.start()
  const { reader, closed } = byteReader(pattern(10))
  const settled: boolean[] = []
  a.network.sendSnapshot(snapshotMessage('1', '2'), reader, (arrived) => settled.push(arrived))
  expect(settled).toEqual([])
  await quiet(2)
  expect(settled).toEqual([false])
  expect(closed()).toBe(1)
})

test('heartbeats pass a snapshot that is on its way', async () => {
  const { a, b } = await pair()
  const size = 30 * snapshotChunkBytes
  const { reader } = byteReader(pattern(size))
  const settled: boolean[] = []
  a.network.sendSnapshot(snapshotMessage('1', '2'), reader, (arrived) => settled.push(arrived))
  await until(() => (b.heard.receivers[0]?.bytes.length ?? 0) > 0)
  a.network.send(heartbeat('1', '2'))
  await until(() => b.heard.messages.length === 1)
  expect(b.heard.receivers[0]?.bytes.length).toBeLessThan(size / 2)
  await until(() => settled.length === 1)
})

test('a peer that is not read from costs bounded memory: what does not fit is reported as unreachable', async () => {
  const { a } = await pair()
  const entries = [
    { type: 'EntryNormal' as const, term: 1, index: 1, data: new Uint8Array(900_000) },
  ]
  const append = newMessage('MsgApp', { from: 1n, to: 2n, term: 1, entries })
  for (let at = 0; at < 40; at++) a.network.send(append)
  await quiet(1)
  expect(a.heard.unreachable).toEqual(['2'])
  expect(appendQueueMax).toBeGreaterThan(40)
})

test('a message above the frame limit is reported and not sent', async () => {
  const { a, b } = await pair()
  const entries = [
    { type: 'EntryNormal' as const, term: 1, index: 1, data: new Uint8Array(1024 * 1024) },
  ]
  a.network.send(newMessage('MsgApp', { from: 1n, to: 2n, term: 1, entries }))
  await quiet()
  expect(a.heard.unreachable).toEqual(['2'])
  expect(b.heard.messages).toEqual([])
  expect(a.network.isOnline('2')).toBe(true)
})

test('closing says goodbye, and leaves no alarm and no socket behind', async () => {
  const { clock, a, b } = await pair()
  await a.network.close()
  await until(() => !b.network.isOnline('1'))
  await b.network.close()
  await a.listener.close()
  await b.listener.close()
  await quiet()
  expect(clock.alarms).toBe(0)
})

test('no line of the log carries a whole address', async () => {
  const { clock, a, b } = await pair()
  await kill(b)
  await pass(clock, 5_000)
  expect(a.log.lines.length).toBeGreaterThan(0)
  for (const line of a.log.lines) expect(line).not.toContain('127.0.0.1')
})
