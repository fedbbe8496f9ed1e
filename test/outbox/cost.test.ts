import { expect, test } from 'vitest'
import { rememberedNotesMax, rememberedUnitsMax } from '../../src-main/outbox/known-notes.ts'
import { frameBytesTarget } from '../../src-main/outbox/log-writer.ts'
import { batchUnitsMax } from '../../src-main/outbox/logged-outbox.ts'
import { WatchedDisk } from '../support/watched-disk.ts'
import { created, failures, noteId, opened, pendingNote, typed } from './examples.ts'

/** Counts what is written, and forgets what was synced sooner than a test would. */
async function counted() {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk)
  let bytes = 0
  const write = disk.write.bind(disk)
  disk.write = (name, at, piece) => {
    bytes += piece.length
    return write(name, at, piece)
  }
  const written = async (work: () => Promise<unknown>) => {
    bytes = 0
    await work()
    return bytes
  }
  return { disk, outbox, written }
}

const id = noteId(1)
const megabytes = 'Two megabytes of one note. 日本\n'.repeat(65_000)

test('a burst in a note of two megabytes writes a few hundred bytes, online', async () => {
  const { outbox, written, disk } = await counted()
  const text = (rev: number) =>
    `${megabytes.slice(0, 1_000_000)}${'x'.repeat(rev)}${megabytes.slice(1_000_000)}`
  const burst = (rev: number) => async () => {
    const command = typed(id, rev, rev, [1_000_000 + rev, [0, 'x'], 1_015_000])
    await outbox.put(pendingNote(id, { base: rev, baseText: text(rev), commands: [command] }))
    await outbox.put(
      pendingNote(id, { base: rev, baseText: text(rev), commands: [command], sentCount: 1 }),
    )
    await outbox.drop(id)
  }
  await written(burst(1))
  for (const rev of [2, 3, 4]) expect(await written(burst(rev))).toBeLessThan(1_000)
  const last = pendingNote(id, { base: 5, baseText: text(5), commands: [] })
  expect(await written(() => outbox.put(last))).toBeLessThan(400)
  await outbox.close()
  expect((await opened(disk)).pending).toEqual([last])
})

test('a burst on top of a long pasted text writes a few hundred bytes, offline', async () => {
  const { outbox, written, disk } = await counted()
  const pasted = Array.from({ length: 20_000 }, (_, line) => `line ${line} of a long paste`)
  const pending = (n: number) =>
    pendingNote(id, {
      baseText: 'short',
      commands: [typed(id, 1, 1, [5, [0, ...pasted, 'x'.repeat(n)]])],
    })
  await written(() => outbox.put(pending(0)))
  for (const n of [1, 2, 3]) expect(await written(() => outbox.put(pending(n)))).toBeLessThan(600)
  await outbox.close()
  expect((await opened(disk)).pending).toEqual([pending(3)])
})

test('a created note of eight megabytes is written once: marking it sent is small', async () => {
  const { outbox, written } = await counted()
  const command = created(id, 'x'.repeat(8 * 1024 * 1024))
  const whole = pendingNote(id, { base: 0, commands: [command] })
  expect(await written(() => outbox.put(whole))).toBeGreaterThan(8_000_000)
  // As after a restart of the writer: equal, but not the same object.
  const sent = { ...whole, commands: [{ ...command }], sentCount: 1 }
  expect(await written(() => outbox.put(sent))).toBeLessThan(300)
})

test('garbage is bounded, and what gets rid of it costs less than what made it', async () => {
  const disk = new WatchedDisk()
  const garbageBytesMax = 10_000
  const { outbox } = await opened(disk, garbageBytesMax)
  let bytes = 0
  const write = disk.write.bind(disk)
  disk.write = (name, at, piece) => {
    bytes += piece.length
    return write(name, at, piece)
  }
  let largest = 0
  for (let n = 0; n < 2_000; n++) {
    const command = typed(id, n, n, [n, [0, 'some words that were typed']])
    await outbox.put(pendingNote(id, { base: n, baseText: 'x'.repeat(3_000), commands: [command] }))
    largest = Math.max(largest, outbox.sizes().fileBytes)
  }
  expect(largest).toBeLessThan(garbageBytesMax + 3 * 4_000)
  expect(bytes).toBeLessThan(2 * 2_000 * 350)
  expect(disk.names()).toHaveLength(1)
})

test('when all is dropped the log shrinks', async () => {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk, 10_000)
  const ids = Array.from({ length: 500 }, (_, n) => noteId(n))
  await Promise.all(ids.map((each) => outbox.put(pendingNote(each, { baseText: 'x'.repeat(900) }))))
  expect(outbox.sizes().fileBytes).toBeGreaterThan(450_000)
  for (const each of ids) await outbox.drop(each)
  expect(outbox.sizes()).toMatchObject({ notes: 0, commands: 0 })
  expect(outbox.sizes().fileBytes).toBeLessThan(20_000)
})

test('a batch takes about so much and leaves the rest to the next', async () => {
  const { outbox, disk } = await counted()
  await outbox.put(pendingNote(noteId(99)))
  const before = disk.calls.length
  const body = 'x'.repeat(batchUnitsMax / 2 + 1)
  const puts = [1, 2, 3].map((n) => outbox.put(pendingNote(noteId(n), { baseText: `${body}${n}` })))
  expect(await failures(puts)).toEqual([])
  expect(
    disk.calls.slice(before).filter((call) => call.startsWith('sync ')).length,
  ).toBeGreaterThan(1)
  await outbox.close()
  expect((await opened(disk)).pending).toHaveLength(4)
})

test('a new file is written frame by frame, each of about so much', async () => {
  const { outbox, disk } = await counted()
  const text = 'x'.repeat(frameBytesTarget / 2 + 1)
  for (const n of [1, 2, 3]) await outbox.put(pendingNote(noteId(n), { baseText: `${n}${text}` }))
  await outbox.close()
  const again = await opened(disk)
  disk.calls = []
  await again.outbox.put(pendingNote(noteId(4)))
  // The header, two long notes, one long and one short note.
  expect(disk.calls.filter((call) => call.startsWith('write '))).toHaveLength(3)
  expect((await opened(disk)).pending).toHaveLength(4)
})

test('of dropped notes so many are remembered, and so much text', async () => {
  const { outbox, written } = await counted()
  await outbox.put(pendingNote(noteId(999)))
  const text = 'x'.repeat(2_000)
  const ids = Array.from({ length: rememberedNotesMax + 1 }, (_, n) => noteId(n))
  for (const each of ids) {
    await outbox.put(pendingNote(each, { baseText: text }))
    await outbox.drop(each)
  }
  const again = (each: string) =>
    written(() => outbox.put(pendingNote(each, { baseText: `${text}!` })))
  expect(await again(ids[0] as string)).toBeGreaterThan(2_000)
  expect(await again(ids[1] as string)).toBeLessThan(300)
  // One that is too long pushes all others out, itself included.
  const huge = noteId(500)
  await outbox.put(pendingNote(huge, { baseText: 'y'.repeat(rememberedUnitsMax + 1) }))
  await outbox.drop(huge)
  expect(await again(ids[2] as string)).toBeGreaterThan(2_000)
})
