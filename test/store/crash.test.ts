import { expect, test } from 'vitest'
import { settleMs } from '../../src-main/store/waiting-notes.ts'
import type { Note } from '../../src-shared/notes/note.ts'
import { luck } from '../support/lying-disk.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { WatchedDisk } from '../support/watched-disk.ts'
import { loaded, note, noteId, opened, settled } from './examples.ts'

/** All states that were reflected, by index; null: the note at `number` was purged. */
type History = { readonly number: number; readonly index: number; readonly state: Note | null }[]

/** Applies a log: reflects, flushes and waits as it comes. Answers what was last said to be durable. */
async function work(disk: WatchedDisk, seed: number, history: History): Promise<number> {
  const random = seededRandom(seed)
  const { store, clock } = await opened(disk)
  store.reconcile(stateAt(history, Number.POSITIVE_INFINITY).values(), history.length)
  let durable = 0
  const until = history.length + 25
  for (let index = history.length + 1; index <= until; index++) {
    const number = random.below(6)
    const isPurge = random.below(5) === 0
    const state = isPurge ? null : note(number, index, { body: 'x'.repeat(random.below(2_000)) })
    history.push({ number, index, state })
    if (state === null) store.gone(noteId(number), index)
    else store.reflect(state)
    if (random.below(4) === 0) {
      clock.advance(settleMs)
      await settled()
    }
    durable = Math.max(durable, store.durableIndex())
  }
  await store.close()
  return Math.max(durable, store.durableIndex())
}

function stateAt(history: History, index: number): Map<string, Note> {
  const notes = new Map<string, Note>()
  for (const each of history) {
    if (each.index > index) break
    if (each.state === null) notes.delete(noteId(each.number))
    else notes.set(noteId(each.number), each.state)
  }
  return notes
}

async function check(disk: WatchedDisk, history: History, durable: number): Promise<void> {
  const { notes, report } = await loaded(disk)
  // A crash damages nothing: each file is old or new, and whole.
  expect(report.damaged).toEqual([])
  for (const found of notes) expect(history.map(({ state }) => state)).toContainEqual(found)
  const found = new Map(notes.map((each) => [each.id, each]))
  for (const [id, wanted] of stateAt(history, durable)) {
    const isLaterPurged = history.some(
      (each) => each.index > durable && each.state === null && noteId(each.number) === id,
    )
    if (!isLaterPurged)
      expect(found.get(id)?.index ?? 0, `note ${id}`).toBeGreaterThanOrEqual(wanted.index)
  }
  if (report.complete) expect(found).toEqual(new Map([...stateAt(history, report.index)].sort()))
}

for (const seed of [1, 2]) {
  test(`power is cut at every verb: what was durable is there, and a directory that calls itself complete is (seed ${seed})`, async () => {
    const whole = new WatchedDisk()
    await work(whole, seed, [])
    const verbs = whole.calls.length
    expect(verbs).toBeGreaterThan(60)
    let complete = 0
    for (let diesAt = 2; diesAt <= verbs; diesAt++) {
      const keeps = luck(seededRandom(seed * 10_000 + diesAt))
      const history: History = []
      const disk = new WatchedDisk()
      disk.diesAt = diesAt
      const durable = await work(disk, seed, history)
      const after = disk.afterPowerCut(keeps)
      await check(after, history, durable)
      after.calls = []
      complete += (await loaded(after.afterKill())).report.complete ? 1 : 0
      // And on from there, over the leavings.
      after.calls = []
      after.diesAt = 3 + (diesAt % 90)
      const later = await work(after, seed + 100, history)
      await check(after.afterPowerCut(keeps), history, Math.max(later, 0))
    }
    expect(complete).toBeGreaterThan(0)
  })
}
