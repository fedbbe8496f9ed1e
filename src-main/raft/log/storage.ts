import type { Outcome } from '../../../src-shared/base/outcome.ts'
import type { ConfState, Entry, HardState, Snapshot } from '../entry.ts'

/** `compacted`: replaced by a snapshot. `unavailable`: not there yet. */
export type LogGap = 'compacted' | 'unavailable'

/** What a member starts from. All zero and empty for one that never wrote anything. */
export interface InitialState {
  readonly hardState: HardState
  readonly confState: ConfState
}

/**
 * The part of the log that is durable, as raft reads it. It answers from memory: nothing here
 * waits. Only the driver writes to it. What it hands out is never changed afterwards.
 */
export interface Storage {
  initialState(): InitialState
  /**
   * The entries from `low` up to, not including, `high`, as many as fit into `sizeMax` bytes on the
   * wire: at least one. Fewer or more than fit do no harm. `high` is at most one behind the last.
   */
  entries(low: number, high: number, sizeMax: number): Outcome<readonly Entry[], LogGap>
  /** Of any index from one before the first to the last: the one before is needed to match logs. */
  term(index: number): Outcome<number, LogGap>
  firstIndex(): number
  lastIndex(): number
  /** The newest snapshot; `temporarily-unavailable` while one is being made: raft asks again. */
  snapshot(): Outcome<Snapshot, 'temporarily-unavailable'>
}
