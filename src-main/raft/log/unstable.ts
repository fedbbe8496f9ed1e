import type { Entry, Snapshot } from '../entry.ts'
import type { Logger } from '../logger.ts'
import { EntryRun } from './entry-run.ts'

/**
 * The last entry of some stretch of the log: index and term name an entry for good (paper §5.3).
 */
export interface EntryId {
  readonly term: number
  readonly index: number
}

/**
 * What is not known to be durable yet: perhaps a snapshot, then the entries from `offset` on. Some
 * of it may be on its way to the disk; until the disk answers, a change of leader may replace it.
 */
export class Unstable {
  readonly #logger: Logger
  readonly #entries: EntryRun
  /** The first entry that is not on its way to the disk [L4]. */
  #notInProgress: number
  #snapshot: Snapshot | null = null
  #snapshotInProgress = false

  constructor(offset: number, logger: Logger) {
    this.#logger = logger
    this.#entries = new EntryRun(offset)
    this.#notInProgress = offset
  }

  /** The index of the first entry here, or of the next one. */
  get offset(): number {
    return this.#entries.first
  }

  get offsetInProgress(): number {
    return this.#notInProgress
  }

  get length(): number {
    return this.#entries.length
  }

  get snapshot(): Snapshot | null {
    return this.#snapshot
  }

  /** Known only when a snapshot waits here: the log then starts behind it. */
  firstIndex(): number | null {
    return this.#snapshot === null ? null : this.#snapshot.metadata.index + 1
  }

  /** Null when there is neither entry nor snapshot here. */
  lastIndex(): number | null {
    if (this.#entries.length > 0) return this.#entries.last
    return this.#snapshot === null ? null : this.#snapshot.metadata.index
  }

  /** Null when the entry is not here: it may be in the storage. */
  term(index: number): number | null {
    if (this.#entries.has(index)) return this.#entries.termAt(index)
    const metadata = this.#snapshot?.metadata
    return metadata?.index === index ? metadata.term : null
  }

  slice(low: number, high: number, sizeMax: number): Entry[] {
    return this.#entries.slice(low, high, sizeMax)
  }

  hasNextEntries(): boolean {
    return this.#notInProgress <= this.#entries.last
  }

  /** What is to be written and is not on its way yet. */
  nextEntries(): readonly Entry[] {
    if (!this.hasNextEntries()) return []
    return this.slice(this.#notInProgress, this.#entries.last + 1, Number.POSITIVE_INFINITY)
  }

  nextSnapshot(): Snapshot | null {
    return this.#snapshotInProgress ? null : this.#snapshot
  }

  /** All there is goes to the disk now. */
  acceptInProgress(): void {
    this.#notInProgress = this.#entries.last + 1
    if (this.#snapshot !== null) this.#snapshotInProgress = true
  }

  /**
   * The disk has everything up to `written`. That may be said of entries that were replaced since
   * they were handed to it; only an entry of the same term is the one that was written.
   */
  stableTo(written: EntryId): void {
    const term = this.term(written.index)
    const { index } = written
    if (term === null) {
      this.#logger.info(`entry at index ${index} missing from unstable log; ignoring`)
    } else if (index < this.offset) {
      this.#logger.info(`entry at index ${index} matched unstable snapshot; ignoring`)
    } else if (term !== written.term) {
      this.#logger.info(
        `entry at (index,term)=(${index},${written.term}) mismatched with entry at ` +
          `(${index},${term}) in unstable log; ignoring`,
      )
    } else {
      this.#entries.dropBefore(index + 1)
      this.#notInProgress = Math.max(this.#notInProgress, this.offset)
    }
  }

  stableSnapshotTo(index: number): void {
    if (this.#snapshot?.metadata.index !== index) return
    this.#snapshot = null
    this.#snapshotInProgress = false
  }

  /** The snapshot replaces everything here. */
  restore(snapshot: Snapshot): void {
    const next = snapshot.metadata.index + 1
    this.#entries.restart(next)
    this.#notInProgress = next
    this.#snapshot = snapshot
    this.#snapshotInProgress = false
  }

  /** Adds entries, replacing what is here from the first of them on. */
  truncateAndAppend(entries: readonly Entry[]): void {
    const from = entries[0]?.index ?? this.#entries.last + 1
    if (from <= this.offset && this.#entries.last + 1 !== from) {
      this.#logger.info(`replace the unstable entries from index ${from}`)
      this.#entries.restart(from)
      this.#notInProgress = from
    } else if (from <= this.#entries.last) {
      this.#logger.info(`truncate the unstable entries before index ${from}`)
      this.#entries.cutFrom(from)
      // What is replaced has to be written again, even if the disk has just got it.
      this.#notInProgress = Math.min(this.#notInProgress, from)
    }
    this.#entries.push(entries)
  }
}
