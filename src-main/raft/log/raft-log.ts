/** Longer than most files here: everything in it reads or moves the same few borders of one log. */
import { assert } from '../../../src-shared/base/assert.ts'
import { fail, type Outcome, ok } from '../../../src-shared/base/outcome.ts'
import type { Entry, Snapshot } from '../entry.ts'
import type { Logger } from '../logger.ts'
import { Applying } from './applying.ts'
import { encodedSize } from './entry-size.ts'
import { ownCopies } from './own-copies.ts'
import type { LogGap, Storage } from './storage.ts'
import { type EntryId, Unstable } from './unstable.ts'

export interface RaftLogOptions {
  readonly storage: Storage
  readonly logger: Logger
  /** Bytes on the wire that may be handed out for applying and not yet be applied; soft. */
  readonly applyingSizeMax: number
}

/**
 * One member's log: what is durable (`storage`), what is not yet (`unstable`), how far a quorum has
 * it (`committed`, paper §5.3) and how far the state machine has come (see Applying).
 */
export class RaftLog {
  readonly #storage: Storage
  readonly #logger: Logger
  readonly #unstable: Unstable
  readonly #applying: Applying
  #committed: number

  constructor({ storage, logger, applyingSizeMax }: RaftLogOptions) {
    this.#storage = storage
    this.#logger = logger
    this.#unstable = new Unstable(storage.lastIndex() + 1, logger)
    // Whatever a snapshot replaced was committed and applied.
    this.#committed = storage.firstIndex() - 1
    this.#applying = new Applying(this.#committed, applyingSizeMax)
  }

  get committed(): number {
    return this.#committed
  }

  get applied(): number {
    return this.#applying.applied
  }

  get applying(): number {
    return this.#applying.handedOut
  }

  get unstable(): Unstable {
    return this.#unstable
  }

  get snapshotPending(): boolean {
    return this.#unstable.snapshot !== null
  }

  firstIndex(): number {
    return this.#unstable.firstIndex() ?? this.#storage.firstIndex()
  }

  lastIndex(): number {
    return this.#unstable.lastIndex() ?? this.#storage.lastIndex()
  }

  /**
   * The term of the entry at `index`; also of the one before the first, which logs are matched by.
   */
  term(index: number): Outcome<number, LogGap> {
    const unstable = this.#unstable.term(index)
    if (unstable !== null) return ok(unstable)
    if (index < this.firstIndex() - 1) return fail('compacted')
    if (index > this.lastIndex()) return fail('unavailable')
    return this.#storage.term(index)
  }

  /** Zero where the term is not known: no entry has term 0. */
  termAt(index: number): number {
    const unstable = this.#unstable.term(index)
    if (unstable !== null) return unstable
    const term = this.term(index)
    return term.ok ? term.value : 0
  }

  lastEntryId(): EntryId {
    const index = this.lastIndex()
    const term = this.term(index)
    assert(term.ok, 'the term of the last entry is always known')
    return { term: term.value, index }
  }

  /** Whether a log that ends like this holds all that ours may have committed (paper §5.4.1). */
  isUpToDate(theirs: EntryId): boolean {
    const ours = this.lastEntryId()
    return theirs.term > ours.term || (theirs.term === ours.term && theirs.index >= ours.index)
  }

  matches(id: EntryId): boolean {
    const term = this.term(id.index)
    return term.ok && term.value === id.term
  }

  /** From `low` to the end, as many as fit into `sizeMax`: at least one. None behind the end. */
  entries(low: number, sizeMax: number): Outcome<readonly Entry[], LogGap> {
    const last = this.lastIndex()
    return low > last ? ok([]) : this.slice(low, last + 1, sizeMax)
  }

  /**
   * From `low` up to, not including, `high`, as many as fit into `sizeMax`: at least one of
   * several.
   */
  slice(low: number, high: number, sizeMax: number): Outcome<readonly Entry[], LogGap> {
    assert(low <= high, 'a slice of the log ends where it begins or after')
    if (low < this.firstIndex()) return fail('compacted')
    assert(high <= this.lastIndex() + 1, 'a slice of the log ends at its end at most')
    if (low === high) return ok([])
    const { offset } = this.#unstable
    if (low >= offset) return ok(this.#unstable.slice(low, high, sizeMax))
    const cut = Math.min(high, offset)
    const stable = this.#storage.entries(low, cut, sizeMax)
    if (!stable.ok) {
      assert(stable.error === 'compacted', 'what is not unstable is in the storage')
      return stable
    }
    // Fewer than asked for: the next did not fit any more.
    if (high <= offset || stable.value.length < cut - low) return stable
    return ok(this.#extended(stable.value, high, sizeMax))
  }

  /** The slice goes on in the unstable part, if the size lets it. */
  #extended(stable: readonly Entry[], high: number, sizeMax: number): readonly Entry[] {
    const isUnlimited = sizeMax === Number.POSITIVE_INFINITY
    const left = isUnlimited ? sizeMax : sizeMax - encodedSize(stable)
    if (left <= 0) return stable
    const more = this.#unstable.slice(this.#unstable.offset, high, left)
    if (more.length === 1 && encodedSize(more) > left) return stable
    return [...stable, ...more]
  }

  /**
   * Shows the entries from `low` up to, not including, `high`, in pages, until `visit` says stop.
   */
  scan(
    { low, high }: { readonly low: number; readonly high: number },
    pageSizeMax: number,
    visit: (entries: readonly Entry[]) => 'go on' | 'stop',
  ): Outcome<void, LogGap> {
    for (let next = low; next < high; ) {
      const page = this.slice(next, high, pageSizeMax)
      if (!page.ok) return page
      assert(page.value.length > 0, 'a page of a scan has an entry')
      if (visit(page.value) === 'stop') return ok(undefined)
      next += page.value.length
    }
    return ok(undefined)
  }

  snapshot(): Outcome<Snapshot, 'temporarily-unavailable'> {
    const { snapshot } = this.#unstable
    return snapshot === null ? this.#storage.snapshot() : ok(snapshot)
  }

  /**
   * What a leader sent: entries that follow on `previous`. Answers the last index that now agrees
   * with the leader's log, or null when `previous` does not match ours (paper §5.3).
   */
  maybeAppend(previous: EntryId, entries: readonly Entry[], commit: number): number | null {
    if (!this.matches(previous)) return null
    const lastNew = previous.index + entries.length
    const conflict = this.#firstConflict(entries)
    if (conflict !== null) {
      assert(conflict > this.#committed, '[L2] a committed entry is never replaced')
      // Only from the first difference on: an old message must not cut off what came later.
      const known = conflict - previous.index - 1
      this.append(known === 0 ? entries : entries.slice(known))
    }
    // Not beyond what this message proved to agree.
    this.commitTo(Math.min(commit, lastNew))
    return lastNew
  }

  /**
   * Adds entries, replacing any that are there from the first of them on. Answers the last index.
   */
  append(entries: readonly Entry[]): number {
    const first = entries[0]
    if (first === undefined) return this.lastIndex()
    assert(first.index > this.#committed, '[L2] a committed entry is never replaced')
    this.#unstable.truncateAndAppend(ownCopies(entries))
    return this.lastIndex()
  }

  /** The index of the first that is not in our log as it is. */
  #firstConflict(entries: readonly Entry[]): number | null {
    const last = this.lastIndex()
    for (const entry of entries) {
      if (entry.index <= last) {
        if (this.matches(entry)) continue
        this.#logger.info(
          `found conflict at index ${entry.index} [existing term: ${this.termAt(entry.index)}, ` +
            `conflicting term: ${entry.term}]`,
        )
      }
      return entry.index
    }
    return null
  }

  /**
   * The last entry at `index` or before that may agree with a log whose entry there has `term`:
   * ours with a larger term cannot (paper §5.3, the end). Term 0: so far back that ours is not
   * known.
   */
  lastPossibleMatch({ term, index }: EntryId): EntryId {
    for (let at = index; at > 0; at--) {
      const ours = this.term(at)
      if (!ours.ok) return { term: 0, index: at }
      if (ours.value <= term) return { term: ours.value, index: at }
    }
    return { term: 0, index: 0 }
  }

  /** Moves the commit index forward; what is committed stays so. */
  commitTo(index: number): void {
    if (index <= this.#committed) return
    assert(index <= this.lastIndex(), '[L3] nothing is committed beyond the end of the log')
    this.#committed = index
  }

  /** Takes over the commit index of an earlier life. */
  loadCommit(index: number): void {
    assert(
      index >= this.#committed && index <= this.lastIndex(),
      '[L3] a stored commit index lies within the log',
    )
    this.#committed = index
  }

  /** Commits up to `id`, if that is news and it names an entry of ours. Term 0 names none. */
  maybeCommit(id: EntryId): boolean {
    if (id.term === 0 || id.index <= this.#committed || !this.matches(id)) return false
    this.commitTo(id.index)
    return true
  }

  /** The snapshot takes the place of the whole log. */
  restore(snapshot: Snapshot): void {
    const { index, term } = snapshot.metadata
    this.#logger.info(
      `log [${this.#describe()}] starts to restore snapshot [index: ${index}, term: ${term}]`,
    )
    this.#committed = index
    this.#unstable.restore(snapshot)
  }

  /** Committed and not yet handed out. An entry may be applied while it is written, if allowed. */
  nextCommitted(allowUnstable: boolean): readonly Entry[] {
    if (!this.hasNextCommitted(allowUnstable)) return []
    const high = this.#lastAppliable(allowUnstable) + 1
    const entries = this.slice(this.applying + 1, high, this.#applying.room)
    assert(entries.ok, 'what is not yet applied is in the log')
    return entries.value
  }

  hasNextCommitted(allowUnstable: boolean): boolean {
    // A snapshot that waits will replace the state: nothing is applied on top of the old one.
    if (this.#applying.paused || this.snapshotPending) return false
    return this.applying < this.#lastAppliable(allowUnstable)
  }

  /** These have been handed out. */
  acceptApplying(entries: readonly Entry[], allowUnstable: boolean): void {
    const last = entries.at(-1)
    if (last === undefined) return
    assert(last.index <= this.#committed, '[L3] only what is committed is applied')
    const isCut = last.index < this.#lastAppliable(allowUnstable)
    this.#applying.handOut(last.index, encodedSize(entries), isCut)
  }

  /** The state machine has come to `index`; `size` is what that frees. */
  appliedTo(index: number, size: number): void {
    assert(index <= this.#committed, '[L3] only what is committed is applied')
    this.#applying.applyTo(index, size)
  }

  #lastAppliable(allowUnstable: boolean): number {
    return allowUnstable ? this.#committed : Math.min(this.#committed, this.#unstable.offset - 1)
  }

  #describe(): string {
    const { offset, offsetInProgress, length } = this.#unstable
    return (
      `committed=${this.#committed}, applied=${this.applied}, applying=${this.applying}, ` +
      `unstable.offset=${offset}, unstable.offsetInProgress=${offsetInProgress}, ` +
      `len(unstable.Entries)=${length}`
    )
  }
}
