import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Entry } from '../../../src-main/raft/entry.ts'
import { MemoryStorage } from '../../../src-main/raft/log/memory-storage.ts'
import { RaftLog } from '../../../src-main/raft/log/raft-log.ts'
import { encodedEntrySize } from '../../../src-main/raft/wire/entry.ts'
import { entriesOf, entryOf, namesOf, snapshotOf } from '../../support/entries.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'

const unlimited = Number.POSITIVE_INFINITY
const compacted = { ok: false, error: 'compacted' }

interface Given {
  /** The storage begins behind a snapshot at this index, of term 1. */
  readonly after?: number
  readonly stable?: readonly number[]
  readonly unstable?: readonly number[]
  readonly committed?: number
  readonly logger?: RecordingLogger
}

/** Entries of these terms: first those of the storage, then those that are not written yet. */
function logOf({ after = 0, stable = [], unstable = [], committed, logger }: Given): RaftLog {
  const storage = new MemoryStorage()
  if (after > 0) storage.applySnapshot(snapshotOf(1, after))
  storage.append(entriesOf(after + 1, ...stable))
  const log = new RaftLog({
    storage,
    logger: logger ?? new RecordingLogger(),
    applyingSizeMax: unlimited,
  })
  log.append(entriesOf(after + 1 + stable.length, ...unstable))
  if (committed !== undefined) log.commitTo(committed)
  return log
}

function all(log: RaftLog): string {
  const entries = log.slice(log.firstIndex(), log.lastIndex() + 1, unlimited)
  return entries.ok ? namesOf(entries.value) : entries.error
}

test('[B49] a term is known from one before the first entry to the last', () => {
  const log = logOf({ after: 100, stable: [1, 2], unstable: [3] })
  expect(log.term(99)).toEqual(compacted)
  expect([100, 101, 102, 103].map((index) => log.termAt(index))).toEqual([1, 1, 2, 3])
  expect(log.term(104)).toEqual({ ok: false, error: 'unavailable' })
})

test('[B49] with a snapshot that waits, the log before it is gone, written or not', () => {
  const log = logOf({ after: 100, stable: [1, 1, 1] })
  log.restore(snapshotOf(5, 105))
  log.append(entriesOf(106, 6))
  for (const index of [100, 102, 103, 104]) expect(log.term(index)).toEqual(compacted)
  expect([log.termAt(105), log.termAt(106)]).toEqual([5, 6])
  expect([log.firstIndex(), log.lastIndex()]).toEqual([106, 106])
  expect(log.slice(101, 102, unlimited)).toEqual(compacted)
})

test.each([
  [100, 102, compacted],
  [101, 101, ''],
  [101, 103, '1/101 1/102'],
  [102, 104, '1/102 2/103'],
  [103, 105, '2/103 2/104'],
  [101, 105, '1/101 1/102 2/103 2/104'],
  [105, 105, ''],
])(
  '[B50] a slice from %i to before %i crosses from what is written to what is not',
  (low, high, expected) => {
    const slice = logOf({ after: 100, stable: [1, 1], unstable: [2, 2] }).slice(
      low,
      high,
      unlimited,
    )
    expect(slice.ok ? namesOf(slice.value) : slice).toEqual(expected)
  },
)

test('[B50] a slice that goes back, or beyond the end, is a bug', () => {
  const log = logOf({ stable: [1, 1], unstable: [1] })
  expect(() => log.slice(2, 1, unlimited)).toThrow()
  expect(() => log.slice(1, 5, unlimited)).toThrow('end')
  expect(() => log.slice(5, 5, unlimited)).toThrow('end')
})

/** What a plain array would give: from the front, as many as fit, at least one. */
function modelSlice(entries: readonly Entry[], low: number, high: number, sizeMax: number) {
  const wanted = entries.filter(({ index }) => index >= low && index < high)
  let size = 0
  const fitting = wanted.filter((entry, place) => {
    size += encodedEntrySize(entry)
    return place === 0 || size <= sizeMax
  })
  return fitting
}

test('[B50] slices, their limits and the scan in pages are those of a plain array', () => {
  const texts = fc.array(fc.string({ maxLength: 12 }), { maxLength: 8 })
  const cut = fc.nat({ max: 1000 })
  fc.assert(
    fc.property(
      fc.record({ after: fc.nat({ max: 5 }), stable: texts, unstable: texts, from: cut, to: cut }),
      fc.oneof(fc.nat({ max: 120 }), fc.constant(unlimited)),
      ({ after, stable, unstable, from, to }, sizeMax) => {
        const entries = [...stable, ...unstable].map((text, place) =>
          entryOf(1, after + 1 + place, text),
        )
        const storage = new MemoryStorage()
        if (after > 0) storage.applySnapshot(snapshotOf(1, after))
        storage.append(entries.slice(0, stable.length))
        const log = new RaftLog({
          storage,
          logger: new RecordingLogger(),
          applyingSizeMax: unlimited,
        })
        log.append(entries.slice(stable.length))
        const low = after + 1 + (from % (entries.length + 1))
        const high = low + (to % (after + 2 + entries.length - low))
        const expected = modelSlice(entries, low, high, sizeMax)
        expect(log.slice(low, high, sizeMax)).toEqual({ ok: true, value: expected })
        const seen: Entry[] = []
        log.scan({ low, high }, sizeMax, (page) => {
          seen.push(...page)
          return 'go on'
        })
        expect(seen).toEqual(modelSlice(entries, low, high, unlimited))
      },
    ),
    { numRuns: 500 },
  )
})

test('[B42] the limit holds across the seam, and one entry always goes', () => {
  const log = logOf({ stable: [1, 1], unstable: [1, 1] })
  const size = encodedEntrySize(entryOf(1, 1))
  const lengths = [0, 1, size, 2 * size, 3 * size - 1, 3 * size, 9 * size].map((sizeMax) => {
    const slice = log.slice(1, 5, sizeMax)
    return slice.ok ? slice.value.length : slice.error
  })
  expect(lengths).toEqual([1, 1, 1, 2, 2, 3, 4])
})

test('[B48] a scan stops when it has seen enough', () => {
  const pages: string[] = []
  logOf({ stable: [1, 1], unstable: [2, 2] }).scan({ low: 1, high: 5 }, 0, (page) => {
    pages.push(namesOf(page))
    return pages.length === 3 ? 'stop' : 'go on'
  })
  expect(pages).toEqual(['1/1', '1/2', '2/3'])
})

test('[B51] appending replaces what conflicts and never what is committed', () => {
  const log = logOf({ stable: [1, 2], committed: 1 })
  expect(log.append([])).toBe(2)
  expect(log.append(entriesOf(3, 2))).toBe(3)
  expect([all(log), log.unstable.offset]).toEqual(['1/1 2/2 2/3', 3])
  expect(log.append(entriesOf(2, 3, 3))).toBe(3)
  expect([all(log), log.unstable.offset]).toEqual(['1/1 3/2 3/3', 2])
  expect(() => log.append(entriesOf(1, 9))).toThrow('committed')
})

test('[B90] what is appended is copied: the buffer it came in may be used again', () => {
  const log = logOf({})
  const data = Uint8Array.of(1, 2, 3)
  log.append([{ type: 'EntryNormal', term: 1, index: 1, data }])
  data.fill(9)
  expect(log.slice(1, 2, unlimited)).toMatchObject({ value: [{ data: Uint8Array.of(1, 2, 3) }] })
})

// A log of 1/1 2/2 3/3 with 1 committed: what of a leader's append is taken (paper §5.3).
test.each<[string, number, number, readonly number[], number, number | null, string, number]>([
  ['another term before', 2, 3, [4], 3, null, '1/1 2/2 3/3', 1],
  ['nothing before to match', 3, 4, [4], 4, null, '1/1 2/2 3/3', 1],
  ['nothing new', 3, 3, [], 3, 3, '1/1 2/2 3/3', 3],
  ['a commit beyond what it proves', 3, 3, [], 4, 3, '1/1 2/2 3/3', 3],
  ['a commit short of it', 3, 3, [], 2, 3, '1/1 2/2 3/3', 2],
  ['an older commit', 3, 3, [], 0, 3, '1/1 2/2 3/3', 1],
  ['one more', 3, 3, [4], 3, 4, '1/1 2/2 3/3 4/4', 3],
  ['two more, all committed', 3, 3, [4, 4], 5, 5, '1/1 2/2 3/3 4/4 4/5', 5],
  ['the last one replaced', 2, 2, [4], 3, 3, '1/1 2/2 4/3', 3],
  ['the last two replaced by one', 1, 1, [4], 2, 2, '1/1 4/2', 2],
])('[B29] an append with %s', (_, term, index, terms, commit, last, after, committed) => {
  const log = logOf({ stable: [1, 2, 3], committed: 1 })
  const entries = entriesOf(index + 1, ...terms)
  expect(log.maybeAppend({ term, index }, entries, commit)).toBe(last)
  expect([all(log), log.committed]).toEqual([after, committed])
})

test('[B29] an append that contradicts a committed entry is a bug, not a reason to forget it', () => {
  const log = logOf({ stable: [1, 2, 3], committed: 2 })
  expect(() => log.maybeAppend({ term: 1, index: 1 }, entriesOf(2, 4), 2)).toThrow('committed')
  expect(all(log)).toBe('1/1 2/2 3/3')
})

test('[B30] an append that arrives late does not cut off what came after it', () => {
  const log = logOf({ stable: [1, 1, 1], unstable: [1] })
  expect(log.maybeAppend({ term: 1, index: 1 }, entriesOf(2, 1), 2)).toBe(2)
  expect([all(log), log.committed]).toEqual(['1/1 1/2 1/3 1/4', 2])
})

// The last index that may agree with a log which has this term at this index; term 0 where ours is
// not known.
test.each<[readonly number[], number, number, number, number]>([
  [[1, 2, 2], 3, 100, 2, 3],
  [[1, 2, 2], 3, 2, 2, 3],
  [[1, 2, 2], 3, 1, 1, 1],
  [[1, 2, 2], 2, 1, 1, 1],
  [[1, 2, 2], 1, 1, 1, 1],
  [[1, 2, 2], 3, 0, 0, 0],
  [[3, 3, 4, 5], 4, 3, 3, 2],
  [[3, 3, 4, 5], 4, 2, 0, 0],
  [[3, 3, 4, 5], 3, 9, 4, 3],
])('[B31] in a log of terms %s, %i with term %i can agree from %i/%i on', (...row) => {
  const [terms, index, term, matchTerm, matchIndex] = row
  expect(logOf({ stable: terms }).lastPossibleMatch({ term, index })).toEqual({
    term: matchTerm,
    index: matchIndex,
  })
})

test('[B31] where the log is compacted nothing is known, and the search ends there', () => {
  const log = logOf({ after: 5, stable: [4, 4] })
  expect(log.lastPossibleMatch({ term: 1, index: 7 })).toEqual({ term: 1, index: 5 })
  expect(log.lastPossibleMatch({ term: 0, index: 7 })).toEqual({ term: 0, index: 4 })
})

test('[B33] the commit index never falls, and never passes the end of the log', () => {
  const log = logOf({ stable: [1, 2, 3], committed: 2 })
  log.commitTo(1)
  expect(log.committed).toBe(2)
  log.commitTo(3)
  expect(log.committed).toBe(3)
  expect(() => log.commitTo(4)).toThrow('[L3]')
})

test('[B55] nothing is committed by term 0, by another term or backwards', () => {
  const log = logOf({ stable: [1, 2, 3], committed: 1 })
  expect(log.maybeCommit({ term: 0, index: 9 })).toBe(false)
  expect(log.maybeCommit({ term: 2, index: 3 })).toBe(false)
  expect(log.maybeCommit({ term: 1, index: 1 })).toBe(false)
  expect(log.maybeCommit({ term: 2, index: 2 })).toBe(true)
  expect(log.committed).toBe(2)
})

test('[B55] term 0 names no entry, not even in a log that has one of that term', () => {
  const log = logOf({ unstable: [0] })
  expect(log.maybeCommit({ term: 0, index: 1 })).toBe(false)
  expect(log.committed).toBe(0)
})

test('[B55] restoring a snapshot leaves only it, committed and not applied', () => {
  const logger = new RecordingLogger()
  const log = logOf({ stable: [1, 1, 1], unstable: [1], committed: 2, logger })
  logger.forget()
  log.restore(snapshotOf(3, 7))
  expect([log.committed, log.applied, log.firstIndex(), log.lastIndex()]).toEqual([7, 0, 8, 7])
  expect([log.termAt(7), log.unstable.length, log.snapshotPending]).toEqual([3, 0, true])
  expect(logger.lines).toEqual([
    'INFO log [committed=2, applied=0, applying=0, unstable.offset=4, unstable.offsetInProgress=4, ' +
      'len(unstable.Entries)=1] starts to restore snapshot [index: 7, term: 3]',
  ])
})

test('[B55] the state machine goes neither back nor beyond what is committed', () => {
  const log = logOf({ stable: [1, 1, 1, 1], committed: 3 })
  log.appliedTo(2, 0)
  expect(() => log.appliedTo(1, 0)).toThrow('[L3]')
  expect(() => log.appliedTo(4, 0)).toThrow('[L3]')
  log.appliedTo(3, 0)
  expect(log.applied).toBe(3)
})

test('[B54] committed entries are handed out once, from behind the last that was', () => {
  const log = logOf({ stable: [1, 1, 1], unstable: [1, 1], committed: 4 })
  const handed = log.nextCommitted(true)
  expect(namesOf(handed)).toBe('1/1 1/2 1/3 1/4')
  log.acceptApplying(handed.slice(0, 2), true)
  log.appliedTo(1, 0)
  expect(log.applying).toBe(2)
  log.appliedTo(2, 0)
  expect(namesOf(log.nextCommitted(true))).toBe('1/3 1/4')
  log.acceptApplying(log.nextCommitted(true), true)
  log.appliedTo(4, 0)
  expect([log.nextCommitted(true), log.hasNextCommitted(true)]).toEqual([[], false])
})

test('[B54] with asynchronous writes nothing is applied before it is written here', () => {
  const log = logOf({ stable: [1, 1], unstable: [1, 1], committed: 4 })
  expect(namesOf(log.nextCommitted(false))).toBe('1/1 1/2')
  expect(namesOf(log.nextCommitted(true))).toBe('1/1 1/2 1/3 1/4')
})

test('[B54] nothing is handed out on top of a state that a snapshot is about to replace', () => {
  const log = logOf({ stable: [1, 1], committed: 2 })
  log.restore(snapshotOf(1, 5))
  expect([log.nextCommitted(true), log.hasNextCommitted(true)]).toEqual([[], false])
})
