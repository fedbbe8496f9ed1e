import { expect, test } from 'vitest'
import { DiskFailed } from '../../src-main/journal/disk.ts'
import { openOutbox } from '../../src-main/outbox/outbox.ts'
import { WatchedDisk } from '../support/watched-disk.ts'
import { created, dir, failures, noteId, opened, pendingNote, reopened, typed } from './examples.ts'

const [a, b, c] = [noteId(1), noteId(2), noteId(3)]

test('an empty directory has nothing pending, and opening it writes nothing', async () => {
  const disk = new WatchedDisk()
  const { outbox, pending, notices } = await opened(disk)
  expect([pending, notices]).toEqual([[], []])
  await outbox.close()
  expect(disk.calls).toEqual(['list outbox'])
})

test('what was put is there after a restart, in the order in which it became pending', async () => {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk)
  const first = pendingNote(b, { base: 0, commands: [created(b, 'later')] })
  await outbox.put(first)
  await outbox.put(pendingNote(a, { baseText: 'old' }))
  await outbox.put(pendingNote(c))
  await outbox.drop(b)
  await outbox.put(
    pendingNote(a, { baseText: 'new', base: 2, sentCount: 1, commands: [typed(a, 4, 2, [3])] }),
  )
  await outbox.put(first)
  expect(outbox.sizes()).toMatchObject({ notes: 3, commands: 2 })
  const again = await reopened(outbox, disk)
  expect(again.notices).toEqual([])
  expect(again.pending).toEqual([
    pendingNote(a, { baseText: 'new', base: 2, sentCount: 1, commands: [typed(a, 4, 2, [3])] }),
    pendingNote(c),
    first,
  ])
})

test('dropping what is unknown is fine and writes nothing', async () => {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk)
  await outbox.drop(a)
  expect(disk.calls).toEqual(['list outbox'])
})

test('putting what is there already writes nothing', async () => {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk)
  await outbox.put(pendingNote(a, { baseText: 'x', commands: [typed(a, 1, 1, [1])] }))
  const calls = disk.calls.length
  await outbox.put(pendingNote(a, { baseText: 'x', commands: [typed(a, 1, 1, [1])] }))
  expect(disk.calls.length).toBe(calls)
})

test('puts of one turn, and puts made while the disk works, share an fsync', async () => {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk)
  await outbox.put(pendingNote(a))
  const before = disk.calls.length
  const first = [1, 2, 3].map((n) => outbox.put(pendingNote(noteId(n), { baseText: `${n}` })))
  await null
  await null // The first batch is under way.
  const second = [1, 2, 3, 4].map((n) => outbox.put(pendingNote(noteId(n), { baseText: `${n}!` })))
  await Promise.all([...first, ...second])
  const calls = disk.calls.slice(before)
  expect(calls.filter((call) => call.startsWith('sync '))).toHaveLength(2)
  expect(calls.filter((call) => call.startsWith('write '))).toHaveLength(2)
})

test('of several puts of one note the latest is kept, and all of them resolve', async () => {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk)
  await Promise.all(['x', 'xy', 'xyz'].map((baseText) => outbox.put(pendingNote(a, { baseText }))))
  await Promise.all([outbox.put(pendingNote(b)), outbox.drop(b)])
  const { pending } = await reopened(outbox, disk)
  expect(pending).toEqual([pendingNote(a, { baseText: 'xyz' })])
})

test('a put after close is a bug', async () => {
  const { outbox } = await opened(new WatchedDisk())
  await outbox.close()
  await expect(outbox.put(pendingNote(a))).rejects.toThrow('closed outbox')
})

test('lone surrogates, NUL and every line end come back', async () => {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk)
  const baseText = '\ud800a\udc00\0\r\n\r\u2028\ufeff😀'
  await outbox.put(pendingNote(a, { baseText, commands: [typed(a, 1, 1, [[0, '\ud83d', ''], 9])] }))
  // A patch that cuts a pair in two.
  const next = baseText.replace('😀', '😁')
  await outbox.put(
    pendingNote(a, { baseText: next, commands: [typed(a, 1, 1, [[0, '\ud83d', ''], 9])] }),
  )
  const { pending } = await reopened(outbox, disk)
  expect(pending[0]?.baseText).toBe(next)
  expect(pending[0]?.commands).toEqual([typed(a, 1, 1, [[0, '\ud83d', ''], 9])])
})

test('a log of a later version is refused and left as it is', async () => {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk)
  await outbox.put(pendingNote(a))
  const [name] = disk.names()
  const bytes = disk.get(name as string).slice()
  bytes[8] = 2
  const { crc32 } = await import('node:zlib')
  new DataView(bytes.buffer).setUint32(20, crc32(bytes.subarray(0, 20)), true)
  disk.put(name as string, bytes)
  const refused = await openOutbox(disk, { dir })
  expect(refused).toEqual({ ok: false, error: { kind: 'newer', file: name, version: 2 } })
  expect(disk.get(name as string)).toEqual(bytes)
})

test('a disk that cannot be read refuses the opening by name', async () => {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk)
  await outbox.put(pendingNote(a))
  disk.fails = (verb) => (verb === 'read' ? 'broken' : null)
  const refused = await openOutbox(disk, { dir })
  expect(refused).toMatchObject({ ok: false, error: { kind: 'unreadable', file: disk.names()[0] } })
})

test.each(['sync', 'syncDir'])(
  'a failed %s is final, whatever the disk called it',
  async (verb) => {
    const disk = new WatchedDisk()
    const { outbox } = await opened(disk)
    await outbox.put(pendingNote(a))
    const again = await reopened(outbox, disk)
    disk.fails = (called) => (called === verb ? 'full' : null)
    const put = again.outbox.put(pendingNote(b))
    const together = again.outbox.put(pendingNote(c))
    for (const each of await failures([put, together]))
      expect(each).toMatchObject({ failure: 'broken' })
    disk.fails = () => null
    const calls = disk.calls.length
    await expect(again.outbox.put(pendingNote(c))).rejects.toBeInstanceOf(DiskFailed)
    expect(disk.calls.length).toBe(calls)
    expect((await opened(disk.afterPowerCut(() => false))).pending).toEqual([pendingNote(a)])
  },
)

test('an EIO while writing is final', async () => {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk)
  await outbox.put(pendingNote(a))
  disk.fails = (verb) => (verb === 'write' ? 'broken' : null)
  await expect(outbox.put(pendingNote(b))).rejects.toMatchObject({ failure: 'broken' })
  disk.fails = () => null
  await expect(outbox.put(pendingNote(b))).rejects.toMatchObject({ failure: 'broken' })
})
