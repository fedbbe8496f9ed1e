import { beforeAll, expect, test } from 'vitest'
import { decodeFrameHeader, frameHeaderBytes, headerBytes } from '../../src-main/outbox/frame.ts'
import { tornKeptMax } from '../../src-main/outbox/log-files.ts'
import type { PendingNote } from '../../src-shared/notes/pending.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { WatchedDisk } from '../support/watched-disk.ts'
import { created, dir, noteId, opened, pendingNote, typed } from './examples.ts'

const file = `${dir}/0000000001.log`
const text = 'A line that is neither short nor long.\n'.repeat(60)

/** Every state that each note had, last one last; null: dropped. */
const history = new Map<string, (PendingNote | null)[]>()
let sound: Uint8Array

beforeAll(async () => {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk)
  const put = async (pending: PendingNote) => {
    const states = history.get(pending.noteId) ?? [null]
    history.set(pending.noteId, [...states, pending])
    await outbox.put(pending)
  }
  const drop = async (id: string) => {
    history.get(id)?.push(null)
    await outbox.drop(id)
  }
  const [a, b, c] = [noteId(1), noteId(2), noteId(3)]
  await put(pendingNote(a, { baseText: text, commands: [typed(a, 1, 1, [[0, 'x'], 2340])] }))
  await put(pendingNote(b, { base: 0, commands: [created(b, text)] }))
  for (let rev = 2; rev < 6; rev++) {
    const baseText = `${'x'.repeat(rev)}${text}`
    await put(
      pendingNote(a, { base: rev, baseText, commands: [typed(a, rev, rev, [[0, 'x'], 2340])] }),
    )
    await put(
      pendingNote(b, {
        base: 0,
        sentCount: 1,
        commands: [created(b, text), typed(b, rev, 1, [rev])],
      }),
    )
  }
  await drop(b)
  await put(pendingNote(c, { baseText: '日本語' }))
  await drop(a)
  await put(pendingNote(a, { base: 9, baseText: `${text}end` }))
  sound = disk.get(file).slice()
  await outbox.close()
})

/** Opens these bytes. Whatever they are, each note is in a state that it once had. */
async function read(bytes: Uint8Array, what: string) {
  const disk = new WatchedDisk()
  disk.put(file, bytes)
  const found = await opened(disk)
  for (const pending of found.pending) {
    const states = history.get(pending.noteId) ?? []
    const isOneOf = states.some((state) => JSON.stringify(state) === JSON.stringify(pending))
    expect(isOneOf, `${what}: a state that never was`).toBe(true)
  }
  return { ...found, disk }
}

function last(): (PendingNote | null | undefined)[] {
  return [...history.values()].map((states) => states.at(-1)).filter((state) => state !== null)
}

function sortedById(pending: readonly (PendingNote | null | undefined)[]) {
  return [...pending].sort((x, y) => ((x?.noteId ?? '') < (y?.noteId ?? '') ? -1 : 1))
}

/** Where each frame begins. */
function frames(): { at: number; end: number }[] {
  const found: { at: number; end: number }[] = []
  for (let at = headerBytes; at < sound.length; ) {
    const header = decodeFrameHeader(1, sound.subarray(at, at + frameHeaderBytes))
    const end = at + frameHeaderBytes + (header?.length ?? Number.NaN)
    found.push({ at, end })
    at = end
  }
  return found
}

test('the sound log reads back without a word', async () => {
  const { pending, notices } = await read(sound, 'sound')
  expect(notices).toEqual([])
  expect(sortedById(pending)).toEqual(sortedById(last()))
  expect(frames().length).toBe(14)
})

test('no flipped bit is silent, and none makes a state that never was', async () => {
  const ends = frames()
  for (let at = 0; at < sound.length; at += at < 200 || at > sound.length - 200 ? 1 : 29) {
    for (const mask of [1 << (at % 8), 0xff]) {
      const bytes = sound.slice()
      bytes[at] = (bytes[at] as number) ^ mask
      const { notices } = await read(bytes, `byte ${at}, mask ${mask}`)
      const isInLast = at >= (ends.at(-1)?.at ?? 0)
      expect(
        notices.map(({ kind }) => kind),
        `byte ${at}`,
      ).toEqual([isInLast ? 'torn' : 'damaged'])
    }
  }
})

test('a log cut anywhere but between two frames says so; what came before the cut is there', async () => {
  const ends = new Set([headerBytes, ...frames().map(({ end }) => end)])
  for (let size = 0; size < sound.length; size += 11) {
    const { notices } = await read(sound.slice(0, size), `cut at ${size}`)
    const kinds = notices.map(({ kind }) => kind)
    expect(kinds, `cut at ${size}`).toEqual(
      size < headerBytes ? ['damaged'] : ends.has(size) ? [] : ['torn'],
    )
  }
})

test('a frame that is missing, repeated or moved is noticed', async () => {
  const all = frames()
  const pieces = all.map(({ at, end }) => sound.subarray(at, end))
  const made = (order: readonly number[]) =>
    Buffer.concat([
      sound.subarray(0, headerBytes),
      ...order.map((each) => pieces[each] as Uint8Array),
    ])
  const numbers = all.map((_, number) => number)
  for (const number of numbers) {
    const without = made(numbers.filter((each) => each !== number))
    const doubled = made(numbers.flatMap((each) => (each === number ? [each, each] : [each])))
    const swapped = made(
      numbers
        .map((each) => (each === number ? number + 1 : each === number + 1 ? number : each))
        .filter((each) => each < numbers.length),
    )
    const isLast = number === numbers.length - 1
    for (const [what, bytes] of Object.entries({ without, doubled, swapped })) {
      if (isLast && what !== 'doubled') continue // Gone without a trace, as if it had never been written.
      const { notices, pending } = await read(bytes, `${what} ${number}`)
      expect(
        notices.map(({ kind }) => kind),
        `${what} ${number}`,
      ).toEqual(['damaged'])
      if (what === 'doubled') expect(notices[0]?.behind).toEqual([])
      if (what === 'doubled') expect(sortedById(pending)).toEqual(sortedById(last()))
    }
  }
})

test('an older record that stands behind a newer one does not bring its state back', async () => {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk)
  await outbox.put(pendingNote(noteId(8), { baseText: 'older' }))
  const older = disk.get(file).slice(headerBytes)
  await outbox.put(pendingNote(noteId(8), { baseText: 'newer' }))
  disk.put(file, Buffer.concat([disk.get(file), older]))
  const { pending, notices } = await opened(disk)
  expect(pending.map(({ baseText }) => baseText)).toEqual(['newer'])
  expect(notices).toMatchObject([{ kind: 'damaged' }])
})

test('a patch on a lost record is not applied: the note stays as it was before, and is named', async () => {
  const [, , , third, , fifth] = frames()
  const bytes = sound.slice(0, fifth?.end)
  bytes[(third?.at ?? 0) + 40] = 0
  const { pending, notices } = await read(bytes, 'third frame')
  expect(notices[0]).toMatchObject({ kind: 'damaged', offset: third?.at, behind: [noteId(2)] })
  expect(pending.find((each) => each.noteId === noteId(2))?.sentCount).toBe(0)
})

test('a damaged log is set aside by the first write, with all that can be read in a new one', async () => {
  const bytes = sound.slice()
  const [, , , third] = frames()
  bytes[(third?.at ?? 0) + 40] = 0
  const { disk, outbox, pending, notices } = await read(bytes, 'third frame')
  expect(disk.names()).toEqual([file])
  await outbox.put(pendingNote(noteId(7)))
  expect(notices[0]?.asideAs).toBe(`${file}.damaged`)
  expect(disk.get(`${file}.damaged`)).toEqual(bytes)
  const again = await opened(disk.afterPowerCut(() => false))
  expect(again.notices).toEqual([])
  expect(again.pending).toEqual([...pending, pendingNote(noteId(7))])
})

async function smallDamagedLog(): Promise<Uint8Array> {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk)
  for (const n of [1, 2, 3]) await outbox.put(pendingNote(noteId(n)))
  const bytes = disk.get(file)
  bytes[headerBytes + 40] = 0
  return bytes
}

test('whatever the power does, a damaged log is never gone', async () => {
  const bytes = await smallDamagedLog()
  const work = async (disk: WatchedDisk) => {
    const { outbox } = await opened(disk, 100)
    const puts = Array.from({ length: 12 }, (_, n) => n)
    for (const n of puts) {
      await outbox.put(pendingNote(noteId(7), { baseText: `${n}`.repeat(500) }))
    }
    await outbox.close()
  }
  const found = async () => {
    const disk = new WatchedDisk()
    await disk.makeDir(dir)
    await disk.syncDir('')
    disk.put(file, bytes)
    disk.calls = []
    return disk
  }
  const whole = await found()
  await work(whole)
  // Two new files at least: the second says nothing of the damaged one any more.
  expect(whole.names().at(-1)).toMatch(/000000000[3-9].log$/)
  for (let diesAt = 3; diesAt <= whole.calls.length; diesAt++) {
    for (let luckOf = 0; luckOf < 5; luckOf++) {
      const random = seededRandom(diesAt * 100 + luckOf)
      const disk = await found()
      disk.diesAt = diesAt
      await work(disk).catch(() => undefined)
      const after = disk.afterPowerCut(() => random.below(2) === 0)
      await work(after)
      const kept = after.names().filter((name) => Buffer.compare(after.get(name), bytes) === 0)
      expect(kept, `verb ${diesAt}, luck ${luckOf}`).toEqual([`${file}.damaged`])
    }
  }
})

test('torn logs are kept too, but only the newest few', async () => {
  let disk = new WatchedDisk()
  for (let round = 0; round < tornKeptMax + 3; round++) {
    const { outbox } = await opened(disk)
    await outbox.put(pendingNote(noteId(1), { base: round }))
    await outbox.put(pendingNote(noteId(1), { base: round + 100, baseText: 'torn' }))
    await outbox.close()
    const name = disk.names().findLast((each) => each.endsWith('.log')) ?? ''
    disk.put(name, disk.get(name).slice(0, -1))
    disk = disk.afterKill()
  }
  const { outbox } = await opened(disk)
  await outbox.put(pendingNote(noteId(1)))
  const torn = disk.names().filter((name) => name.endsWith('.torn'))
  expect(torn.length).toBe(tornKeptMax + 1)
  expect(torn.at(-1)).toBe(`${dir}/0000000007.log.torn`)
})

test('the name of a file that was set aside is never given again', async () => {
  const disk = new WatchedDisk()
  disk.put(`${dir}/0000000041.log.damaged`, new Uint8Array(5))
  const { outbox } = await opened(disk)
  await outbox.put(pendingNote(noteId(1)))
  expect(disk.names()).toContain(`${dir}/0000000042.log`)
})

test('a length that damage made enormous asks for no memory', () => {
  const bytes = sound.slice(headerBytes, headerBytes + frameHeaderBytes)
  expect(decodeFrameHeader(1, bytes)).not.toBeNull()
  expect(decodeFrameHeader(2, bytes)).toBeNull()
  bytes[3] = 0xff
  expect(decodeFrameHeader(1, bytes)).toBeNull()
})
