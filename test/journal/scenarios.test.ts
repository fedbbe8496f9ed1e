import { expect, test } from 'vitest'
import { LyingDisk } from '../support/lying-disk.ts'
import {
  entries,
  entry,
  hardState,
  metadata,
  open,
  opened,
  refusal,
  state,
} from './support/opening.ts'

const segment = 'wal/0000000001-0000000000000001'

test('[scenario 22] a member whose log is shorter than what it once made durable may not go on as it is', async () => {
  const disk = new LyingDisk()
  const first = await opened(disk)
  await first.journal.save(hardState(1, 1), entries(1, 2))
  await first.journal.close()
  const backup = disk.files().get(segment) ?? null
  const second = await opened(disk)
  await second.journal.save(hardState(4, 3, 9n), entries(3, 5, 4))
  await second.journal.close()
  disk.tamper(segment, backup)
  const refused = await refusal(disk)
  expect(refused).toMatchObject({ kind: 'shorter-than-mark', file: segment, entryIndex: 3 })
  expect(refused.message).toContain('entry 5')
  expect(refused.advice).toContain('new id')
})

test('[scenario 26] nothing is acknowledged before it is on the disk: a group of one, cut at every call', async () => {
  for (let k = 1; k <= 12; k++) {
    const disk = new LyingDisk()
    const { journal } = await opened(disk)
    const from = disk.calls
    disk.fault = ({ number }) => (number === from + k ? { kind: 'cut' } : null)
    let acknowledged = 0
    for (let n = 1; n <= 3; n++) {
      const isSaved = await journal.save(hardState(1, n), entries(n, n)).then(
        () => true,
        () => false,
      )
      if (isSaved) acknowledged = n
    }
    const { recovered } = await opened(disk.crash(() => false))
    expect(recovered.entries.length).toBeGreaterThanOrEqual(acknowledged)
  }
})

test('[scenario 29] records behind a hole of zeros are not read: the log ends where the hole begins', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(null, entries(1, 1))
  const end = disk.files().get(segment)?.length ?? 0
  await journal.save(null, [entry(2, 1, 'x'.repeat(1500)), ...entries(3, 9)])
  // The size and the last sectors of that write arrived, the first ones did not.
  const torn = disk.crash(() => false)
  const content = Buffer.from(torn.files().get(segment) ?? [])
  torn.tamper(segment, content.fill(0, end, end + 1024))
  const { recovered, journal: next } = await opened(torn)
  expect(recovered.entries).toEqual(entries(1, 1))
  await next.save(null, entries(2, 4))
  expect((await opened(torn.crash(() => false))).recovered.entries).toEqual(entries(1, 4))
})

test('[scenario 29] a last record that is there in part, at every length, is a torn tail', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(null, entries(1, 2))
  const end = disk.files().get(segment)?.length ?? 0
  await journal.save(null, entries(3, 3))
  const whole = disk.files().get(segment) ?? Buffer.alloc(0)
  for (let length = end + 1; length < whole.length; length++) {
    const torn = disk.crash(() => false)
    torn.tamper(segment, whole.subarray(0, length))
    const { recovered, notices } = await opened(torn)
    expect(recovered.entries).toEqual(entries(1, 2))
    expect(notices.map((notice) => notice.kind)).toEqual(['torn-tail'])
  }
})

test('[scenario 30] a snapshot and a new segment are named durably before anything counts on them', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk, { segmentBytesMax: 600 })
  for (let n = 1; n <= 20; n++) {
    await journal.save(hardState(1, n), entries(n, n))
    if (n % 5 === 0) await journal.saveSnapshot(metadata(n), state({ at: String(n) }), n)
    const { recovered } = await opened(
      disk.crash(() => false),
      { segmentBytesMax: 600 },
    )
    expect(recovered.snapshot?.index ?? 0).toBe(n - (n % 5))
    expect(recovered.entries.at(-1)?.index ?? recovered.snapshot?.index).toBe(n)
  }
})

test('[scenario 35] a damaged segment is refused the same way however often it is started, and left as it is', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(null, entries(1, 5))
  await journal.close()
  const content = Buffer.from(disk.files().get(segment) ?? [])
  content[200] = (content[200] ?? 0) ^ 1
  disk.tamper(segment, content)
  const before = new Map(disk.files())
  const first = await refusal(disk)
  for (let n = 0; n < 3; n++) expect(await refusal(disk)).toEqual(first)
  expect(disk.files()).toEqual(before)
})

test('[scenario 35] closing with saves under way finishes them first', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  const saves = [1, 2, 3].map((n) => journal.save(null, entries(n, n)))
  await Promise.all([journal.close(), ...saves])
  expect((await opened(disk.crash(() => false))).recovered.entries).toEqual(entries(1, 3))
})

test('[scenario 37] the log stays bounded while snapshots are taken, however long it goes on', async () => {
  const disk = new LyingDisk(4096)
  const { journal } = await opened(disk, { segmentBytesMax: 4096 })
  let most = 0
  for (let n = 1; n <= 600; n++) {
    await journal.save(hardState(1, n), [entry(n, 1, 'x'.repeat(200))])
    if (n % 20 === 0) await journal.saveSnapshot(metadata(n), state({ at: String(n) }), n)
    const wal = await disk.list('wal')
    const log = wal.filter((file) => file.name.includes('-'))
    most = Math.max(
      most,
      log.reduce((sum, file) => sum + file.size, 0),
    )
  }
  expect(most).toBeLessThan(6 * 4096) // two intervals of 20 entries, and the segments they lie in
})

test.each([
  ['empty', () => Buffer.alloc(0)],
  ['all zeros', (content: Buffer) => Buffer.alloc(content.length)],
  ['cut in half', (content: Buffer) => content.subarray(0, content.length >> 1)],
])(
  '[scenario 49] no file of the journal that is %s after a power cut goes unnoticed',
  async (_, change) => {
    const disk = new LyingDisk()
    const first = await opened(disk)
    await first.journal.save(hardState(1, 4), entries(1, 4))
    await first.journal.saveSnapshot(metadata(4), state({ a: 'x' }), 4)
    await first.journal.close()
    for (const [name, content] of disk.files()) {
      const copy = disk.copy()
      copy.tamper(name, change(content))
      const outcome = await open(copy)
      if (!outcome.ok) {
        expect(outcome.error).toMatchObject({ file: name })
        continue
      }
      expect(outcome.value.notices.length).toBeGreaterThan(0)
      const { snapshot, entries: found } = outcome.value.recovered
      expect(snapshot === null ? found : [snapshot.index]).toEqual(
        snapshot === null ? entries(1, 4) : [4],
      )
    }
  },
)
