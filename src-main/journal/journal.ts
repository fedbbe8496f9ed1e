import { assert } from '../../src-shared/base/assert.ts'
import type { Clock } from '../../src-shared/base/clock.ts'
import type { Entry, HardState, SnapshotMetadata } from '../raft/entry.ts'
import type {
  FrozenState,
  Journal,
  SnapshotReader,
  SnapshotReceiver,
  StagedSnapshot,
} from '../replica/ports.ts'
import type { Chain } from './chain.ts'
import { type Disk, DiskFailed } from './disk.ts'
import { isPassing, removeIfThere, syncDirForGood, temporarySuffix } from './durable.ts'
import { SnapshotDamaged } from './frame-reader.ts'
import { markIdleMs, markRideBatches } from './limits.ts'
import { type LogWriter, markOf } from './log-writer.ts'
import type { MarkFile } from './mark-file.ts'
import type { JournalNotice } from './refused.ts'
import { snapshotName } from './shelf.ts'
import { FileReceiver, StagedFile } from './snapshot-receiver.ts'
import { type SnapshotShelf, shelfOf } from './snapshot-shelf.ts'

export interface JournalParts {
  readonly disk: Disk
  readonly clock: Clock
  readonly id: Buffer
  readonly log: LogWriter
  readonly mark: MarkFile
  readonly shelf: SnapshotShelf
  /** Oldest first; the last one grows. */
  readonly segments: LiveSegment[]
  notify(notice: JournalNotice): void
  /** What is done once at a clean end. */
  closing(): Promise<void>
}

export interface LiveSegment {
  readonly name: string
  readonly firstIndex: number
}

/** What the disk holds, in numbers. */
export interface JournalSize {
  readonly segments: number
  readonly snapshotBytes: number
  readonly lastIndex: number
}

/** The log and the snapshots of one member. */
export class DiskJournal implements Journal {
  readonly #parts: JournalParts
  /** Snapshots are written and installed one at a time. */
  #turn: Promise<unknown> = Promise.resolve()
  #cancelIdle: (() => void) | null = null
  #batches = 0
  #settledSequence = 0
  #received = 0
  /** Snapshot files that the log may name or not: the disk was full just then. */
  readonly #doubtful: Chain[] = []
  #isClosed = false

  constructor(parts: JournalParts) {
    this.#parts = parts
  }

  async save(hardState: HardState | null, entries: readonly Entry[]): Promise<void> {
    this.#checkOpen()
    return this.#parts.log.append({ kind: 'save', hardState, entries })
  }

  async saveSnapshot(
    metadata: SnapshotMetadata,
    state: FrozenState,
    releaseUpTo: number,
  ): Promise<void> {
    this.#checkOpen()
    await this.#inTurn(async () => {
      const { shelf, log } = this.#parts
      if (metadata.index <= shelf.newestIndex) return // a member's newer one came first
      const { chain, isAlone } = await this.#write(metadata, state)
      const chains = shelf.with(chain, isAlone)
      try {
        await log.append({ kind: 'shelve', shelf: shelfOf(chains), isInstalled: false })
      } catch (cause) {
        this.#doubtful.push(chain)
        if (isPassing(cause)) await this.#clearUp().catch(ignorePassing)
        throw cause
      }
      shelf.adopt(chains)
      await this.#release(Math.min(releaseUpTo, shelf.releasableUpTo))
      await shelf.sweep()
    })
  }

  async openSnapshot(): Promise<SnapshotReader | null> {
    this.#checkOpen()
    const { shelf } = this.#parts
    return this.#read(shelf.newest)
  }

  async receiveSnapshot(metadata: SnapshotMetadata): Promise<SnapshotReceiver> {
    this.#checkOpen()
    this.#received += 1
    const { disk, log } = this.#parts
    const file = `${snapshotName(metadata)}-${this.#received}${temporarySuffix}`
    await removeIfThere(disk, file)
    return new FileReceiver(disk, {
      metadata,
      file,
      failed: (cause) => log.fail(cause),
      unnamed: (chain) => this.#unwanted(chain),
    })
  }

  async installSnapshot(staged: StagedSnapshot): Promise<SnapshotReader> {
    this.#checkOpen()
    assert(staged instanceof StagedFile, 'only what this journal received is installed')
    return this.#inTurn(async () => {
      const { shelf, log } = this.#parts
      assert(
        staged.metadata.index > shelf.newestIndex,
        '[J4] an installed snapshot is newer than ours',
      )
      await staged.nameOnce((file) => shelf.name(file, snapshotName(staged.metadata)))
      const chains = shelf.with(staged.chain, true)
      await log.append({ kind: 'shelve', shelf: shelfOf(chains), isInstalled: true })
      staged.installed()
      shelf.adopt(chains)
      await this.#release(staged.metadata.index)
      await shelf.sweep()
      const reader = this.#read(staged.chain)
      assert(reader !== null, 'an installed snapshot can be read')
      return reader
    })
  }

  /** A snapshot has its name, but raft does not want it any more. */
  async #unwanted(chain: Chain): Promise<void> {
    this.#doubtful.push(chain)
    if (this.#parts.log.failed !== null || this.#isClosed) return
    await this.#inTurn(async () => this.#parts.shelf.sweep()).catch(ignorePassing)
  }

  /**
   * A snapshot that the log was to name when the disk was full may be named there all the same, until
   * the log is cut back. Only then its file may go, or another take its name.
   */
  async #clearUp(): Promise<void> {
    const { log, shelf } = this.#parts
    await log.cutBack()
    if (this.#doubtful.length === 0) return
    for (const chain of this.#doubtful.splice(0)) shelf.giveUp(chain)
    await shelf.sweep()
  }

  #read(chain: Chain): SnapshotReader | null {
    const { shelf, log } = this.#parts
    return shelf.read(chain, async () => {
      if (log.failed === null) await shelf.sweep()
    })
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#turn
    await this.#parts.log.settled()
    this.#cancelIdle?.()
    this.#cancelIdle = null
    if (this.#parts.log.failed !== null) return
    await this.#settleMark()
    await this.#parts.closing()
  }

  size(): JournalSize {
    const { segments, shelf, log } = this.#parts
    const snapshotBytes = shelf.newest.reduce((sum, file) => sum + file.size, 0)
    return { segments: segments.length, snapshotBytes, lastIndex: log.end.lastIndex }
  }

  /** A batch goes out: now and then the mark rides along with what the batches before it made durable. */
  onBatch(): void {
    const { log, mark, id, clock } = this.#parts
    this.#batches += 1
    if (this.#batches % markRideBatches === 0) {
      mark.ride(markOf(id, log.end))?.catch((cause: unknown) => this.#fail(cause))
    }
    const { sequence } = log.end.link
    this.#cancelIdle ??= clock.after(markIdleMs, () => this.#idle(sequence))
  }

  /** Nothing new since the timer was set: time to bring the mark up to date. */
  #idle(before: number): void {
    this.#cancelIdle = null
    if (this.#isClosed || this.#parts.log.failed !== null) return
    const { sequence } = this.#parts.log.end.link
    if (sequence === before || sequence === this.#settledSequence) {
      this.#settleMark().catch((cause: unknown) => this.#fail(cause))
      return
    }
    this.#cancelIdle = this.#parts.clock.after(markIdleMs, () => this.#idle(sequence))
  }

  async #settleMark(): Promise<void> {
    const { log, mark, id } = this.#parts
    const { end } = log
    await mark.settle(markOf(id, end))
    this.#settledSequence = end.link.sequence
  }

  /** Builds on the newest snapshot; on nothing when that turns out to be unreadable. */
  async #write(
    metadata: SnapshotMetadata,
    state: FrozenState,
  ): Promise<{ chain: Chain; isAlone: boolean }> {
    const { shelf, notify } = this.#parts
    try {
      return { chain: await shelf.write(metadata, state, shelf.newest), isAlone: false }
    } catch (cause) {
      if (!(cause instanceof SnapshotDamaged)) throw cause
      const message = `It does not read back (${cause.message}); a new whole snapshot replaces it.`
      notify({ kind: 'snapshot-set-aside', file: cause.file, message })
      return { chain: await shelf.write(metadata, state, []), isAlone: true }
    }
  }

  /** Oldest first, each removal durable before the next: what remains never has a hole. */
  async #release(upTo: number): Promise<void> {
    const { disk, segments } = this.#parts
    try {
      for (let next = segments[1]; next !== undefined; next = segments[1]) {
        if (next.firstIndex - 1 > upTo) return
        await removeIfThere(disk, segments[0]?.name ?? '')
        await syncDirForGood(disk, 'wal')
        segments.shift()
      }
    } catch (cause) {
      if (!isPassing(cause)) throw cause
    }
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(async () => {
      await this.#clearUp()
      return work()
    })
    this.#turn = mine.catch(() => undefined) // the caller is told
    try {
      return await mine
    } catch (cause) {
      if (!isPassing(cause)) this.#fail(cause)
      throw cause
    }
  }

  #fail(cause: unknown): void {
    this.#parts.log.fail(cause instanceof Error ? cause : new Error(String(cause)))
  }

  #checkOpen(): void {
    const { failed } = this.#parts.log
    if (failed !== null) throw failed
    if (this.#isClosed) throw new DiskFailed('broken', 'wal', 'the journal is closed')
  }
}

function ignorePassing(cause: unknown): void {
  if (!isPassing(cause)) throw cause
}
