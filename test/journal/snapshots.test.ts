import { expect, test } from 'vitest'
import type { Journal, SnapshotReader } from '../../src-main/replica/ports.ts'
import { flipBit, LyingDisk } from '../support/lying-disk.ts'
import {
  contentOf,
  entries,
  hardState,
  metadata,
  open,
  opened,
  refusal,
  state,
} from './support/opening.ts'

const small = { segmentBytesMax: 1024 }

async function contentIn(journal: Journal): Promise<Record<string, string> | null> {
  const reader = await journal.openSnapshot()
  if (reader === null) return null
  const content = await contentOf(reader.records())
  await reader.close()
  return content
}

async function bytesOf(reader: SnapshotReader, piece = 7): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < reader.size; at += piece) pieces.push(await reader.chunk(at, piece))
  return Buffer.concat(pieces)
}

/** What another member would send. */
async function donated(index: number, records: Record<string, string>, term = 1): Promise<Buffer> {
  const { journal } = await opened(new LyingDisk())
  await journal.saveSnapshot(metadata(index, term), state(records), 0)
  const reader = await journal.openSnapshot()
  if (reader === null) throw new Error('there is a snapshot')
  return bytesOf(reader, 1000)
}

async function receive(journal: Journal, index: number, bytes: Buffer, term = 1): Promise<void> {
  const receiver = await journal.receiveSnapshot(metadata(index, term))
  for (let at = 0; at < bytes.length; at += 50) {
    await receiver.write(at, bytes.subarray(at, at + 50))
  }
  const reader = await journal.installSnapshot(await receiver.finish())
  await reader.close()
}

test('a member that never had a snapshot has none to read', async () => {
  const { journal } = await opened(new LyingDisk())
  expect(await journal.openSnapshot()).toBeNull()
})

test('a snapshot comes back with its metadata, and the entries behind it', async () => {
  const disk = new LyingDisk()
  const first = await opened(disk)
  await first.journal.save(hardState(1, 6), entries(1, 8))
  await first.journal.saveSnapshot(metadata(5), state({ a: 'one', b: 'two' }), 5)
  const { journal, recovered, notices } = await opened(disk.crash(() => false))
  expect(recovered.snapshot).toEqual(metadata(5))
  expect(recovered.entries).toEqual(entries(6, 8))
  expect(await contentIn(journal)).toEqual({ a: 'one', b: 'two' })
  expect(notices).toEqual([])
})

test('the next snapshot holds only what changed, and reads as the whole', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(hardState(1, 9), entries(1, 9))
  const asked: number[] = []
  const big = 'x'.repeat(10_000)
  await journal.saveSnapshot(metadata(3), state({ a: big, b: 'two', c: 'three' }), 0)
  const changed = {
    records(since: number) {
      asked.push(since)
      return state({}, { b: 'TWO', c: null, d: 'four' }).records(since)
    },
  }
  await journal.saveSnapshot(metadata(6), changed, 0)
  expect(asked).toEqual([3])
  const sizes = (await disk.list('snap')).map((file) => file.size)
  expect(sizes[1]).toBeLessThan(400)
  const whole = { a: big, b: 'TWO', d: 'four' }
  expect(await contentIn(journal)).toEqual(whole)
  const second = await opened(disk.crash(() => false))
  expect(second.recovered.snapshot).toEqual(metadata(6))
  expect(await contentIn(second.journal)).toEqual(whole)
})

test('a snapshot costs what changed: bytes written stay in proportion, and chains stay short', async () => {
  const disk = new LyingDisk(4096)
  const { journal } = await opened(disk)
  await journal.save(hardState(1, 1), entries(1, 1))
  const whole = Object.fromEntries(
    Array.from({ length: 500 }, (_, n) => [`note-${n}`, 'x'.repeat(1000)]),
  )
  await journal.saveSnapshot(metadata(1), state(whole), 0)
  let written = 0
  disk.fault = async ({ verb, name }) => {
    if (verb === 'rename' && name.startsWith('snap/')) {
      written += disk.files().get(name)?.length ?? 0
    }
    return null
  }
  const rounds = 64
  for (let n = 2; n < 2 + rounds; n++) {
    await journal.save(hardState(1, n), entries(n, n))
    const changed = { [`note-${n}`]: 'y'.repeat(1000), [`note-${n + 100}`]: 'z'.repeat(1000) }
    await journal.saveSnapshot(metadata(n), state(whole, changed), 0)
  }
  const changedBytes = rounds * 2 * 1000
  expect(written / changedBytes).toBeLessThan(7) // log2 of the rounds and a little
  const reader = await journal.openSnapshot()
  expect(reader?.size).toBeLessThan(1.5 * 500 * 1050)
  expect((await disk.list('snap')).length).toBeLessThan(12)
  expect(Object.keys((await contentIn(journal)) ?? {}).length).toBe(500)
})

test('what is gone stays gone, also when the parts are folded together', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(hardState(1, 9), entries(1, 9))
  await journal.saveSnapshot(metadata(1), state({ a: '1', b: '1', c: '1' }), 0)
  await journal.saveSnapshot(metadata(2), state({}, { a: null, d: '2' }), 0)
  await journal.saveSnapshot(metadata(3), state({}, { b: null, a: '3' }), 0)
  await journal.saveSnapshot(metadata(4), state({}, { a: null }), 0)
  expect(await contentIn(journal)).toEqual({ c: '1', d: '2' })
  expect(await contentIn((await opened(disk.crash(() => false))).journal)).toEqual({
    c: '1',
    d: '2',
  })
})

test('records of every size survive, an empty one too', async () => {
  const { journal } = await opened(new LyingDisk(4096))
  await journal.save(hardState(1, 2), entries(1, 2))
  const whole = { empty: '', 'ключ 🗝': 'ü', big: 'b'.repeat(700_000), ['k'.repeat(1024)]: 'edge' }
  await journal.saveSnapshot(metadata(2), state(whole), 0)
  expect(await contentIn(journal)).toEqual(whole)
})

test('a key above its limit is a bug', async () => {
  const { journal } = await opened(new LyingDisk())
  await journal.save(hardState(1, 2), entries(1, 2))
  const records = state({ ['k'.repeat(1025)]: 'x' })
  await expect(journal.saveSnapshot(metadata(2), records, 0)).rejects.toThrow('key')
})

test('the log behind the snapshot before the newest is released, and no more than was allowed', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk, small)
  const firstKept = async (): Promise<number> =>
    Number((await disk.list('wal'))[0]?.name.split('-')[1])
  for (let n = 1; n <= 200; n++) await journal.save(hardState(1, n), entries(n, n))
  await journal.saveSnapshot(metadata(100), state({ a: '1' }), 100)
  expect(await firstKept()).toBe(1) // alone, it may rot
  await journal.saveSnapshot(metadata(200), state({ a: '2' }), 60)
  const kept = await firstKept()
  expect(kept).toBeGreaterThan(30)
  expect(kept).toBeLessThanOrEqual(61)
  for (let n = 201; n <= 220; n++) await journal.save(hardState(1, n), entries(n, n))
  await journal.saveSnapshot(metadata(220), state({ a: '3' }), 220)
  expect(await firstKept()).toBeGreaterThan(150)
  expect(await firstKept()).toBeLessThanOrEqual(201)
  const second = await opened(
    disk.crash(() => false),
    small,
  )
  expect(second.recovered.snapshot).toEqual(metadata(220))
  expect(second.recovered.entries).toEqual([])
  expect(second.notices).toEqual([])
})

test('two snapshots are kept; what neither needs is removed', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(hardState(1, 9), entries(1, 9))
  for (const n of [2, 4, 6]) {
    const records = state({ a: `${n}`.repeat(n * 5000) })
    await journal.saveSnapshot(metadata(n), records, 0)
  }
  const names = (await disk.list('snap')).map((file) => Number(file.name.slice(0, 16)))
  expect(names).toEqual([4, 6])
})

test('when the newest snapshot rots, the one before it and the log stand in, and the start says so', async () => {
  const disk = new LyingDisk()
  const first = await opened(disk, small)
  for (let n = 1; n <= 60; n++) await first.journal.save(hardState(1, n), entries(n, n))
  await first.journal.saveSnapshot(metadata(30), state({ a: 'thirty' }), 60)
  await first.journal.saveSnapshot(metadata(60), state({ a: 'sixty'.repeat(30) }), 60)
  await first.journal.close()
  flipBit(disk, 'snap/0000000000000060-0000000000000001', 1000)
  const { journal, recovered, notices } = await opened(disk, small)
  expect(recovered.snapshot).toEqual(metadata(30))
  expect(recovered.entries).toEqual(entries(31, 60))
  expect(recovered.hardState.commit).toBe(60)
  expect(notices.map((notice) => notice.kind)).toEqual(['snapshot-fallback'])
  expect(await contentIn(journal)).toEqual({ a: 'thirty' })
  expect((await disk.list('set-aside')).length).toBe(1)
  await journal.saveSnapshot(metadata(60), state({ a: 'sixty again' }), 60)
  await journal.close()
  const third = await opened(disk, small)
  expect(third.notices).toEqual([])
  expect(await contentIn(third.journal)).toEqual({ a: 'sixty again' })
})

test('when no snapshot is left and the log does not reach back, the start is refused by name', async () => {
  const disk = new LyingDisk()
  const first = await opened(disk, small)
  for (let n = 1; n <= 60; n++) await first.journal.save(hardState(1, n), entries(n, n))
  await first.journal.saveSnapshot(metadata(30), state({ a: 'thirty' }), 60)
  await first.journal.saveSnapshot(metadata(60), state({}, { b: 'x' }), 60)
  await first.journal.close()
  const base = 'snap/0000000000000060-0000000000000001'
  disk.tamper(base, null)
  disk.tamper('snap/0000000000000030-0000000000000001', null)
  expect(await refusal(disk, small)).toMatchObject({ kind: 'damaged', file: base })
})

test('[scenario 27] the index that a snapshot reflects and its data are one file: there is no moment between', async () => {
  const disk = new LyingDisk()
  const first = await opened(disk)
  await first.journal.save(hardState(1, 4), entries(1, 4))
  await first.journal.saveSnapshot(metadata(2), state({ applied: '2' }), 0)
  const before = disk.calls
  const probe = disk.copy()
  await (await opened(probe)).journal.saveSnapshot(metadata(4), state({ applied: '4' }), 0)
  const calls = probe.calls
  for (let k = 1; k <= calls; k++) {
    const copy = disk.copy()
    const { journal } = await opened(copy)
    copy.fault = ({ number }) => (number === k ? { kind: 'cut' } : null)
    await journal.saveSnapshot(metadata(4), state({ applied: '4' }), 0).catch(() => undefined)
    for (const kept of [() => false, () => true, (n: number) => n % 2 === 0]) {
      const after = await opened(copy.crash(kept))
      const content = await contentIn(after.journal)
      expect(content).toEqual({ applied: String(after.recovered.snapshot?.index) })
    }
  }
  expect(before).toBeGreaterThan(0)
})

test('[scenario 28] the log never names a snapshot that is not there: cut after every call', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk, small)
  for (let n = 1; n <= 40; n++) await journal.save(hardState(1, n), entries(n, n))
  await journal.saveSnapshot(metadata(20), state({ a: '20' }), 20)
  for (let k = 1; k < 60; k++) {
    const copy = disk.copy()
    const second = await opened(copy, small)
    const from = copy.calls
    copy.fault = ({ number }) => (number === from + k ? { kind: 'cut' } : null)
    await second.journal.saveSnapshot(metadata(40), state({ a: '40' }), 40).catch(() => undefined)
    for (const kept of [() => false, () => true, (n: number) => n % 2 === 1]) {
      const { recovered } = await opened(copy.crash(kept), small)
      expect([20, 40]).toContain(recovered.snapshot?.index)
      expect(recovered.entries.at(-1)?.index ?? recovered.snapshot?.index).toBe(40)
      expect(recovered.hardState).toEqual(hardState(1, 40))
    }
  }
})

test('[scenario 31] half-made snapshot files are cleaned away at a start', async () => {
  const disk = new LyingDisk()
  await (await opened(disk)).journal.close()
  disk.tamper('snap/0000000000000009-0000000000000001.tmp', new Uint8Array(10))
  disk.tamper('snap/0000000000000009-0000000000000001', new Uint8Array(10)) // the log does not name it
  disk.tamper('wal/0000000002-0000000000000001.tmp', new Uint8Array(10))
  const { notices } = await opened(disk)
  expect(notices.map((notice) => notice.kind)).toEqual(['cleaned', 'cleaned', 'cleaned'])
  expect(await disk.list('snap')).toEqual([])
  expect((await opened(disk)).notices).toEqual([])
})

test('a snapshot streams in pieces of any size, equal bytes at equal offsets', async () => {
  const { journal } = await opened(new LyingDisk())
  await journal.save(hardState(1, 9), entries(1, 9))
  await journal.saveSnapshot(metadata(3), state({ a: 'x'.repeat(3000), b: 'two' }), 0)
  await journal.saveSnapshot(metadata(5), state({}, { b: 'TWO' }), 0)
  const reader = await journal.openSnapshot()
  if (reader === null) throw new Error('there is a snapshot')
  const whole = await bytesOf(reader, 100_000)
  expect(whole.length).toBe(reader.size)
  for (const piece of [1, 7, 1024, 3000]) expect(await bytesOf(reader, piece)).toEqual(whole)
  expect(await reader.chunk(reader.size, 10)).toHaveLength(0)
})

test('a reader keeps its snapshot while newer ones come and go', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(hardState(1, 9), entries(1, 9))
  await journal.saveSnapshot(metadata(1), state({ a: 'old'.repeat(1000) }), 0)
  const reader = await journal.openSnapshot()
  for (const n of [2, 3, 4]) {
    const records = state({ a: `${n}`.repeat(4000 * n) })
    await journal.saveSnapshot(metadata(n), records, 0)
  }
  expect((await disk.list('snap')).length).toBe(3)
  if (reader === null) throw new Error('there is a snapshot')
  expect(await contentOf(reader.records())).toEqual({ a: 'old'.repeat(1000) })
  await reader.close()
  await reader.close()
  expect((await disk.list('snap')).length).toBe(2)
})

test('a snapshot of another member is staged, installed, and the log starts after it', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk, small)
  for (let n = 1; n <= 40; n++) await journal.save(hardState(1, n), entries(n, n))
  await receive(journal, 100, await donated(100, { a: 'theirs', b: 'too' }, 3), 3)
  const cut = await opened(
    disk.crash(() => false),
    small,
  )
  expect(cut.recovered).toEqual({
    hardState: hardState(3, 100), // the term and the commit that the snapshot proves
    snapshot: metadata(100, 3),
    entries: [],
  })
  await journal.save(hardState(3, 101, 2n), entries(101, 102, 3))
  expect((await disk.list('wal')).filter((file) => file.name.includes('-')).length).toBe(1)
  const { recovered, journal: after } = await opened(
    disk.crash(() => false),
    small,
  )
  expect(recovered.entries).toEqual(entries(101, 102, 3))
  expect(recovered.hardState).toEqual(hardState(3, 101, 2n))
  expect(await contentIn(after)).toEqual({ a: 'theirs', b: 'too' })
})

test('an installed snapshot of several parts serves as a base like our own', async () => {
  const donor = await opened(new LyingDisk())
  await donor.journal.save(hardState(1, 9), entries(1, 9))
  await donor.journal.saveSnapshot(metadata(3), state({ a: 'x'.repeat(3000), b: '3' }), 0)
  await donor.journal.saveSnapshot(metadata(9), state({}, { b: '9', c: '9' }), 0)
  const reader = await donor.journal.openSnapshot()
  if (reader === null) throw new Error('there is a snapshot')
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await receive(journal, 9, await bytesOf(reader, 4096))
  await journal.save(hardState(1, 12), entries(10, 12))
  await journal.saveSnapshot(metadata(11), state({}, { c: null }), 0)
  await journal.saveSnapshot(metadata(12), state({}, { d: '12' }), 0)
  const whole = { a: 'x'.repeat(3000), b: '9', d: '12' }
  expect(await contentIn(journal)).toEqual(whole)
  expect(await contentIn((await opened(disk.crash(() => false))).journal)).toEqual(whole)
})

test('a gap or a repeated offset rejects', async () => {
  const { journal } = await opened(new LyingDisk())
  const receiver = await journal.receiveSnapshot(metadata(9))
  await receiver.write(0, new Uint8Array(10))
  await expect(receiver.write(0, new Uint8Array(10))).rejects.toThrow('come next')
  await expect(receiver.write(11, new Uint8Array(10))).rejects.toThrow('come next')
  await receiver.write(10, new Uint8Array(10))
})

test('a received snapshot with any byte changed, cut or added is refused and changes nothing', async () => {
  const bytes = await donated(9, { a: 'one', b: 'two' })
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(hardState(1, 2), entries(1, 2))
  const wrongs: Buffer[] = [
    bytes.subarray(0, bytes.length - 1),
    Buffer.concat([bytes, Buffer.from([0])]),
    Buffer.concat([bytes, bytes]),
    Buffer.alloc(0),
  ]
  for (let at = 0; at < bytes.length; at++) {
    const wrong = Buffer.from(bytes)
    wrong[at] = (wrong[at] ?? 0) ^ 0x10
    wrongs.push(wrong)
  }
  for (const wrong of wrongs) {
    const receiver = await journal.receiveSnapshot(metadata(9))
    await receiver.write(0, wrong)
    await expect(receiver.finish()).rejects.toMatchObject({ name: 'SnapshotRefused' })
  }
  expect(await disk.list('snap')).toEqual([])
  const { recovered } = await opened(disk.crash(() => true))
  expect(recovered.entries).toEqual(entries(1, 2))
})

test('another snapshot than was announced is refused', async () => {
  const { journal } = await opened(new LyingDisk())
  const receiver = await journal.receiveSnapshot(metadata(8))
  await receiver.write(0, await donated(9, { a: 'one' }))
  await expect(receiver.finish()).rejects.toThrow('announced')
})

test('a staged snapshot that raft did not want leaves nothing behind', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  const receiver = await journal.receiveSnapshot(metadata(9))
  await receiver.write(0, await donated(9, { a: 'one' }))
  const staged = await receiver.finish()
  expect((await disk.list('snap')).length).toBe(1)
  await staged.discard()
  await staged.discard()
  const other = await journal.receiveSnapshot(metadata(9))
  await other.write(0, new Uint8Array(5))
  await other.discard()
  expect(await disk.list('snap')).toEqual([])
})

test('[scenario 39] snapshots in quick succession, with one of another member among them, take turns', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(hardState(1, 9), entries(1, 9))
  const theirs = await donated(20, { a: 'twenty' })
  const receiver = await journal.receiveSnapshot(metadata(20))
  await receiver.write(0, theirs)
  const staged = await receiver.finish()
  const [, , reader] = await Promise.all([
    journal.saveSnapshot(metadata(4), state({ a: 'four' }), 4),
    journal.saveSnapshot(metadata(5), state({ a: 'five' }), 5),
    journal.installSnapshot(staged),
    journal.saveSnapshot(metadata(6), state({ a: 'six' }), 6), // overtaken
  ])
  await reader.close()
  expect(await contentIn(journal)).toEqual({ a: 'twenty' })
  await journal.save(hardState(1, 20), entries(21, 21))
  const { recovered } = await opened(disk.crash(() => false))
  expect(recovered.snapshot?.index).toBe(20)
  expect(recovered.entries).toEqual(entries(21, 21))
})

test('[scenario 33] a snapshot that does not fit leaves everything as it was, and fits later', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(hardState(1, 9), entries(1, 9))
  const used = [...disk.files().values()].reduce((sum, file) => sum + file.length, 0)
  const records = state({ a: 'x'.repeat(2000) })
  for (let room = 0; room < 2200; room += 50) {
    disk.capacity = used + room
    const saving = journal.saveSnapshot(metadata(9), records, 9)
    await expect(saving).rejects.toMatchObject({ failure: 'full' })
    const { recovered } = await opened(disk.crash(() => true))
    expect(recovered.entries).toEqual(entries(1, 9))
  }
  disk.capacity = Number.POSITIVE_INFINITY
  await journal.saveSnapshot(metadata(9), records, 9)
  expect(await contentIn((await opened(disk.crash(() => false))).journal)).toEqual({
    a: 'x'.repeat(2000),
  })
})

test('[scenario 33] a received snapshot that does not fit gives its space back at once', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  const bytes = await donated(9, { a: 'x'.repeat(3000) })
  disk.capacity = [...disk.files().values()].reduce((sum, file) => sum + file.length, 0) + 1000
  const receiver = await journal.receiveSnapshot(metadata(9))
  await expect(receiver.write(0, bytes)).rejects.toMatchObject({ failure: 'full' })
  await expect(receiver.write(bytes.length, bytes)).rejects.toThrow('not wanted')
  expect(await disk.list('snap')).toEqual([])
  await journal.save(null, entries(1, 1))
})

test('[scenario 33] an installation that finds the disk full may be tried again', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  const receiver = await journal.receiveSnapshot(metadata(9))
  await receiver.write(0, await donated(9, { a: 'one' }))
  const staged = await receiver.finish()
  disk.capacity = 0
  await expect(journal.installSnapshot(staged)).rejects.toMatchObject({ failure: 'full' })
  disk.capacity = Number.POSITIVE_INFINITY
  await (await journal.installSnapshot(staged)).close()
  expect(await contentIn((await opened(disk.crash(() => false))).journal)).toEqual({ a: 'one' })
})

test('[scenario 33] a snapshot of our own between two attempts does not sweep away what waits to be installed', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(hardState(1, 3), entries(1, 3))
  const receiver = await journal.receiveSnapshot(metadata(9))
  await receiver.write(0, await donated(9, { a: 'theirs' }))
  const staged = await receiver.finish()
  disk.fault = ({ verb, name }) =>
    verb === 'write' && name.startsWith('wal/0') ? { kind: 'fail', failure: 'full' } : null
  await expect(journal.installSnapshot(staged)).rejects.toMatchObject({ failure: 'full' })
  disk.fault = () => null
  await journal.saveSnapshot(metadata(3), state({ a: 'ours' }), 3)
  await (await journal.installSnapshot(staged)).close()
  await staged.discard()
  const { recovered, journal: again } = await opened(disk.crash(() => false))
  expect(recovered.snapshot?.index).toBe(9)
  expect(await contentIn(again)).toEqual({ a: 'theirs' })
})

test('[scenario 33] what was named but never installed goes when it is discarded', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  const receiver = await journal.receiveSnapshot(metadata(9))
  await receiver.write(0, await donated(9, { a: 'theirs' }))
  const staged = await receiver.finish()
  disk.fault = ({ verb, name }) =>
    verb === 'write' && name.startsWith('wal/0') ? { kind: 'fail', failure: 'full' } : null
  await expect(journal.installSnapshot(staged)).rejects.toMatchObject({ failure: 'full' })
  disk.fault = () => null
  await staged.discard()
  expect(await disk.list('snap')).toEqual([])
  await expect(journal.installSnapshot(staged)).rejects.toThrow('not after it was discarded')
})

test.each(['installed', 'own'] as const)(
  '[scenario 28] a snapshot (%s) that the full disk let into the log, but not what belongs behind it, keeps its file until the log is cut back',
  async (kind) => {
    const disk = new LyingDisk()
    const first = await opened(disk)
    await first.journal.save(hardState(1, 3), entries(1, 3))
    await first.journal.close()
    const segment = 'wal/0000000001-0000000000000001'
    const segmentBytesMax = (disk.files().get(segment)?.length ?? 0) + 10
    const { journal } = await opened(disk, { segmentBytesMax })
    const receiver = await journal.receiveSnapshot(metadata(9))
    await receiver.write(0, await donated(9, { a: 'theirs' }))
    const staged = await receiver.finish()
    // The record of the snapshot is written whole; then there is no room for the seal of the segment.
    let writes = 0
    disk.fault = ({ verb, name }) => {
      if (verb === 'truncate') return { kind: 'fail', failure: 'full' }
      if (verb !== 'write' || name !== segment) return null
      writes += 1
      return writes === 1 ? { kind: 'short', bytes: 60 } : { kind: 'fail', failure: 'full' }
    }
    const attempts =
      kind === 'installed'
        ? [journal.installSnapshot(staged)]
        : [journal.saveSnapshot(metadata(3), state({ a: 'ours' }), 3)]
    const answers = await Promise.allSettled(attempts)
    expect(answers[0]).toMatchObject({ reason: { failure: 'full' } })
    await staged.discard()
    const start = await opened(disk.copy())
    expect(start.recovered.snapshot?.index).toBe(kind === 'own' ? 3 : 9)
    for (const image of [disk.crash(() => true), disk.crash(() => false)]) await opened(image)
    disk.fault = () => null
    await journal.saveSnapshot(metadata(3), state({ a: 'again' }), 3)
    expect((await disk.list('snap')).length).toBe(1)
    const { notices, journal: next } = await opened(disk.crash(() => false))
    expect(notices).toEqual([])
    expect(await contentIn(next)).toEqual({ a: 'again' })
  },
)

test('[scenario 34] a failed sync of a snapshot stops the journal for good', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(hardState(1, 9), entries(1, 9))
  disk.fault = ({ verb, name }) =>
    verb === 'sync' && name.startsWith('snap/') ? { kind: 'fail', failure: 'broken' } : null
  await expect(journal.saveSnapshot(metadata(9), state({ a: '1' }), 9)).rejects.toThrow()
  disk.fault = () => null
  await expect(journal.save(null, entries(10, 10))).rejects.toThrow('sync fails')
})

test('[scenario 35] a parent that rots while the journal is in use is replaced by a whole snapshot, and told', async () => {
  const disk = new LyingDisk()
  const told: string[] = []
  const { openJournal } = await import('../../src-main/journal/open.ts')
  const { StillClock } = await import('./support/still-clock.ts')
  const { seededRandom } = await import('../support/seeded-random.ts')
  const outcome = await openJournal(disk, {
    clock: new StillClock(),
    random: seededRandom(1),
    onNotice: (notice) => told.push(notice.kind),
  })
  if (!outcome.ok) throw new Error('it opens')
  const { journal } = outcome.value
  await journal.save(hardState(1, 9), entries(1, 9))
  await journal.saveSnapshot(metadata(3), state({ a: 'three' }), 0)
  flipBit(disk, 'snap/0000000000000003-0000000000000001', 400)
  await journal.saveSnapshot(metadata(5), state({ a: 'five', b: 'x' }, { b: 'x' }), 0)
  expect(told).toEqual(['snapshot-set-aside'])
  expect(await contentIn(journal)).toEqual({ a: 'five', b: 'x' })
  expect((await open(disk)).ok).toBe(true)
})

test('what a start finds is told like what is found later', async () => {
  const disk = new LyingDisk()
  await (await opened(disk)).journal.close()
  disk.tamper('wal/reserve', null)
  const told: string[] = []
  const { notices } = await opened(disk, { onNotice: (notice) => told.push(notice.kind) })
  expect(told).toEqual(['reserve-repaired'])
  expect(notices.map((notice) => notice.kind)).toEqual(told)
})

test('saving goes on while a snapshot is written', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(hardState(1, 9), entries(1, 9))
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  disk.fault = async ({ verb, name }) => {
    if (verb === 'sync' && name.startsWith('snap/')) await held
    return null
  }
  const saving = journal.saveSnapshot(metadata(9), state({ a: '1' }), 9)
  await journal.save(hardState(1, 10), entries(10, 12))
  release()
  await saving
  expect((await opened(disk.crash(() => false))).recovered.entries).toEqual(entries(10, 12))
})
