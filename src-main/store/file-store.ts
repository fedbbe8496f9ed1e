import { assert } from '../../src-shared/base/assert.ts'
import type { Clock } from '../../src-shared/base/clock.ts'
import type { NoteId } from '../../src-shared/base/ids.ts'
import type { Note } from '../../src-shared/notes/note.ts'
import { type Disk, DiskFailed } from '../journal/disk.ts'
import { mayPass } from './durable-file.ts'
import type { StoredNote } from './note-file.ts'
import { type DamagedFile, scan } from './scan.ts'
import { StoreDirectory } from './store-directory.ts'
import { settleMs, type WaitingNote, WaitingNotes } from './waiting-notes.ts'

/*
 * The writing behind. A note that was reflected waits a while for more (waiting-notes.ts). Then those whose time has
 * come are written in rounds: each to a temporary file, that fsynced and renamed, several at a time; and one fsync of
 * the directory for the round. Whatever is killed in between leaves each note's file old or new, and whole.
 *
 * When nothing waits any more a mark is written: what is in the directory now, and up to which index that is all. A
 * start that finds exactly this may build on it. There is one only where the store knows all notes: its own mark was
 * sound at the start, or it was told them (`reconcile`). It needs no care with the order of things: a directory that was
 * written to since does not match its mark.
 */

/** Notes of one round: one fsync of the directory. */
export const roundNotesMax = 256
/** After a disk that was full or read-only, in ms. */
export const retryMs = 5_000

export interface LoadReport {
  /** The directory is exactly as its mark says: everything up to `index` is in it, so that a start may build on it. */
  readonly complete: boolean
  /** The mark's index; 0 when it is not complete. */
  readonly index: number
  readonly damaged: readonly DamagedFile[]
}

export interface StoreOptions {
  readonly clock: Clock
  /** Relative to the disk's root, without a slash at the end. */
  readonly dir: string
  /** Called once when a write has failed for good (a failed fsync, EIO): nothing more is written in this run. */
  readonly failed?: (failure: DiskFailed) => void
}

const firstIndex = 1

/** See `NoteStore` for what its calls promise. */
export class FileStore {
  readonly #disk: Disk
  readonly #clock: Clock
  readonly #dir: string
  readonly #tell: (failure: DiskFailed) => void
  readonly #waiting = new WaitingNotes()
  /** What is being written now. */
  readonly #underWay = new Map<NoteId, WaitingNote>()
  #scanning: Promise<StoreDirectory> | null = null
  /** Null before the scan. */
  #directory: StoreDirectory | null = null
  /** All notes there are, from a `reconcile` before the scan. */
  #present: Set<NoteId> | null = null
  /** True: what is not in the directory and was not reflected does not exist, so that a mark may be written. */
  #isBased = false
  /** Of anything reflected. */
  #index = 0
  #timer: { readonly at: number; cancel(): void } | null = null
  /** After a disk that was full, by the clock. */
  #notBefore = 0
  #running: Promise<DiskFailed | null> | null = null
  #failure: DiskFailed | null = null
  #durableAtFailure = 0
  #isClosed = false
  /** It is being closed, and has had its time. */
  #isHurried = false

  constructor(disk: Disk, { clock, dir, failed }: StoreOptions) {
    this.#disk = disk
    this.#clock = clock
    this.#dir = dir
    this.#tell = failed ?? (() => undefined)
  }

  async load(take: (stored: StoredNote) => void): Promise<LoadReport> {
    assert(this.#scanning === null, 'a store is loaded once, before anything else')
    let damaged: readonly DamagedFile[] = []
    this.#scanning = this.#scan(take, (found) => {
      damaged = found
    })
    const { markedIndex } = await this.#scanning
    return { complete: markedIndex !== null, index: markedIndex ?? 0, damaged }
  }

  async read(noteId: NoteId): Promise<StoredNote | null> {
    return (await this.#scanned()).read(noteId)
  }

  reflect(note: Note): void {
    this.#present?.add(note.id)
    this.#reach(note.index)
    this.#put(note.id, note, note.index)
  }

  gone(noteId: NoteId, index: number): void {
    this.#reach(index)
    this.#put(noteId, null, index)
  }

  reconcile(notes: Iterable<Note>, index: number): void {
    this.#isBased = true
    this.#present = new Set()
    this.#reach(index)
    for (const note of notes) {
      this.#present.add(note.id)
      this.#put(note.id, note, firstIndex)
    }
    if (this.#directory !== null) this.#removeSurplus(this.#directory)
    this.#armForRest()
  }

  durableIndex(): number {
    if (this.#failure !== null) return this.#durableAtFailure
    if (this.#directory === null) return 0
    let lowest = this.#waiting.lowestSince() ?? this.#index + 1
    for (const { since } of this.#underWay.values()) lowest = Math.min(lowest, since)
    return Math.max(0, Math.min(lowest - 1, this.#index))
  }

  waiting(): number {
    return this.#waiting.size + this.#underWay.size
  }

  async flush(): Promise<void> {
    await this.#running
    const failure = this.#isIdle() ? this.#failure : await this.#start(true)
    if (failure !== null) throw failure
  }

  async close(withinMs = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    const stopClock = this.#hurryAfter(withinMs)
    // What the disk does not take now is rebuilt at the next start; that it failed was told.
    await this.flush().catch((failure: unknown) => {
      if (!(failure instanceof DiskFailed)) throw failure
    })
    stopClock()
    this.#timer?.cancel()
  }

  #hurryAfter(ms: number): () => void {
    const hurry = () => {
      this.#isHurried = true
    }
    if (ms > 0)
      return ms < Number.POSITIVE_INFINITY ? this.#clock.after(ms, hurry) : () => undefined
    hurry()
    return () => undefined
  }

  #reach(index: number): void {
    if (this.#failure === null) this.#index = Math.max(this.#index, index)
  }

  /** `since`: of the first command that its file may lack. */
  #put(noteId: NoteId, note: Note | null, since: number): void {
    if (this.#failure !== null) return
    const isNews = this.#waiting.has(noteId) || this.#underWay.has(noteId)
    if (!isNews && this.#directory?.holds(noteId, note)) return
    this.#arm(this.#waiting.put(noteId, note, { since, now: this.#clock.now() }))
  }

  /** What is in the directory, or on its way there, and not among the notes that there are. */
  #removeSurplus(directory: StoreDirectory): void {
    const present = this.#present
    this.#present = null
    if (present === null) return
    const ids = [...directory.ids(), ...this.#waiting.ids(), ...this.#underWay.keys()]
    for (const id of ids) if (!present.has(id)) this.#put(id, null, firstIndex)
  }

  #scanned(): Promise<StoreDirectory> {
    this.#scanning ??= this.#scan(
      () => undefined,
      () => undefined,
    )
    return this.#scanning
  }

  /** Reads the directory, once. */
  async #scan(
    take: (stored: StoredNote) => void,
    report: (damaged: readonly DamagedFile[]) => void,
  ): Promise<StoreDirectory> {
    const found = await scan(this.#disk, this.#dir, take)
    const directory = new StoreDirectory(this.#disk, this.#dir, found)
    this.#directory = directory
    this.#isBased ||= found.completeAt !== null
    this.#reach(found.completeAt ?? 0)
    this.#removeSurplus(directory)
    report(found.damaged)
    this.#armForRest()
    return directory
  }

  /** True: there is nothing to write, or nothing can be. */
  #isIdle(): boolean {
    if (this.#failure !== null) return true
    if (this.waiting() > 0) return false
    if (this.#directory === null) return this.#present === null
    return this.#directory.isTidy && !this.#lacksMark(this.#directory)
  }

  /** Sees to it that a run begins at that time, or earlier. */
  #arm(due: number): void {
    if (this.#running !== null || this.#isClosed) return
    const at = Math.max(due, this.#notBefore)
    if (this.#timer !== null && this.#timer.at <= at) return
    this.#timer?.cancel()
    const cancel = this.#clock.after(Math.max(0, at - this.#clock.now()), () => {
      this.#timer = null
      void this.#start(false)
    })
    this.#timer = { at, cancel }
  }

  #armForRest(): void {
    if (this.#isIdle()) return
    // Without a note that waits there is a mark to write, or something to set aside.
    const isWaiting = this.#waiting.size > 0
    this.#arm(isWaiting ? this.#waiting.nextDue() : this.#clock.now() + settleMs)
  }

  /** One run at a time. Answers the failure that ended it. */
  async #start(isAll: boolean): Promise<DiskFailed | null> {
    this.#timer?.cancel()
    this.#timer = null
    this.#running ??= this.#run(isAll)
    return await this.#running
  }

  async #run(isAll: boolean): Promise<DiskFailed | null> {
    let failure: DiskFailed | null = null
    try {
      await this.#writeBehind(isAll)
    } catch (cause) {
      if (!(cause instanceof DiskFailed)) throw cause
      failure = cause
      this.#takeFailure(cause)
    }
    this.#running = null
    this.#notBefore = failure === null ? 0 : this.#clock.now() + retryMs
    this.#armForRest()
    return failure
  }

  #takeFailure(failure: DiskFailed): void {
    for (const [id, each] of this.#underWay) this.#waiting.restore(id, each)
    this.#underWay.clear()
    if (mayPass(failure)) return
    this.#durableAtFailure = this.durableIndex()
    this.#failure = failure
    this.#waiting.clear()
    this.#tell(failure)
  }

  async #writeBehind(isAll: boolean): Promise<void> {
    if (this.#isHurried) return
    const directory = await this.#scanned()
    const ids = isAll ? this.#waiting.ids() : this.#waiting.due(this.#clock.now())
    await directory.tidy()
    for (let at = 0; at < ids.length && !this.#isHurried; at += roundNotesMax) {
      await this.#round(directory, ids.slice(at, at + roundNotesMax))
    }
    if (this.waiting() === 0 && this.#lacksMark(directory)) await directory.mark(this.#index)
  }

  #lacksMark({ markedIndex }: StoreDirectory): boolean {
    return this.#isBased && markedIndex !== this.#index
  }

  async #round(directory: StoreDirectory, ids: readonly NoteId[]): Promise<void> {
    for (const id of ids) {
      const waiting = this.#waiting.take(id)
      if (waiting === undefined || directory.holds(id, waiting.note)) continue
      this.#underWay.set(id, waiting)
    }
    if (this.#underWay.size > 0) await directory.write(this.#underWay)
    this.#underWay.clear()
  }
}
