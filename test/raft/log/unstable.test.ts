import { expect, test } from 'vitest'
import type { Snapshot } from '../../../src-main/raft/entry.ts'
import { Unstable } from '../../../src-main/raft/log/unstable.ts'
import { entriesOf, namesOf, snapshotOf } from '../../support/entries.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'

interface Given {
  readonly entries?: readonly number[]
  readonly snapshot?: Snapshot
  /** Everything so far is on its way to the disk. */
  readonly accepted?: boolean
}

/** Entries of these terms from 5 on, behind a snapshot at 4 if one is given. */
function unstable({ entries = [], snapshot, accepted = false }: Given): Unstable {
  const made = new Unstable(5, new RecordingLogger())
  if (snapshot !== undefined) made.restore(snapshot)
  made.truncateAndAppend(entriesOf(5, ...entries))
  if (accepted) made.acceptInProgress()
  return made
}

function borders(of: Unstable): readonly number[] {
  return [of.offset, of.offsetInProgress, of.length]
}

const at4 = snapshotOf(1, 4)

test('[B49] first and last index are known as far as something is here', () => {
  const known = (given: Given) => [unstable(given).firstIndex(), unstable(given).lastIndex()]
  expect(known({})).toEqual([null, null])
  expect(known({ entries: [1] })).toEqual([null, 5])
  expect(known({ snapshot: at4 })).toEqual([5, 4])
  expect(known({ snapshot: at4, entries: [1] })).toEqual([5, 5])
})

test('[B49] a term is known of the entries and of the snapshot itself', () => {
  const terms = (given: Given) => [3, 4, 5, 6].map((index) => unstable(given).term(index))
  expect(terms({ entries: [2] })).toEqual([null, null, 2, null])
  expect(terms({ snapshot: at4 })).toEqual([null, 1, null, null])
  expect(terms({ snapshot: at4, entries: [2, 3] })).toEqual([null, 1, 2, 3])
})

test.each<[string, readonly number[], number, boolean, readonly number[]]>([
  // entries from 5 on, written index and term: borders after
  ['an empty log', [], 5, false, [5, 5, 0]],
  ['the first of one', [1], 5, false, [6, 6, 0]],
  ['the first of one that was under way', [1], 5, true, [6, 6, 0]],
  ['the first of two', [1, 1], 5, false, [6, 6, 1]],
  ['the first of two that were under way', [1, 1], 5, true, [6, 7, 1]],
  ['one of another term', [2], 5, false, [5, 5, 1]],
  ['one before', [1], 4, false, [5, 5, 1]],
  ['one behind the last', [1], 6, true, [5, 6, 1]],
])('[B52] the disk reports %s', (_, entries, index, accepted, expected) => {
  const made = unstable({ entries, accepted })
  made.stableTo({ term: 1, index })
  expect(borders(made)).toEqual(expected)
})

test('[B52] the index of the snapshot that waits is not taken for an entry', () => {
  const made = unstable({ snapshot: at4, entries: [1] })
  made.stableTo({ term: 1, index: 4 })
  expect(borders(made)).toEqual([5, 5, 1])
  made.stableTo({ term: 1, index: 5 })
  expect(borders(made)).toEqual([6, 6, 0])
  expect(made.snapshot).toBe(at4)
})

test('[B52] what the disk reports of another snapshot is ignored', () => {
  const made = unstable({ snapshot: at4 })
  made.stableSnapshotTo(3)
  expect(made.snapshot).toBe(at4)
  made.stableSnapshotTo(4)
  expect(made.snapshot).toBeNull()
})

test('[B53] only what is not under way is handed out, and accepting it hands it out no more', () => {
  const made = unstable({ entries: [1, 1], snapshot: at4 })
  expect([namesOf(made.nextEntries()), made.nextSnapshot()]).toEqual(['1/5 1/6', at4])
  made.acceptInProgress()
  expect([made.nextEntries(), made.nextSnapshot(), made.hasNextEntries()]).toEqual([
    [],
    null,
    false,
  ])
  made.truncateAndAppend(entriesOf(7, 2))
  expect(namesOf(made.nextEntries())).toBe('2/7')
})

test.each<[string, number, readonly number[], string, readonly number[]]>([
  // appended from index, terms: all entries, borders
  ['at the end', 8, [2], '1/5 1/6 1/7 2/8', [5, 8, 4]],
  ['in place of the last', 7, [2, 2], '1/5 1/6 2/7 2/8', [5, 7, 4]],
  ['in place of all', 5, [2, 2], '2/5 2/6', [5, 5, 2]],
  ['from before what is here', 4, [2, 2], '2/4 2/5', [4, 4, 2]],
])(
  '[B51] [B53] appending %s gives back what was under way and is replaced',
  (_, from, terms, all, to) => {
    const made = unstable({ entries: [1, 1, 1], accepted: true })
    made.truncateAndAppend(entriesOf(from, ...terms))
    expect(
      namesOf(made.slice(made.offset, made.offset + made.length, Number.POSITIVE_INFINITY)),
    ).toBe(all)
    expect(borders(made)).toEqual(to)
  },
)

test('[B55] a snapshot takes the place of everything and has to be written first', () => {
  const made = unstable({ entries: [1, 1], accepted: true })
  const snapshot = snapshotOf(2, 9)
  made.restore(snapshot)
  expect(borders(made)).toEqual([10, 10, 0])
  expect(made.nextSnapshot()).toBe(snapshot)
})

test('[B90] what was handed out is not changed by what is appended later', () => {
  const made = unstable({ entries: [1, 1] })
  const handed = made.nextEntries()
  made.truncateAndAppend(entriesOf(6, 3, 3))
  expect(namesOf(handed)).toBe('1/5 1/6')
})

test('what is ignored or replaced is said in the log', () => {
  const logger = new RecordingLogger()
  const made = new Unstable(5, logger)
  made.restore(at4)
  made.truncateAndAppend(entriesOf(5, 1, 1))
  made.stableTo({ term: 1, index: 9 })
  made.stableTo({ term: 1, index: 4 })
  made.stableTo({ term: 7, index: 5 })
  made.truncateAndAppend(entriesOf(6, 2))
  made.truncateAndAppend(entriesOf(5, 3))
  expect(logger.lines).toEqual([
    'INFO entry at index 9 missing from unstable log; ignoring',
    'INFO entry at index 4 matched unstable snapshot; ignoring',
    'INFO entry at (index,term)=(5,7) mismatched with entry at (5,1) in unstable log; ignoring',
    'INFO truncate the unstable entries before index 6',
    'INFO replace the unstable entries from index 5',
  ])
})
