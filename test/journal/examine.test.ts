import { expect, test } from 'vitest'
import { examineJournal } from '../../src-main/journal/examine.ts'
import { flipBit, LyingDisk } from '../support/lying-disk.ts'
import { entries, entry, hardState, metadata, opened, state } from './support/opening.ts'

const segment = 'wal/0000000001-0000000000000001'

async function closed(): Promise<LyingDisk> {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  await journal.save(hardState(2, 4), entries(1, 5))
  await journal.saveSnapshot(metadata(3), state({ a: 'x' }), 3)
  await journal.close()
  return disk
}

test('a directory that was closed cleanly is sound, and examining changes nothing', async () => {
  const disk = await closed()
  const before = new Map(disk.files())
  disk.isReadOnly = true
  const examination = await examineJournal(disk)
  expect(examination).toMatchObject({ verdict: 'sound', findings: [] })
  expect(examination.summary).toContain('ends at index 5')
  expect(disk.files()).toEqual(before)
})

test('a directory in which nothing was stored yet is sound', async () => {
  expect((await examineJournal(new LyingDisk())).verdict).toBe('sound')
})

test('a torn tail is repairable, and after a start the directory is sound again', async () => {
  const disk = await closed()
  const { journal } = await opened(disk)
  disk.fault = ({ verb }) => (verb === 'sync' ? { kind: 'cut' } : null)
  await expect(journal.save(null, [entry(6, 1, 'x'.repeat(900))])).rejects.toThrow()
  const torn = disk.crash((n) => n % 2 === 0)
  const examination = await examineJournal(torn)
  expect(examination.verdict).toBe('repairable')
  expect(examination.findings[0]).toMatchObject({ severity: 'repairable', file: segment })
  await (await opened(torn)).journal.close()
  expect((await examineJournal(torn)).verdict).toBe('sound')
})

test('damage is named with file, offset, entry index and advice, and so is further damage in the snapshots', async () => {
  const disk = await closed()
  flipBit(disk, segment, 8 * 200)
  flipBit(disk, 'snap/0000000000000003-0000000000000001', 8 * 30)
  const { verdict, findings } = await examineJournal(disk)
  expect(verdict).toBe('damaged')
  const [log, snapshot] = findings
  expect(log).toMatchObject({ severity: 'damaged', file: segment, entryIndex: expect.any(Number) })
  expect(log?.offset).toBeGreaterThan(0)
  expect(log?.advice).toContain('Do not delete')
  expect(snapshot?.file).toBe('snap/0000000000000003-0000000000000001')
})

test('a file that is not ours is mentioned and nothing more', async () => {
  const disk = await closed()
  disk.tamper('wal/.DS_Store', new Uint8Array(3))
  const { verdict, findings } = await examineJournal(disk)
  expect(verdict).toBe('sound')
  expect(findings).toMatchObject([{ severity: 'note', file: 'wal/.DS_Store' }])
})

test('a member that did not stop cleanly is sound, with a word about it', async () => {
  const disk = new LyingDisk()
  const { journal } = await opened(disk)
  for (let n = 1; n <= 3; n++) await journal.save(null, entries(n, n))
  const { verdict, findings } = await examineJournal(disk.copy())
  expect(verdict).toBe('sound')
  expect(findings.map((finding) => finding.severity)).toEqual(['note'])
})

test('a disk that cannot be read is not called sound', async () => {
  const disk = await closed()
  disk.fault = ({ verb, name }) =>
    verb === 'read' && name === segment ? { kind: 'fail', failure: 'broken' } : null
  const { verdict, findings } = await examineJournal(disk)
  expect(verdict).toBe('damaged')
  expect(findings[0]?.message).toContain('cannot be read')
})
