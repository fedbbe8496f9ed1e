import {
  type ConfState,
  type Entry,
  type NodeId,
  nobody,
  type Snapshot,
} from '../../src-main/raft/entry.ts'

/** An entry with the text as its data; no text, no data. */
export function entryOf(term: number, index: number, text?: string): Entry {
  const data = text === undefined ? null : new TextEncoder().encode(text)
  return { type: 'EntryNormal', term, index, data }
}

/** Entries of these terms, from `first` on. */
export function entriesOf(first: number, ...terms: readonly number[]): readonly Entry[] {
  return terms.map((term, place) => entryOf(term, first + place))
}

/** `1/5 1/6 2/7`: terms and indexes, which name entries for good. */
export function namesOf(entries: readonly Entry[]): string {
  return entries.map(({ term, index }) => `${term}/${index}`).join(' ')
}

export function votersAlone(...voters: readonly NodeId[]): ConfState {
  return { voters, learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
}

export function snapshotOf(
  term: number,
  index: number,
  confState: ConfState = votersAlone(1n, 2n, 3n),
): Snapshot {
  return { data: null, metadata: { index, term, confState } }
}

export const emptyHardState = { term: 0, vote: nobody, commit: 0 }
