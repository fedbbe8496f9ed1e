import { expect, test } from 'vitest'
import { MemoryStorage } from '../../../src-main/raft/log/memory-storage.ts'
import { encodedEntrySize } from '../../../src-main/raft/wire/entry.ts'
import {
  emptyHardState,
  entriesOf,
  entryOf,
  namesOf,
  snapshotOf,
  votersAlone,
} from '../../support/entries.ts'

const unlimited = Number.POSITIVE_INFINITY
const compacted = { ok: false, error: 'compacted' }
const unavailable = { ok: false, error: 'unavailable' }
const outOfDate = { ok: false, error: 'out-of-date' }

/** A snapshot at 3/3, then 4/4 5/5 6/6. */
function storage(): MemoryStorage {
  const made = new MemoryStorage()
  made.applySnapshot(snapshotOf(3, 3))
  made.append(entriesOf(4, 4, 5, 6))
  return made
}

function all(of: MemoryStorage): string {
  const entries = of.entries(of.firstIndex(), of.lastIndex() + 1, unlimited)
  return entries.ok ? namesOf(entries.value) : entries.error
}

test.each([
  [2, compacted],
  [3, { ok: true, value: 3 }],
  [4, { ok: true, value: 4 }],
  [6, { ok: true, value: 6 }],
  [7, unavailable],
])('[B88] the term at %i, with a snapshot at 3 and entries to 6', (index, expected) => {
  expect(storage().term(index)).toEqual(expected)
})

test.each([
  [2, 6, compacted],
  [3, 4, compacted],
  [4, 5, '4/4'],
  [4, 6, '4/4 5/5'],
  [4, 7, '4/4 5/5 6/6'],
  [6, 7, '6/6'],
])('[B88] entries from %i to before %i', (low, high, expected) => {
  const entries = storage().entries(low, high, unlimited)
  expect(entries.ok ? namesOf(entries.value) : entries).toEqual(expected)
})

test('[B88] asking beyond the end is a bug, and from a log without entries there is nothing to have', () => {
  expect(() => storage().entries(4, 8, unlimited)).toThrow()
  const empty = new MemoryStorage()
  expect(empty.entries(1, 1, unlimited)).toEqual(unavailable)
  expect([empty.firstIndex(), empty.lastIndex(), empty.term(0)]).toEqual([
    1,
    0,
    { ok: true, value: 0 },
  ])
})

test('[B88] first and last index follow what is appended and compacted', () => {
  const made = storage()
  expect([made.firstIndex(), made.lastIndex()]).toEqual([4, 6])
  made.append(entriesOf(7, 6))
  expect([made.firstIndex(), made.lastIndex()]).toEqual([4, 7])
  made.compact(5)
  expect([made.firstIndex(), made.lastIndex()]).toEqual([6, 7])
  expect(made.term(5)).toEqual({ ok: true, value: 5 })
})

test('[B42] entries are limited by their size on the wire, and there is always one', () => {
  const made = new MemoryStorage()
  const entries = [entryOf(1, 1, 'a'.repeat(200)), entryOf(1, 2, 'b'), entryOf(1, 3, 'c')]
  made.append(entries)
  const [first = 0, second = 0, third = 0] = entries.map(encodedEntrySize)
  const within = (sizeMax: number) => {
    const answer = made.entries(1, 4, sizeMax)
    return answer.ok ? answer.value.length : answer.error
  }
  // Two bytes each for type, term and index; a tag, two bytes of length, 200 of data.
  expect(first).toBe(209)
  expect(within(0)).toBe(1)
  expect(within(first + second - 1)).toBe(1)
  expect(within(first + second)).toBe(2)
  expect(within(first + second + third - 1)).toBe(2)
  expect(within(first + second + third)).toBe(3)
})

test.each([
  ['what is all compacted', entriesOf(1, 1, 2, 3), '4/4 5/5 6/6'],
  ['what is partly compacted', entriesOf(2, 2, 3, 9), '9/4'],
  ['the same again', entriesOf(4, 4, 5, 6), '4/4 5/5 6/6'],
  ['another end', entriesOf(5, 7, 7), '4/4 7/5 7/6'],
  ['an overlap that is shorter', entriesOf(5, 7), '4/4 7/5'],
  ['what follows', entriesOf(7, 7, 8), '4/4 5/5 6/6 7/7 8/8'],
  ['nothing', [], '4/4 5/5 6/6'],
])('[B89] append %s', (_, entries, expected) => {
  const made = storage()
  made.append(entries)
  expect(all(made)).toBe(expected)
})

test('[B89] a gap is a bug', () => {
  expect(() => storage().append(entriesOf(8, 8))).toThrow('gaps')
})

test('[B89] compacting what is compacted is refused, beyond the end it is a bug', () => {
  const made = storage()
  expect(made.compact(3)).toEqual(compacted)
  expect(made.compact(6)).toEqual({ ok: true, value: undefined })
  expect([made.firstIndex(), made.lastIndex(), made.term(6)]).toEqual([
    7,
    6,
    { ok: true, value: 6 },
  ])
  expect(() => storage().compact(7)).toThrow()
})

test('[B89] a snapshot is newer than the one before and within the log; making it compacts nothing', () => {
  const made = storage()
  const data = Uint8Array.of(1)
  expect(made.createSnapshot(3, null, data)).toEqual(outOfDate)
  expect(() => made.createSnapshot(7, null, data)).toThrow()
  const metadata = { index: 5, term: 5, confState: votersAlone(7n) }
  expect(made.createSnapshot(5, votersAlone(7n), data)).toEqual({
    ok: true,
    value: { data, metadata },
  })
  expect(all(made)).toBe('4/4 5/5 6/6')
  expect(made.createSnapshot(6, null, data)).toMatchObject({
    value: { metadata: { confState: votersAlone(7n) } },
  })
})

test('[B89] a received snapshot is refused at or below the one that is there', () => {
  const made = storage()
  expect(made.applySnapshot(snapshotOf(3, 3))).toEqual(outOfDate)
  expect(made.applySnapshot(snapshotOf(2, 2))).toEqual(outOfDate)
  expect(all(made)).toBe('4/4 5/5 6/6')
  expect(made.applySnapshot(snapshotOf(7, 9)).ok).toBe(true)
  expect([made.firstIndex(), made.lastIndex(), made.term(9)]).toEqual([
    10,
    9,
    { ok: true, value: 7 },
  ])
})

test('[B89] a group may begin with a snapshot of index 0 that is only a configuration', () => {
  const made = new MemoryStorage()
  expect(made.applySnapshot(snapshotOf(0, 0, votersAlone(1n))).ok).toBe(true)
  expect(made.initialState()).toEqual({ hardState: emptyHardState, confState: votersAlone(1n) })
  expect([made.firstIndex(), made.lastIndex()]).toEqual([1, 0])
})

test('[B90] what was handed out stays as it was through appends and compactions', () => {
  const made = storage()
  const before = made.entries(4, 7, unlimited)
  const snapshot = made.snapshot()
  made.append(entriesOf(5, 9, 9, 9))
  made.compact(6)
  made.createSnapshot(7, null, null)
  expect(before.ok && namesOf(before.value)).toBe('4/4 5/5 6/6')
  expect(snapshot).toEqual({ ok: true, value: snapshotOf(3, 3) })
})

test('[B90] a caller that writes into what it was given does not reach the log', () => {
  const made = storage()
  const handed = made.entries(4, 7, unlimited)
  if (handed.ok) (handed.value as unknown[]).length = 0
  expect(all(made)).toBe('4/4 5/5 6/6')
})
