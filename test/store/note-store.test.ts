import { expect, test } from 'vitest'
import { retryMs, roundNotesMax } from '../../src-main/store/file-store.ts'
import { openStore } from '../../src-main/store/note-store.ts'
import { formatVersion } from '../../src-main/store/record-file.ts'
import { settleMs, settleMsMax, waitingUnitsMax } from '../../src-main/store/waiting-notes.ts'
import { HandClock } from '../net/hand-clock.ts'
import { WatchedDisk } from '../support/watched-disk.ts'
import { begun, dir, loaded, note, noteId, opened, settled } from './examples.ts'

function fileOf(number: number): string {
  return `${dir}/${noteId(number)}.json`
}

function count(disk: WatchedDisk, verb: string): number {
  return disk.calls.filter((call) => call.startsWith(`${verb} `)).length
}

/** Until the first file is being written. */
async function writing(disk: WatchedDisk): Promise<void> {
  while (count(disk, 'write') === 0) await null
}

test('opening writes nothing, and a store that nothing happens to writes nothing at its close', async () => {
  const disk = new WatchedDisk()
  const { store } = await opened(disk)
  await store.close()
  expect(disk.calls).toEqual(['list notes'])
})

test('a reflected note is there after a restart, with everything it had', async () => {
  const disk = new WatchedDisk()
  const { store } = await begun(disk)
  const full = note(1, 7, {
    rev: 3,
    title: 'Titel “ü”',
    body: 'one\r\ntwo\u2028\0😀\ufeff',
    tags: ['a', 'b'],
    pinned: true,
    trashed: true,
    origin: { path: 'a/b.md', bom: true },
    seqs: { '12': { seq: 4, at: 'x', rev: 3, index: 7 } },
    recent: [
      {
        rev: 3,
        index: 7,
        term: 1,
        client: '12',
        seq: 4,
        at: 'x',
        changes: [1, [0, 'a', '']],
        removed: '',
      },
    ],
  })
  store.reflect(full)
  store.reflect(note(2, 8))
  await store.close()
  const { notes, found, report } = await loaded(disk.afterPowerCut(() => false))
  expect(notes).toEqual([full, note(2, 8)])
  expect(found.map(({ index }) => index).sort()).toEqual([7, 8])
  expect(report).toEqual({ complete: true, index: 8, damaged: [] })
})

test('a note that is gone is gone after a restart', async () => {
  const disk = new WatchedDisk()
  const { store } = await begun(disk)
  store.reflect(note(1, 1))
  store.reflect(note(2, 2))
  await store.flush()
  store.gone(noteId(1), 3)
  store.gone(noteId(9), 4)
  await store.close()
  const { notes, report } = await loaded(disk.afterPowerCut(() => false))
  expect(notes).toEqual([note(2, 2)])
  expect(report).toMatchObject({ complete: true, index: 4 })
})

test('a store that was not told all notes claims nothing about the directory as a whole', async () => {
  const disk = new WatchedDisk()
  const { store } = await opened(disk)
  store.reflect(note(1, 1))
  await store.close()
  expect(disk.names()).toEqual([fileOf(1)])
  expect((await loaded(disk)).report.complete).toBe(false)
})

test('writing waits for more: many reflections of a note are one file', async () => {
  const disk = new WatchedDisk()
  const { store, clock } = await begun(disk)
  for (let index = 1; index <= 1_000; index++) store.reflect(note(1, index))
  expect(store.waiting()).toBe(1)
  clock.advance(settleMs - 1)
  await settled()
  expect(disk.names()).toEqual([])
  clock.advance(1)
  await settled()
  expect(store.waiting()).toBe(0)
  expect(count(disk, 'sync')).toBe(2) // the note and the mark
  expect((await loaded(disk)).notes).toEqual([note(1, 1_000)])
})

test('a note that never rests is written all the same, and a long one less often', async () => {
  const disk = new WatchedDisk()
  const { store, clock } = await opened(disk)
  const long = 'x'.repeat(2_000_000)
  let files = 0
  for (let tick = 1; tick <= 60; tick++) {
    store.reflect(note(1, tick))
    store.reflect(note(2, tick, { body: long }))
    clock.advance(settleMs)
    await settled()
    files = disk.calls.filter((call) => call === `sync ${fileOf(1)}.tmp`).length
    expect(files).toBe(tick)
  }
  expect(settleMsMax).toBe(30_000)
  expect(disk.calls.filter((call) => call === `sync ${fileOf(2)}.tmp`)).toHaveLength(2)
})

test('a short note does not wait for the long one that came before it', async () => {
  const disk = new WatchedDisk()
  const { store, clock } = await opened(disk)
  store.reflect(note(1, 1, { body: 'x'.repeat(1_000_000) }))
  store.reflect(note(2, 2))
  clock.advance(settleMs)
  await settled()
  expect(disk.names()).toContain(fileOf(2))
  expect(store.durableIndex()).toBe(0)
  clock.advance(settleMsMax)
  await settled()
  expect(store.durableIndex()).toBe(2)
})

test('above a certain amount of text nothing waits for more', async () => {
  const disk = new WatchedDisk()
  const { store, clock } = await opened(disk)
  const body = 'x'.repeat(waitingUnitsMax / 4)
  for (const number of [1, 2, 3, 4]) store.reflect(note(number, number, { body }))
  clock.advance(0)
  await settled()
  expect(disk.names()).toEqual([])
  store.reflect(note(5, 5))
  clock.advance(0)
  await settled()
  expect(store.waiting()).toBe(0)
})

test('a round of many notes is one fsync of the directory', async () => {
  const disk = new WatchedDisk()
  const { store } = await begun(disk)
  for (let number = 0; number <= roundNotesMax; number++) store.reflect(note(number, number + 1))
  await store.flush()
  expect(count(disk, 'sync')).toBe(roundNotesMax + 1 + 1)
  // The root for the directory itself, two rounds, the mark.
  expect(count(disk, 'syncDir')).toBe(1 + 2 + 1)
})

test('the durable index is the one below the first that waits', async () => {
  const disk = new WatchedDisk()
  const { store, clock } = await opened(disk)
  await store.load(() => undefined)
  expect(store.durableIndex()).toBe(0)
  store.reflect(note(1, 5))
  store.reflect(note(2, 6))
  expect(store.durableIndex()).toBe(4)
  await store.flush()
  expect(store.durableIndex()).toBe(6)
  store.reflect(note(1, 8))
  store.reflect(note(1, 9))
  expect(store.durableIndex()).toBe(7)
  clock.advance(settleMs)
  await settled()
  expect(store.durableIndex()).toBe(9)
})

test('what arrives while its note is being written is written too', async () => {
  const disk = new WatchedDisk()
  const { store } = await opened(disk)
  store.reflect(note(1, 1))
  const flushing = store.flush()
  await writing(disk)
  store.reflect(note(1, 2))
  store.reflect(note(2, 3))
  await flushing
  await store.flush()
  expect(store.durableIndex()).toBe(3)
  expect((await loaded(disk.afterPowerCut(() => false))).notes).toEqual([note(1, 2), note(2, 3)])
})

test('a note whose file says the same already is not written again', async () => {
  const disk = new WatchedDisk()
  const first = await opened(disk)
  first.store.reflect(note(1, 1))
  await first.store.close()
  const { store } = await opened(disk)
  await store.load(() => undefined)
  const syncs = count(disk, 'sync')
  store.reflect(note(1, 1))
  await store.close()
  expect(count(disk, 'sync')).toBe(syncs)
})

test('replayed states of a note that the file is ahead of are not written either', async () => {
  const disk = new WatchedDisk()
  const first = await opened(disk)
  first.store.reflect(note(1, 9))
  await first.store.close()
  const { store } = await opened(disk)
  for (const index of [5, 7, 9]) store.reflect(note(1, index))
  await store.flush()
  expect(disk.calls.filter((call) => call === `sync ${fileOf(1)}.tmp`)).toHaveLength(1)
  expect(store.durableIndex()).toBe(9)
})

test('the same index in another history is another state', async () => {
  const disk = new WatchedDisk()
  const first = await opened(disk)
  first.store.reflect(note(1, 9))
  await first.store.close()
  const { store } = await opened(disk)
  const other = note(1, 9, { chain: 'another', body: 'another' })
  store.reflect(other)
  await store.close()
  expect((await loaded(disk)).notes).toEqual([other])
})

test('reconciling writes what is missing, behind or damaged, removes what is too much, and leaves the rest', async () => {
  const disk = new WatchedDisk()
  const first = await opened(disk)
  for (const number of [1, 2, 3, 4, 5]) first.store.reflect(note(number, number))
  await first.store.close()
  await disk.remove(fileOf(2))
  disk.put(fileOf(3), disk.get(fileOf(3)).slice(0, 40))
  const now = [note(1, 1), note(2, 2), note(3, 3), note(4, 14), note(6, 15)]
  for (const isLoaded of [false, true]) {
    const copy = disk.afterKill()
    const { store, clock } = await opened(copy)
    if (isLoaded) expect((await store.load(() => undefined)).complete).toBe(false)
    store.reconcile(now, 20)
    clock.advance(settleMs)
    await settled()
    clock.advance(settleMs)
    await settled()
    expect(store.durableIndex()).toBe(20)
    const written = copy.calls.filter((call) => call.startsWith('sync ') && !call.includes('mark'))
    expect(written.sort()).toEqual([2, 3, 4, 6].map((number) => `sync ${fileOf(number)}.tmp`))
    const after = await loaded(copy.afterPowerCut(() => false))
    expect(after.notes).toEqual(now)
    expect(after.report).toEqual({ complete: true, index: 20, damaged: [] })
  }
})

test('what was on its way to the disk when the state was replaced, and is not in it, does not stay', async () => {
  const disk = new WatchedDisk()
  const { store } = await opened(disk)
  await store.load(() => undefined)
  store.reflect(note(1, 1))
  const flushing = store.flush()
  await writing(disk)
  store.reflect(note(2, 2))
  store.reconcile([note(3, 30)], 30)
  await flushing
  await store.flush()
  const { notes, report } = await loaded(disk.afterPowerCut(() => false))
  expect(notes).toEqual([note(3, 30)])
  expect(report).toMatchObject({ complete: true, index: 30 })
})

test('until a reconciled state is on the disk nothing is called durable', async () => {
  const disk = new WatchedDisk()
  const { store, clock } = await opened(disk)
  store.reconcile([note(1, 50)], 60)
  store.reflect(note(2, 61))
  await store.load(() => undefined)
  expect(store.durableIndex()).toBe(0)
  clock.advance(settleMs)
  await settled()
  expect(store.durableIndex()).toBe(61)
})

test('another state at the same index is marked anew', async () => {
  const disk = new WatchedDisk()
  const first = await begun(disk)
  first.store.reflect(note(1, 9))
  await first.store.close()
  const { store } = await opened(disk)
  store.reconcile([note(2, 8)], 9)
  await store.close()
  const { report, notes } = await loaded(disk)
  expect(report).toMatchObject({ complete: true, index: 9 })
  expect(notes).toEqual([note(2, 8)])
})

test('what a full disk refused does not come back over something newer', async () => {
  const disk = new WatchedDisk()
  const { store } = await begun(disk)
  await store.flush()
  disk.calls = []
  disk.fails = (verb) => (verb === 'rename' ? 'full' : null)
  store.reflect(note(1, 1))
  const flushing = store.flush()
  await writing(disk)
  store.reflect(note(1, 2))
  await expect(flushing).rejects.toMatchObject({ failure: 'full' })
  disk.fails = () => null
  await store.flush()
  expect((await loaded(disk)).notes).toEqual([note(1, 2)])
})

test('an empty state empties the directory', async () => {
  const disk = new WatchedDisk()
  const first = await opened(disk)
  first.store.reflect(note(1, 1))
  await first.store.close()
  const { store } = await opened(disk)
  store.reconcile([], 5)
  await store.close()
  expect((await loaded(disk)).notes).toEqual([])
})

test('a single note can be read', async () => {
  const disk = new WatchedDisk()
  const { store } = await opened(disk)
  store.reflect(note(1, 1))
  await store.flush()
  expect(await store.read(noteId(1))).toEqual({ note: note(1, 1), index: 1 })
  expect(await store.read(noteId(2))).toBeNull()
  disk.put(fileOf(1), new Uint8Array(3))
  expect(await store.read(noteId(1))).toBeNull()
})

test('a damaged file is reported, set aside by the next write and never overwritten', async () => {
  const disk = new WatchedDisk()
  const first = await opened(disk)
  first.store.reflect(note(1, 1))
  first.store.reflect(note(2, 2))
  await first.store.close()
  const broken = disk.get(fileOf(1))
  broken[50] = (broken[50] as number) ^ 1
  for (const round of [1, 2]) {
    disk.put(fileOf(1), broken)
    const { store, report, notes } = await loaded(disk)
    const asideAs = `${dir}/aside/${noteId(1)}-${round}.json`
    const file = fileOf(1)
    expect(report.damaged).toEqual([
      { noteId: noteId(1), file, reason: 'Its checksum is wrong.', asideAs },
    ])
    expect(notes).toEqual([note(2, 2)])
    store.reconcile([note(1, 1), note(2, 2)], 2)
    await store.close()
    expect(disk.get(asideAs)).toEqual(broken)
    expect((await loaded(disk.afterPowerCut(() => false))).notes).toEqual([note(1, 1), note(2, 2)])
  }
})

test('a damaged file is set aside even when nothing else is written', async () => {
  const disk = new WatchedDisk()
  await disk.makeDir(dir)
  disk.put(fileOf(1), new Uint8Array(0))
  const { store, clock } = await opened(disk)
  await store.load(() => undefined)
  clock.advance(settleMs)
  await settled()
  expect(disk.names()).toContain(`${dir}/aside/${noteId(1)}-1.json`)
})

test('a file that stands under another note’s name is damaged', async () => {
  const disk = new WatchedDisk()
  const first = await begun(disk)
  first.store.reflect(note(1, 1))
  await first.store.close()
  disk.put(fileOf(2), disk.get(fileOf(1)))
  const { report } = await loaded(disk)
  expect(report).toMatchObject({
    complete: false,
    damaged: [{ reason: 'It is the file of another note.' }],
  })
})

test('a file that the disk cannot read is damaged, and the others are read', async () => {
  const disk = new WatchedDisk()
  const first = await opened(disk)
  first.store.reflect(note(1, 1))
  first.store.reflect(note(2, 2))
  await first.store.close()
  disk.fails = (verb, name) => (verb === 'read' && name === fileOf(1) ? 'broken' : null)
  const { report, notes } = await loaded(disk)
  expect(report.damaged[0]?.reason).toContain('cannot read')
  expect(notes).toEqual([note(2, 2)])
})

/** The same bytes with another version and its own, sound checksum. */
async function ofVersion(bytes: Uint8Array, version: number): Promise<Uint8Array> {
  const { crc32 } = await import('node:zlib')
  const [first = '', ...rest] = Buffer.from(bytes).toString().split('\n')
  const start = first.replace(/ 1 .*/, ` ${version}`)
  const json = rest.join('\n')
  return Buffer.from(`${start} ${crc32(`${start}${json}`).toString(16).padStart(8, '0')}\n${json}`)
}

test('a note’s file of a later version is set aside, and a mark of one refuses the store', async () => {
  const disk = new WatchedDisk()
  const first = await begun(disk)
  first.store.reflect(note(1, 1))
  await first.store.close()
  expect(await ofVersion(disk.get(fileOf(1)), formatVersion)).toEqual(
    Buffer.from(disk.get(fileOf(1))),
  )
  disk.put(fileOf(1), await ofVersion(disk.get(fileOf(1)), formatVersion + 1))
  expect((await loaded(disk)).report.damaged[0]?.reason).toContain(
    'later version of the app (format 2)',
  )
  const mark = `${dir}/mark.json`
  disk.put(mark, await ofVersion(disk.get(mark), formatVersion + 1))
  const refused = await openStore(disk, { clock: new HandClock(), dir })
  expect(refused).toEqual({
    ok: false,
    error: { kind: 'newer', file: mark, version: formatVersion + 1 },
  })
  disk.fails = (verb) => (verb === 'list' ? 'broken' : null)
  const unreadable = await openStore(disk, { clock: new HandClock(), dir })
  expect(unreadable).toMatchObject({ ok: false, error: { kind: 'unreadable' } })
})

test('a full disk is tried again later, by itself, and loses nothing', async () => {
  const disk = new WatchedDisk()
  const { store, clock, failures } = await begun(disk)
  store.reflect(note(1, 1))
  await store.flush()
  disk.freeBytes = 100
  store.reflect(note(2, 2))
  store.reflect(note(1, 3))
  clock.advance(settleMs)
  await settled()
  expect(store.waiting()).toBe(2)
  expect(store.durableIndex()).toBe(1)
  await expect(store.flush()).rejects.toMatchObject({ failure: 'full' })
  // What comes meanwhile does not make it try sooner.
  const tries = count(disk, 'write')
  store.reflect(note(3, 4))
  clock.advance(settleMs)
  await settled()
  expect(count(disk, 'write')).toBe(tries)
  disk.freeBytes = 100_000
  clock.advance(retryMs)
  await settled()
  expect(store.durableIndex()).toBe(4)
  expect(failures).toEqual([])
  const { notes, report } = await loaded(disk.afterPowerCut(() => false))
  expect(notes).toEqual([note(1, 3), note(2, 2), note(3, 4)])
  expect(report.complete).toBe(true)
})

test.each(['sync', 'syncDir', 'rename'])(
  'a %s that fails for good is told once, and nothing is written after it',
  async (verb) => {
    const disk = new WatchedDisk()
    const { store, clock, failures } = await opened(disk)
    store.reflect(note(1, 1))
    await store.flush()
    disk.fails = (called, name) =>
      called === verb && name !== '' ? (verb === 'rename' ? 'broken' : 'full') : null
    store.reflect(note(2, 2))
    await expect(store.flush()).rejects.toMatchObject({ failure: 'broken' })
    disk.fails = () => null
    const calls = disk.calls.length
    store.reflect(note(3, 3))
    clock.advance(60_000)
    await settled()
    await expect(store.flush()).rejects.toMatchObject({ failure: 'broken' })
    await store.close()
    expect(failures).toHaveLength(1)
    expect(disk.calls.length).toBe(calls)
    expect(store.durableIndex()).toBe(1)
  },
)

test('leftovers of a killed write are cleared away', async () => {
  const disk = new WatchedDisk()
  await disk.makeDir(dir)
  disk.put(`${fileOf(1)}.tmp`, new Uint8Array(99))
  const { store } = await begun(disk)
  store.reflect(note(2, 2))
  await store.close()
  expect(disk.names()).toEqual([fileOf(2), `${dir}/mark.json`])
})
