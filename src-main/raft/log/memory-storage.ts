import { assert } from '../../../src-shared/base/assert.ts'
import { fail, type Outcome, ok } from '../../../src-shared/base/outcome.ts'
import type { ConfState, Entry, HardState, Snapshot, SnapshotMetadata } from '../entry.ts'
import { EntryRun } from './entry-run.ts'
import type { InitialState, LogGap, Storage } from './storage.ts'

export const emptyConfState: ConfState = {
  voters: [],
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
}

const emptySnapshot: Snapshot = {
  data: null,
  metadata: { index: 0, term: 0, confState: emptyConfState },
}

/**
 * The durable log as the driver keeps it in memory, in step with what it wrote to disk. The term of
 * the last entry that is gone stays known: the entry after it must still find its predecessor.
 */
export class MemoryStorage implements Storage {
  readonly #entries = new EntryRun(1)
  #termBefore = 0
  #hardState: HardState = { term: 0, vote: 0n, commit: 0 }
  #snapshot = emptySnapshot

  initialState(): InitialState {
    return { hardState: this.#hardState, confState: this.#snapshot.metadata.confState }
  }

  setHardState(hardState: HardState): void {
    this.#hardState = hardState
  }

  entries(low: number, high: number, sizeMax: number): Outcome<readonly Entry[], LogGap> {
    if (low < this.#entries.first) return fail('compacted')
    assert(high <= this.#entries.last + 1, 'entries are asked for up to the last one at most')
    if (this.#entries.length === 0) return fail('unavailable')
    return ok(this.#entries.slice(low, high, sizeMax))
  }

  term(index: number): Outcome<number, LogGap> {
    if (index < this.#entries.first - 1) return fail('compacted')
    if (index === this.#entries.first - 1) return ok(this.#termBefore)
    return this.#entries.has(index) ? ok(this.#entries.termAt(index)) : fail('unavailable')
  }

  firstIndex(): number {
    return this.#entries.first
  }

  lastIndex(): number {
    return this.#entries.last
  }

  snapshot(): Outcome<Snapshot, never> {
    return ok(this.#snapshot)
  }

  snapshotMetadata(): SnapshotMetadata {
    return this.#snapshot.metadata
  }

  /**
   * Replaces the log by what it amounts to. A snapshot of index 0 with nothing but a configuration
   * is how a group may begin.
   */
  applySnapshot(snapshot: Snapshot): Outcome<void, 'out-of-date'> {
    const { index, term } = snapshot.metadata
    const current = this.#snapshot.metadata.index
    if (current !== 0 && index <= current) return fail('out-of-date')
    this.#snapshot = snapshot
    this.#entries.restart(index + 1)
    this.#termBefore = term
    return ok(undefined)
  }

  /**
   * Makes `data` the snapshot at `index`, an index that has been applied. A null `confState` keeps
   * the former one's. The log stays: that is for `compact`.
   */
  createSnapshot(
    index: number,
    confState: ConfState | null,
    data: Uint8Array | null,
  ): Outcome<Snapshot, 'out-of-date'> {
    const current = this.#snapshot.metadata
    if (index <= current.index) return fail('out-of-date')
    assert(index <= this.#entries.last, 'a snapshot is taken of what is in the log')
    const term = this.term(index)
    assert(term.ok, 'a snapshot newer than the last is at an index whose term is known')
    const metadata = { index, term: term.value, confState: confState ?? current.confState }
    this.#snapshot = { data, metadata }
    return ok(this.#snapshot)
  }

  /** Discards the entries up to and including `index`. Never beyond what has been applied. */
  compact(index: number): Outcome<void, 'compacted'> {
    if (index < this.#entries.first) return fail('compacted')
    assert(index <= this.#entries.last, 'the log is compacted up to its last entry at most')
    this.#termBefore = this.#entries.termAt(index)
    this.#entries.dropBefore(index + 1)
    return ok(undefined)
  }

  /**
   * Adds entries, replacing any suffix from the first of them on; what was compacted stays gone.
   */
  append(entries: readonly Entry[]): void {
    const given = entries[0]?.index ?? 0
    const from = Math.max(given, this.#entries.first)
    const fresh = from === given ? entries : entries.slice(from - given)
    if (fresh.length === 0) return
    assert(from <= this.#entries.last + 1, '[L1] indexes have no gaps')
    this.#entries.cutFrom(from)
    this.#entries.push(fresh)
  }
}
