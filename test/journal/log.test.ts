import { expect, test } from 'vitest'
import { markRideBatches } from '../../src-main/journal/limits.ts'
import { readMark } from '../../src-main/journal/mark-file.ts'
import { LyingDisk } from '../support/lying-disk.ts'
import { entries, entry, hardState, open, opened, refusal } from './support/opening.ts'
import { StillClock } from './support/still-clock.ts'

const small = { segmentBytesMax: 1024 }

test('an empty directory is a member that never wrote anything', async () => {
  const { recovered, notices } = await opened(new LyingDisk())
  expect(recovered).toEqual({
    hardState: { term: 0, vote: 0n, commit: 0 },
    snapshot: null,
    entries: [],
  })
  expect(notices).toEqual([])
})

test('what was saved comes back, through as many segments as it took', async () => {
  const disk = new LyingDisk()
  const first = await opened(disk, small)
  for (let n = 1; n <= 100; n++) await first.journal.save(hardState(1, n - 1, 7n), entries(n, n))
  await first.journal.close()
  expect((await disk.list('wal')).length).toBeGreaterThan(5)
  const { recovered, notices } = await opened(disk, small)
  expect(recovered.entries).toEqual(entries(1, 100))
  expect(recovered.hardState).toEqual(hardState(1, 99, 7n))
  expect(notices).toEqual([])
})

test('entries of every type, with bytes, with none and with no field, come back as they were', async () => {
  const disk = new LyingDisk()
  const saved = [
    { ...entry(1), data: null },
    { ...entry(2), data: new Uint8Array(0) },
    { ...entry(3), type: 'EntryConfChange' as const },
    { ...entry(4), type: 'EntryConfChangeV2' as const, data: new Uint8Array(70_000).fill(3) },
  ]
  const first = await opened(disk)
  await first.journal.save(null, saved)
  await first.journal.close()
  expect((await opened(disk)).recovered.entries).toEqual(saved)
})

test('a suffix of an older term gives way', async () => {
  const disk = new LyingDisk()
  const first = await opened(disk)
  await first.journal.save(hardState(1, 3), entries(1, 9))
  await first.journal.save(hardState(2, 4), entries(5, 6, 2))
  await first.journal.close()
  const { recovered } = await opened(disk)
  expect(recovered.entries).toEqual([...entries(1, 4), ...entries(5, 6, 2)])
})

test('entries that are saved again are not written again, and cut off nothing', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(hardState(2, 2), [...entries(1, 3), ...entries(4, 6, 2)])
  const size = disk.files().get('wal/0000000001-0000000000000001')?.length
  await journal.save(null, entries(2, 3))
  await journal.save(null, [...entries(3, 3), ...entries(4, 5, 2)])
  expect(disk.files().get('wal/0000000001-0000000000000001')?.length).toBe(size)
  await journal.save(null, [...entries(4, 5, 2), ...entries(6, 7, 3)])
  const again = await opened(disk.crash(() => false))
  const all = [...entries(1, 3), ...entries(4, 5, 2), ...entries(6, 7, 3)]
  expect(again.recovered.entries).toEqual(all)
  await again.journal.save(null, [...entries(3, 3), ...entries(4, 5, 2)])
  expect((await opened(disk.crash(() => false))).recovered.entries).toEqual(all)
})

test('the promise of a save is kept through a power cut that loses everything else', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(hardState(1, 0, 2n), entries(1, 3))
  const { recovered } = await opened(disk.crash(() => false))
  expect(recovered.entries).toEqual(entries(1, 3))
  expect(recovered.hardState).toEqual(hardState(1, 0, 2n))
})

test('calls of one turn share one sync, and those that arrive while the disk works the next', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  let syncs = 0
  disk.fault = ({ verb }) => {
    if (verb === 'sync') syncs += 1
    return null
  }
  const saves = [1, 2, 3, 4].map((n) => journal.save(null, entries(n, n)))
  await saves[0]
  expect(syncs).toBe(1)
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  disk.fault = async ({ verb }) => {
    if (verb === 'sync' && ++syncs === 2) await held
    return null
  }
  saves.push(journal.save(null, entries(5, 5)))
  await new Promise((resolve) => setImmediate(resolve))
  saves.push(...[6, 7, 8].map((n) => journal.save(null, entries(n, n))))
  release()
  await Promise.all(saves)
  expect(syncs).toBe(3)
  expect((await opened(disk.crash(() => false))).recovered.entries).toEqual(entries(1, 8))
})

test('[J1] entries that leave a gap are a bug', async () => {
  const { journal } = await opened(new LyingDisk())
  await expect(journal.save(null, entries(2, 3))).rejects.toThrow('[J1]')
  await expect(journal.save(null, [entry(1), entry(3)])).rejects.toThrow('[J1]')
})

test('what a killed process left in the memory of the system is made durable before raft builds on it', async () => {
  const disk = new LyingDisk()
  const first = await opened(disk)
  disk.fault = ({ verb }) => (verb === 'sync' ? new Promise(() => undefined) : null)
  const save = first.journal.save(null, entries(1, 2))
  save.catch(() => undefined)
  await new Promise((resolve) => setImmediate(resolve))
  disk.fault = () => null // the process is gone; the same machine goes on
  expect((await opened(disk)).recovered.entries).toEqual(entries(1, 2))
  expect((await opened(disk.crash(() => false))).recovered.entries).toEqual(entries(1, 2))
})

test('[scenario 34] after the first failed sync nothing is acknowledged any more, whatever the disk says later', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(null, entries(1, 2))
  let isFirst = true
  disk.fault = ({ verb }) => {
    if (verb !== 'sync' || !isFirst) return null
    isFirst = false
    return { kind: 'fail', failure: 'broken' }
  }
  const waiting = [journal.save(null, entries(3, 3)), journal.save(null, entries(4, 4))]
  for (const save of waiting) await expect(save).rejects.toThrow('sync fails')
  await expect(journal.save(null, entries(3, 3))).rejects.toThrow('sync fails')
  await expect(journal.openSnapshot()).rejects.toThrow('sync fails')
  const calls = disk.calls
  await journal.close()
  expect(disk.calls).toBe(calls) // not even to tidy up
  const { recovered } = await opened(disk.crash(() => false))
  expect(recovered.entries).toEqual(entries(1, 2))
})

test.each(['full', 'read-only'] as const)(
  '[scenario 34] a sync that fails with %s is as final as any',
  async (failure) => {
    const disk = new LyingDisk()
    const { journal } = await opened(disk)
    disk.fault = ({ verb }) => (verb === 'sync' ? { kind: 'fail', failure } : null)
    await expect(journal.save(null, entries(1, 1))).rejects.toMatchObject({ failure: 'broken' })
    disk.fault = () => null
    await expect(journal.save(null, entries(1, 1))).rejects.toMatchObject({ failure: 'broken' })
  },
)

test('[scenario 33] a short write is noticed and finished', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  disk.fault = ({ verb }) => (verb === 'write' ? { kind: 'short', bytes: 7 } : null)
  await journal.save(hardState(1, 1), entries(1, 3))
  expect((await opened(disk.crash(() => false))).recovered.entries).toEqual(entries(1, 3))
})

test('[scenario 33] a full disk acknowledges nothing and the same batch goes through when there is space', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(null, entries(1, 2))
  disk.capacity = [...disk.files().values()].reduce((sum, file) => sum + file.length, 0) + 50
  const full = { name: 'DiskFailed', failure: 'full' }
  const batch = (): Promise<void>[] => [
    journal.save(null, entries(3, 3)),
    journal.save(hardState(2, 2), entries(4, 4)),
  ]
  for (const save of batch()) await expect(save).rejects.toMatchObject(full)
  for (const save of batch()) await expect(save).rejects.toMatchObject(full)
  await expect(journal.save(null, entries(5, 5))).rejects.toThrow('[J1]') // 3 and 4 are not there
  expect((await opened(disk.crash(() => true))).recovered.entries).toEqual(entries(1, 2))
  disk.capacity = Number.POSITIVE_INFINITY
  await Promise.all(batch())
  const { recovered, notices } = await opened(disk.crash(() => false))
  expect(recovered.entries).toEqual(entries(1, 4))
  expect(recovered.hardState).toEqual(hardState(2, 2))
  expect(notices).toEqual([])
})

test('[scenario 33] a disk that became read-only is waited for in the same way', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(null, entries(1, 2))
  disk.isReadOnly = true
  await expect(journal.save(null, entries(3, 3))).rejects.toMatchObject({ failure: 'read-only' })
  disk.isReadOnly = false
  await journal.save(null, entries(3, 3))
  expect((await opened(disk.crash(() => false))).recovered.entries).toEqual(entries(1, 3))
})

test('[scenario 33] a new segment that does not fit is tried again', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk, small)
  let saved = 0
  while ((await disk.list('wal')).filter((file) => file.name.includes('-')).length < 2) {
    saved += 1
    disk.capacity = Number.POSITIVE_INFINITY
    const before = await disk.list('wal')
    await journal.save(null, entries(saved, saved))
    if (before.length !== (await disk.list('wal')).length) break
    // The next save may need a new segment; there is no room for one.
    disk.capacity = 0
    const tried = journal.save(null, entries(saved + 1, saved + 1))
    await expect(tried).rejects.toMatchObject({ failure: 'full' })
  }
  const { recovered } = await opened(
    disk.crash(() => false),
    small,
  )
  expect(recovered.entries).toEqual(entries(1, saved))
})

test('[scenario 33] a start works with no byte free, and with a disk that is read-only', async () => {
  const disk = new LyingDisk()
  const first = await opened(disk)
  await first.journal.save(null, entries(1, 2))
  await first.journal.close()
  for (const harden of [
    (copy: LyingDisk) => {
      copy.capacity = 0
    },
    (copy: LyingDisk) => {
      copy.isReadOnly = true
    },
  ]) {
    const copy = disk.copy()
    harden(copy)
    const { journal, recovered } = await opened(copy)
    expect(recovered.entries).toEqual(entries(1, 2))
    await expect(journal.save(null, entries(3, 3))).rejects.toThrow()
    copy.capacity = Number.POSITIVE_INFINITY
    copy.isReadOnly = false
    await journal.save(null, entries(3, 3))
    await journal.close()
    expect((await opened(copy)).recovered.entries).toEqual(entries(1, 3))
  }
})

test('a journal that is closed takes nothing more; closing twice is fine', async () => {
  const { journal } = await opened(new LyingDisk())
  await journal.close()
  await journal.close()
  await expect(journal.save(null, entries(1, 1))).rejects.toThrow('closed')
})

test('the durable mark costs no sync of its own while saves come in, and is brought up to date when idle', async () => {
  const disk = new LyingDisk()
  const clock = new StillClock()
  const { journal } = await opened(disk, { clock })
  const synced: string[] = []
  disk.fault = ({ verb, name }) => {
    if (verb === 'sync') synced.push(name)
    return null
  }
  for (let n = 1; n <= 10; n++) await journal.save(null, entries(n, n))
  clock.ring() // not idle: there was something new
  await new Promise((resolve) => setImmediate(resolve))
  expect(synced.filter((name) => name === 'wal/mark')).toEqual([])
  clock.ring()
  await new Promise((resolve) => setImmediate(resolve))
  expect(synced.filter((name) => name === 'wal/mark').length).toBe(2)
  clock.ring()
  await new Promise((resolve) => setImmediate(resolve))
  expect(synced.filter((name) => name === 'wal/mark').length).toBe(2)
})

test('the mark rides along with every so many batches, and says nothing that is not durable', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  const known: (number | undefined)[] = []
  for (let n = 1; n <= 2 * markRideBatches; n++) {
    await journal.save(null, entries(n, n))
    const read = await readMark(disk)
    known.push(read.ok ? read.value?.mark.lastIndex : undefined)
  }
  const first = markRideBatches - 1
  const rode = Array.from({ length: markRideBatches }, () => first)
  const last = 2 * markRideBatches - 1
  expect(known).toEqual([...Array.from({ length: first }, () => 0), ...rode, last])
})

test('a log cut exactly between two records is noticed when the member was idle', async () => {
  const disk = new LyingDisk()
  const clock = new StillClock()
  const { journal } = await opened(disk, { clock })
  const name = 'wal/0000000001-0000000000000001'
  const lengths: number[] = []
  for (let n = 1; n <= 5; n++) {
    lengths.push(disk.files().get(name)?.length ?? 0)
    await journal.save(null, entries(n, n))
  }
  clock.ring()
  clock.ring()
  await new Promise((resolve) => setImmediate(resolve))
  for (const [n, length] of lengths.entries()) {
    const cut = disk.crash(() => false)
    cut.tamper(name, disk.files().get(name)?.subarray(0, length) ?? null)
    expect(await refusal(cut)).toMatchObject({
      kind: 'shorter-than-mark',
      file: name,
      offset: length,
      entryIndex: n + 1,
    })
  }
})

test('[scenario 29] a torn tail is set aside and cut, and what comes after it is whole', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(null, entries(1, 3))
  disk.fault = ({ verb }) => (verb === 'sync' ? { kind: 'cut' } : null)
  await expect(journal.save(null, [entry(4, 1, 'x'.repeat(2000))])).rejects.toThrow()
  const torn = disk.crash((n) => n % 2 === 0)
  const name = 'wal/0000000001-0000000000000001'
  const before = torn.files().get(name)
  const second = await opened(torn)
  expect(second.recovered.entries).toEqual(entries(1, 3))
  expect(second.notices.map((notice) => notice.kind)).toEqual(['torn-tail'])
  const [copy] = [...torn.files()].filter(([file]) => file.startsWith('set-aside/'))
  const end = torn.files().get(name)?.length ?? 0
  expect(copy?.[1]).toEqual(before?.subarray(end))
  await second.journal.save(null, entries(4, 5))
  await second.journal.close()
  const third = await opened(torn)
  expect(third.recovered.entries).toEqual(entries(1, 5))
  expect(third.notices).toEqual([])
})

test('[scenario 33] a torn tail is cut on a full disk too: the reserve makes room for its copy', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(null, entries(1, 3))
  disk.fault = ({ verb }) => (verb === 'sync' ? { kind: 'cut' } : null)
  await expect(journal.save(null, [entry(4, 1, 'x'.repeat(2000))])).rejects.toThrow()
  const torn = disk.crash((n) => n % 2 === 0)
  torn.capacity = [...torn.files().values()].reduce((sum, file) => sum + file.length, 0)
  const { recovered, notices } = await opened(torn)
  expect(recovered.entries).toEqual(entries(1, 3))
  expect(notices.map((notice) => notice.kind)).toEqual(['torn-tail'])
  expect([...torn.files().keys()].some((file) => file.startsWith('set-aside/'))).toBe(true)
  expect(torn.files().has('wal/reserve')).toBe(false)
  torn.capacity = Number.POSITIVE_INFINITY
  const third = await opened(torn)
  expect(third.notices.map((notice) => notice.kind)).toEqual(['reserve-repaired'])
  expect(torn.files().has('wal/reserve')).toBe(true)
})

test('[scenario 33] a torn tail on a read-only disk waits, and nothing is saved before it is cut', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(null, entries(1, 3))
  disk.fault = ({ verb }) => (verb === 'sync' ? { kind: 'cut' } : null)
  await expect(journal.save(null, [entry(4, 1, 'x'.repeat(2000))])).rejects.toThrow()
  const torn = disk.crash((n) => n % 2 === 0)
  torn.isReadOnly = true
  const second = await opened(torn)
  expect(second.recovered.entries).toEqual(entries(1, 3))
  expect(second.notices.map((notice) => notice.kind)).toEqual(['torn-tail', 'not-mended'])
  await expect(second.journal.save(null, entries(4, 4))).rejects.toThrow()
  torn.isReadOnly = false
  await second.journal.save(null, entries(4, 4))
  expect((await opened(torn.crash(() => false))).recovered.entries).toEqual(entries(1, 4))
})

test('[scenario 29] bytes behind the end that a later record calls durable are damage, not a torn tail', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  const name = 'wal/0000000001-0000000000000001'
  await journal.save(null, entries(1, 1))
  const at = disk.files().get(name)?.length ?? 0
  await journal.save(null, entries(2, 2))
  await journal.save(null, entries(3, 3))
  const rotten = disk.crash(() => false) // the mark on the platter knows of none of this
  const content = Buffer.from(rotten.files().get(name) ?? [])
  content[at + 40] = (content[at + 40] ?? 0) ^ 4
  rotten.tamper(name, content)
  expect(await refusal(rotten)).toMatchObject({
    kind: 'damaged',
    file: name,
    offset: at,
    entryIndex: 2,
  })
})

test('[scenario 32] a huge length is refused without being believed', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(null, entries(1, 1))
  await journal.close()
  const name = 'wal/0000000001-0000000000000001'
  const content = Buffer.from(disk.files().get(name) ?? [])
  content.writeUInt32LE(0xffff_fff0, 64)
  disk.tamper(name, content)
  expect(await refusal(disk)).toMatchObject({ kind: 'damaged', file: name, offset: 64 })
})

test('a newer format is refused by name and not called damage', async () => {
  const disk = new LyingDisk()
  await (await opened(disk)).journal.close()
  const { crc32 } = await import('node:zlib')
  for (const name of ['wal/mark', 'wal/0000000001-0000000000000001']) {
    const copy = disk.copy()
    const content = Buffer.from(copy.files().get(name) ?? [])
    content.writeUInt32LE(2, 8)
    content.writeUInt32LE(crc32(content.subarray(0, 12)), 12)
    copy.tamper(name, content)
    const refused = await refusal(copy)
    expect(refused).toMatchObject({ kind: 'newer-format', file: name })
    expect(refused.advice).toContain('Update')
  }
})

test.each([
  ['the mark', 'wal/mark'],
  ['the only segment', 'wal/0000000001-0000000000000001'],
])('%s may not be missing', async (_, name) => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(null, entries(1, 1))
  await journal.close()
  disk.tamper(name, null)
  expect((await refusal(disk)).kind).toBe('damaged')
})

test('a file of another directory is recognised', async () => {
  const [one, other] = [new LyingDisk(), new LyingDisk()]
  for (const [seed, disk] of [one, other].entries()) {
    const { journal } = await opened(disk, { seed })
    await journal.save(null, entries(1, 3))
    await journal.close()
  }
  one.tamper('wal/mark', other.files().get('wal/mark') ?? null)
  expect(await refusal(one)).toMatchObject({ kind: 'damaged', file: 'wal/mark' })
})

test('[scenario 31] a directory whose making was interrupted is made again', async () => {
  const calls = new LyingDisk()
  await opened(calls)
  for (let k = 1; k <= calls.calls; k++) {
    for (const kept of [() => false, () => true, (n: number) => n % 2 === 0]) {
      const disk = new LyingDisk()
      disk.fault = ({ number }) => (number === k ? { kind: 'cut' } : null)
      await open(disk)
      const { journal, recovered } = await opened(disk.crash(kept))
      expect(recovered.entries).toEqual([])
      await journal.save(hardState(1, 0), entries(1, 2))
      await journal.close()
    }
  }
})

test('a disk that cannot be read refuses the start and says so', async () => {
  const disk = new LyingDisk()
  await (await opened(disk)).journal.close()
  disk.fault = ({ name }) => (name === 'wal/mark' ? { kind: 'fail', failure: 'broken' } : null)
  expect(await refusal(disk)).toMatchObject({ kind: 'disk', file: 'wal/mark' })
})
