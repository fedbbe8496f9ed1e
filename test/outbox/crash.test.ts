import { expect, test } from 'vitest'
import { DiskFailed } from '../../src-main/journal/disk.ts'
import { batchUnitsMax } from '../../src-main/outbox/logged-outbox.ts'
import type { PendingNote } from '../../src-shared/notes/pending.ts'
import { WatchedDisk } from '../support/watched-disk.ts'
import { dir, failures, noteId, opened, pendingNote, typed } from './examples.ts'

/** A generator of dice from a seed, so that a failing run can be told by its number. */
function dice(seed: number): (bound: number) => number {
  let state = seed * 2654435761 + 12345
  return (bound) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) % bound
  }
}

const long = 'All work and no play makes a long text.\n'.repeat(200)

/** What a note may be: the last state that was acknowledged, and every one that was asked for since. */
type Expected = Map<string, (PendingNote | null)[]>

/** A person at work: types, sends, is confirmed, sometimes in several notes in one turn. Ends when the disk does. */
async function work(disk: WatchedDisk, seed: number, expected: Expected): Promise<void> {
  const roll = dice(seed)
  const { outbox, pending } = await opened(disk, 2_000)
  const now = new Map(pending.map((each) => [each.noteId, each]))
  for (let turn = 0; turn < 12; turn++) {
    const asked = Array.from({ length: 1 + roll(3) }, () => {
      const id = noteId(roll(4))
      const next = roll(4) === 0 ? null : nextOf(id, now.get(id), roll)
      if (next === null) now.delete(id)
      else now.set(id, next)
      const states = expected.get(id) ?? [null]
      expected.set(id, states)
      states.push(next)
      const place = states.length - 1
      const done = next === null ? outbox.drop(id) : outbox.put(next)
      // Acknowledged: nothing before it may come back.
      return done.then(() => {
        for (let at = 0; at < place; at++) states[at] = states[place] ?? null
      })
    })
    if ((await failures(asked)).length > 0) return
  }
  await outbox.close()
}

function nextOf(
  id: string,
  before: PendingNote | undefined,
  roll: (bound: number) => number,
): PendingNote {
  const at = roll(long.length)
  const text = before?.baseText ?? (id === noteId(0) ? long : 'short')
  const baseText = roll(2) === 0 ? text : `${text.slice(0, at)}${roll(10)}${text.slice(at)}`
  const commands = (before?.commands ?? []).slice(roll(2))
  const seq = (commands.at(-1)?.seq ?? roll(100)) + 1
  const grown = typed(id, seq, seq, [at, [roll(3), 'x'.repeat(roll(300))], 9])
  return pendingNote(id, {
    base: roll(9),
    baseText,
    commands: [...commands, grown].slice(-5),
    sentCount: roll(2),
  })
}

/** What can be read is exactly one of what each note may be. */
async function check(disk: WatchedDisk, expected: Expected, what: string): Promise<void> {
  const { pending, notices } = await opened(disk)
  expect(
    notices.filter(({ kind }) => kind === 'damaged'),
    what,
  ).toEqual([])
  for (const [id, states] of expected) {
    const found = pending.find((each) => each.noteId === id) ?? null
    const isExpected = states.some((state) => JSON.stringify(state) === JSON.stringify(found))
    expect(
      isExpected,
      `${what}: note ${id} is neither what was acknowledged nor anything asked for since`,
    ).toBe(true)
    // From here on it is what was found.
    expected.set(id, [found])
  }
  expect(
    pending.filter(({ noteId }) => !expected.has(noteId)),
    what,
  ).toEqual([])
}

async function verbsOf(seed: number): Promise<number> {
  const disk = new WatchedDisk()
  await work(disk, seed, new Map())
  return disk.calls.length
}

for (const seed of [1, 2, 3]) {
  test(`power is cut at every verb of a day's work: nothing acknowledged is lost, nothing half replaced (seed ${seed})`, async () => {
    const verbs = await verbsOf(seed)
    expect(verbs).toBeGreaterThan(30)
    for (let diesAt = 1; diesAt <= verbs; diesAt++) {
      for (const kept of [0, 1, 2, 3]) {
        const expected: Expected = new Map()
        const roll = dice(seed * 1000 + diesAt * 10 + kept)
        const keeps = () => (kept === 0 ? false : kept === 1 ? true : roll(2) === 0)
        const disk = new WatchedDisk()
        disk.diesAt = diesAt
        await work(disk, seed, expected).catch(unlessDead)
        const after = disk.afterPowerCut(keeps)
        await check(after, expected, `verb ${diesAt}, kept ${kept}`)
        // And the same again, from what was found: a second crash meets the leavings of the first.
        after.calls = []
        after.diesAt = 1 + roll(verbs)
        await work(after, seed + 7, expected).catch(unlessDead)
        await check(
          after.afterPowerCut(keeps),
          expected,
          `verb ${diesAt}, then ${after.diesAt}, kept ${kept}`,
        )
      }
    }
  })
}

function unlessDead(cause: unknown): void {
  if (!String(cause).includes('the power is cut')) throw cause
}

test('a disk that is full at any verb loses nothing, and the outbox goes on when there is space', async () => {
  const kept = pendingNote(noteId(9), { baseText: 'kept '.repeat(900) })
  for (let free = 0; free < 30_000; free += 997) {
    const disk = new WatchedDisk()
    const first = await opened(disk, 2_000)
    await first.outbox.put(kept)
    await first.outbox.close()
    disk.freeBytes = free
    const { outbox } = await opened(disk, 2_000)
    const expected = new Map<string, PendingNote>([[noteId(9), kept]])
    const roll = dice(free)
    let refusals = 0
    for (let turn = 0; turn < 40; turn++) {
      const next = nextOf(noteId(roll(4)), expected.get(noteId(roll(4))), roll)
      const [failure] = await failures([outbox.put(next)])
      if (failure === undefined) expected.set(next.noteId, next)
      else expect(failure).toMatchObject({ failure: 'full' })
      if (failure !== undefined) refusals += 1
    }
    // The same at any moment: killed now, or given space.
    expect(sorted((await opened(disk.afterKill())).pending)).toEqual(sorted(expected.values()))
    disk.freeBytes = 1_000_000
    const more = pendingNote(noteId(8), { baseText: 'after' })
    await outbox.put(more)
    expected.set(more.noteId, more)
    await outbox.close()
    const { pending, notices } = await opened(disk.afterPowerCut(() => false))
    expect(notices).toEqual([])
    expect(sorted(pending)).toEqual(sorted(expected.values()))
    if (free === 0) expect(refusals).toBe(40)
  }
})

test('a start on a full disk reads everything', async () => {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk)
  await outbox.put(pendingNote(noteId(1), { baseText: 'text' }))
  await outbox.close()
  disk.freeBytes = 0
  expect((await opened(disk)).pending).toHaveLength(1)
})

test('a failing truncate or rename of a full disk leaves an outbox that can go on', async () => {
  for (const verb of ['truncate', 'rename', 'remove', 'write']) {
    const disk = new WatchedDisk()
    const { outbox } = await opened(disk, 500)
    await outbox.put(pendingNote(noteId(1), { baseText: 'one' }))
    disk.fails = (called) => (called === verb || called === 'write' ? 'read-only' : null)
    const [failure] = await failures([outbox.put(pendingNote(noteId(2), { baseText: 'two' }))])
    expect(failure).toMatchObject({ failure: 'read-only' })
    disk.fails = () => null
    await outbox.put(pendingNote(noteId(3), { baseText: 'three' }))
    const { pending, notices } = await opened(disk.afterPowerCut(() => false))
    expect(notices).toEqual([])
    expect(pending.map((each) => each.baseText)).toEqual(['one', 'three'])
  }
})

test('a switch in the middle of a run whose rename fails, having happened, is not added to the old file', async () => {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk, 100)
  await outbox.put(pendingNote(noteId(1), { baseText: 'one' }))
  const { rename } = disk
  disk.rename = async (from, to) => {
    await rename.call(disk, from, to)
    throw new DiskFailed('full', from, 'it says')
  }
  const puts = async () => {
    for (let n = 0; n < 30; n++) await outbox.put(pendingNote(noteId(2), { baseText: `${n}` }))
  }
  await expect(puts()).rejects.toMatchObject({ failure: 'full' })
  disk.rename = rename
  await outbox.put(pendingNote(noteId(3), { baseText: 'three' }))
  const { pending } = await opened(disk.afterPowerCut(() => false))
  const ids = pending.map((each) => each.noteId)
  expect(ids).toContain(noteId(1))
  expect(ids).toContain(noteId(3))
})

test('a failed fsync of a new file is final although the old one could still be written', async () => {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk, 100)
  await outbox.put(pendingNote(noteId(1), { baseText: 'one' }))
  disk.fails = (verb, name) => (verb === 'sync' && name.endsWith('.tmp') ? 'broken' : null)
  const puts = async () => {
    for (let n = 0; n < 30; n++) await outbox.put(pendingNote(noteId(2), { baseText: `${n}` }))
  }
  await expect(puts()).rejects.toMatchObject({ failure: 'broken' })
  disk.fails = () => null
  await expect(outbox.put(pendingNote(noteId(3)))).rejects.toMatchObject({ failure: 'broken' })
})

test('a switch that a full disk refuses is put off, not tried with every put', async () => {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk, 1_000)
  await outbox.put(pendingNote(noteId(1), { baseText: 'x'.repeat(5_000) }))
  disk.fails = (_, name) => (name.endsWith('.tmp') ? 'full' : null)
  for (let n = 0; n < 200; n++) await outbox.put(pendingNote(noteId(2), { baseText: `${n}` }))
  const tries = disk.calls.filter((call) => call.startsWith('write') && call.endsWith('.tmp'))
  expect(tries.length).toBeGreaterThan(2)
  expect(tries.length).toBeLessThan(40)
})

test('what is put again goes behind what was put in between, also where a batch ends', async () => {
  const disk = new WatchedDisk()
  const { outbox } = await opened(disk)
  await outbox.put(pendingNote(noteId(9)))
  disk.diesAt = disk.calls.length + 3 // The first batch is written and synced.
  const huge = pendingNote(noteId(2), { baseText: 'x'.repeat(batchUnitsMax + 1) })
  const puts = [pendingNote(noteId(1)), huge, pendingNote(noteId(1), { base: 2 })]
  await failures(puts.map((each) => outbox.put(each)))
  const { pending } = await opened(disk.afterPowerCut(() => false))
  expect(pending.map((each) => each.noteId)).toEqual([noteId(9), noteId(2)])
})

test('a rename that failed and happened all the same confuses nobody', async () => {
  const disk = new WatchedDisk()
  const first = await opened(disk)
  await first.outbox.put(pendingNote(noteId(1), { baseText: 'one' }))
  await first.outbox.close()
  const { outbox } = await opened(disk)
  const rename = disk.rename.bind(disk)
  disk.rename = async (from, to) => {
    await rename(from, to)
    disk.rename = rename
    disk.fails = (verb) => (verb === 'read' ? null : 'full')
    throw await disk.sync(from).catch((failure) => failure)
  }
  const [failure] = await failures([outbox.put(pendingNote(noteId(2), { baseText: 'two' }))])
  expect(failure).toMatchObject({ failure: 'full' })
  disk.fails = () => null
  await outbox.put(pendingNote(noteId(3), { baseText: 'three' }))
  const { pending } = await opened(disk.afterPowerCut(() => false))
  expect(pending.map((each) => each.baseText)).toEqual(['one', 'three'])
  expect(disk.names()).toEqual([`${dir}/0000000003.log`])
})

function sorted(pending: Iterable<PendingNote>): PendingNote[] {
  return [...pending].sort((a, b) => (a.noteId < b.noteId ? -1 : 1))
}
