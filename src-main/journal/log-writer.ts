/**
 * Appends to the log. One idea that needs its 200 lines together: one batch is on its way at a time,
 * everything that arrives meanwhile is the next one, and nothing is believed durable before its
 * fsync came back. Positions move only then; so a batch that the disk had no room for leaves no
 * trace but bytes behind the end, which are cut before the next is tried.
 */
import { assert } from '../../src-shared/base/assert.ts'
import type { Entry, HardState } from '../raft/entry.ts'
import { encodeEntry } from '../raft/wire/entry.ts'
import { encodeHardState } from '../raft/wire/hard-state.ts'
import { Batch } from './batch.ts'
import type { Disk } from './disk.ts'
import { createWhole, isPassing, syncForGood, writeAll } from './durable.ts'
import type { Mark } from './mark-format.ts'
import { type Link, recordTypes } from './record.ts'
import { encodeSeal, encodeSnapshotRecord, encodeState } from './replay.ts'
import { putSegmentHeader, segmentHeaderBytes, segmentName } from './segment.ts'
import type { Shelf } from './shelf.ts'
import { type TermRuns, termAt, withEntry } from './term-runs.ts'

/** The end of what is durable. */
export interface LogEnd {
  readonly segment: { readonly name: string; readonly number: number }
  readonly offset: number
  readonly link: Link
  readonly isSealed: boolean
  readonly lastIndex: number
  readonly lastTerm: number
  readonly runs: TermRuns
  readonly hardState: HardState
  readonly shelf: Shelf
}

export type LogAppend =
  | {
      readonly kind: 'save'
      readonly hardState: HardState | null
      readonly entries: readonly Entry[]
    }
  | { readonly kind: 'shelve'; readonly shelf: Shelf; readonly isInstalled: boolean }

interface Waiting {
  readonly append: LogAppend
  resolve(): void
  reject(cause: unknown): void
}

export interface LogWriterOptions {
  readonly disk: Disk
  readonly journal: Buffer
  readonly end: LogEnd
  readonly segmentBytesMax: number
  /** What has to be put right before the first write; null when nothing has. It may be tried again. */
  readonly mend: (() => Promise<void>) | null
  /** A batch is about to be written: a moment to let the mark ride along. */
  onBatch(): void
  /** A new segment begins with this index. */
  onSegment(segment: { name: string; number: number; firstIndex: number }): void
}

export class LogWriter {
  readonly #options: LogWriterOptions
  readonly #batch = new Batch()
  readonly #waiting: Waiting[] = []
  #end: LogEnd
  /** The last index if all that waits succeeds. */
  #expected: number
  #mend: (() => Promise<void>) | null
  #draining: Promise<void> | null = null
  #failed: Error | null = null

  constructor(options: LogWriterOptions) {
    this.#options = options
    this.#end = options.end
    this.#expected = options.end.lastIndex
    this.#mend = options.mend
  }

  get end(): LogEnd {
    return this.#end
  }

  get failed(): Error | null {
    return this.#failed
  }

  /**
   * Resolves when it is durable. What is appended in one turn is durable together or not at all.
   * Rejects with a DiskFailed `full` or `read-only` when nothing of it was stored and it may be tried
   * again; all else is final.
   */
  append(append: LogAppend): Promise<void> {
    if (this.#failed !== null) return Promise.reject(this.#failed)
    this.#expect(append)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ append, resolve, reject })
      this.#draining ??= this.#drain()
    })
  }

  /**
   * After this the disk holds nothing of what was refused for want of space: until then a record may
   * lie behind the end that a start would believe. Rejects as `append` does.
   */
  async cutBack(): Promise<void> {
    if (this.#mend !== null) await this.append({ kind: 'save', hardState: null, entries: [] })
  }

  /** The machine failed elsewhere: nothing is written any more. */
  fail(cause: Error): void {
    if (this.#failed !== null) return
    this.#failed = cause
    this.#rejectAll(cause)
  }

  async settled(): Promise<void> {
    while (this.#draining !== null) await this.#draining
  }

  #expect(append: LogAppend): void {
    if (append.kind === 'shelve') {
      const index = append.shelf[0]?.index ?? 0
      if (append.isInstalled || index > this.#expected) this.#expected = index
      return
    }
    let previous = Math.min(this.#expected, (append.entries[0]?.index ?? 1) - 1)
    for (const entry of append.entries) {
      assert(entry.index === previous + 1, '[J1] entries are saved without a gap')
      previous = entry.index
    }
    if (append.entries.length > 0) this.#expected = previous
  }

  async #drain(): Promise<void> {
    // One turn later: what is saved in the same turn shares the first fsync.
    await null
    while (this.#waiting.length > 0 && this.#failed === null) {
      const taken = this.#waiting.splice(0)
      try {
        await this.#write(taken)
        this.#settle(taken)
      } catch (cause) {
        this.#refuse(taken, cause)
      }
    }
    this.#draining = null
  }

  async #write(taken: readonly Waiting[]): Promise<void> {
    const wasMended = this.#mend !== null
    if (this.#mend !== null) await this.#mend()
    this.#mend = null
    if (this.#end.isSealed) await this.#beginSegment()
    const { disk } = this.#options
    const next = this.#encode(taken)
    if (this.#batch.length === 0) {
      // Nothing that is not there already.
      if (wasMended) await syncForGood(disk, this.#end.segment.name)
      return
    }
    this.#options.onBatch()
    const { segment, offset } = this.#end
    // Until the fsync is back, what stands behind `offset` counts for nothing.
    this.#mend = () => disk.truncate(segment.name, offset)
    await writeAll(disk, segment.name, offset, this.#batch.bytes)
    await syncForGood(disk, segment.name)
    this.#mend = null
    this.#end = next
  }

  /** Entries first, the hard state after what it speaks of; of several only the last one counts. */
  #encode(taken: readonly Waiting[]): LogEnd {
    const batch = this.#batch
    batch.begin(this.#end.link)
    let end = this.#end
    for (const { append } of taken) {
      if (append.kind === 'shelve') end = this.#encodeShelf(end, append)
      else end = this.#encodeSave(end, append)
    }
    if (end.hardState !== this.#end.hardState) {
      batch.add(recordTypes.hardState, encodeHardState(end.hardState))
    }
    const isSealed = end.offset + batch.length >= this.#options.segmentBytesMax
    if (isSealed) batch.add(recordTypes.sealed, encodeSeal(end.lastIndex))
    return { ...end, offset: end.offset + batch.length, link: batch.link, isSealed }
  }

  /**
   * An entry that the log holds already, same index and same term, is the same entry (paper §5.3) and
   * is not written again: a replica that repeats what was saved must not cut off what follows.
   */
  #encodeSave(before: LogEnd, append: LogAppend & { kind: 'save' }): LogEnd {
    let { lastIndex, lastTerm, runs } = before
    for (const entry of append.entries) {
      if (entry.index <= lastIndex && termAt(runs, entry.index) === entry.term) continue
      this.#batch.add(recordTypes.entry, encodeEntry(entry))
      runs = withEntry(runs, entry)
      lastIndex = entry.index
      lastTerm = entry.term
    }
    return { ...before, lastIndex, lastTerm, runs, hardState: append.hardState ?? before.hardState }
  }

  #encodeShelf(before: LogEnd, append: LogAppend & { kind: 'shelve' }): LogEnd {
    const { shelf, isInstalled } = append
    this.#batch.add(recordTypes.snapshot, encodeSnapshotRecord(shelf, isInstalled))
    const [newest] = shelf
    if (newest === undefined || (!isInstalled && newest.index <= before.lastIndex)) {
      return { ...before, shelf }
    }
    return { ...before, shelf, lastIndex: newest.index, lastTerm: newest.term, runs: [] }
  }

  /** The new file appears whole, with its first record, or not at all. */
  async #beginSegment(): Promise<void> {
    const number = this.#end.segment.number + 1
    const segment = await createSegment(this.#options.disk, {
      batch: this.#batch,
      journal: this.#options.journal,
      number,
      end: this.#end,
    })
    this.#end = { ...this.#end, ...segment, isSealed: false }
    const { name } = segment.segment
    this.#options.onSegment({ name, number, firstIndex: this.#end.lastIndex + 1 })
  }

  #settle(taken: readonly Waiting[]): void {
    const failed = this.#failed
    for (const waiting of taken) {
      if (failed === null) waiting.resolve()
      else waiting.reject(failed)
    }
  }

  #refuse(taken: readonly Waiting[], cause: unknown): void {
    const isSpace = isPassing(cause)
    // What came after builds on what failed: it must not overtake.
    for (const waiting of taken) waiting.reject(cause)
    if (!isSpace) return this.fail(cause instanceof Error ? cause : new Error(String(cause)))
    this.#rejectAll(cause)
    this.#expected = this.#end.lastIndex
  }

  #rejectAll(cause: unknown): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(cause)
  }
}

/** Creates a segment with its header and the state record; answers where its first batch goes. */
export async function createSegment(
  disk: Disk,
  make: { batch: Batch; journal: Buffer; number: number; end: Omit<LogEnd, 'segment' | 'offset'> },
): Promise<{ segment: LogEnd['segment']; offset: number; link: Link }> {
  const { batch, journal, number, end } = make
  const firstIndex = end.lastIndex + 1
  batch.begin(end.link)
  const header = batch.skip(segmentHeaderBytes)
  putSegmentHeader(header, { journal, number, firstIndex, link: end.link })
  batch.add(recordTypes.state, encodeState(end.hardState, end.shelf))
  const name = segmentName({ number, firstIndex })
  await createWhole(disk, name, batch.bytes)
  return { segment: { name, number }, offset: batch.length, link: batch.link }
}

/** What the mark says of an end. */
export function markOf(journal: Buffer, end: LogEnd): Mark {
  const { lastIndex, lastTerm, hardState } = end
  const { term, commit } = hardState
  return { journal, sequence: end.link.sequence - 1, lastIndex, lastTerm, term, commit }
}
