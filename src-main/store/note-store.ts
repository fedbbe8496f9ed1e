import type { Clock } from '../../src-shared/base/clock.ts'
import type { NoteId } from '../../src-shared/base/ids.ts'
import type { Outcome } from '../../src-shared/base/outcome.ts'
import type { Note } from '../../src-shared/notes/note.ts'
import type { Disk, DiskFailed } from '../journal/disk.ts'

/**
 * The applied notes as files, one each: a projection of the log, written behind, never on the way to an
 * acknowledgement, and always rebuildable from what the machine holds.
 */
export interface NoteStore {
  /**
   * Reads every stored note, handing each to `take`, damaged ones to the report. Once, at the start, before `reflect`.
   * Rejects with `DiskFailed` only when the directory itself cannot be read.
   */
  load(take: (stored: StoredNote) => void): Promise<LoadReport>
  /** One note, or null when there is no sound file of it. */
  read(noteId: NoteId): Promise<StoredNote | null>
  /** This is the note now. Returns at once; of several calls for one note the last is written. */
  reflect(note: Note): void
  /** The note was purged by the command at this index. Returns at once. */
  gone(noteId: NoteId, index: number): void
  /** The whole state as of `index`: writes what is missing, damaged or different here, removes what is not in it. */
  reconcile(notes: Iterable<Note>, index: number): void
  /** Everything reflected with an index up to this one is durable here. 0 when nothing is known. */
  durableIndex(): number
  /** Notes that wait to be written. */
  waiting(): number
  /** Resolves when everything reflected before is durable; rejects with `DiskFailed` when the disk refuses it. */
  flush(): Promise<void>
  /** Flushes what the disk takes, and stops. What could not be written is rebuilt at the next start. */
  close(): Promise<void>
}

export interface StoredNote {
  readonly note: Note
  /** The log index that the file reflects. */
  readonly index: number
}

export interface LoadReport {
  /** The directory is exactly as the last mark says: everything up to `index` is in it, so a start may build on it. */
  readonly complete: boolean
  /** The last mark's index; 0 without one. */
  readonly index: number
  readonly damaged: readonly DamagedFile[]
}

export interface DamagedFile {
  readonly noteId: NoteId
  readonly file: string
  readonly reason: string
  /** Where the next write sets it aside. */
  readonly asideAs: string
}

export interface StoreOptions {
  readonly clock: Clock
  /** Relative to the disk's root, without a slash at the end. */
  readonly dir: string
  /** Called once when a write has failed for good (a failed fsync, EIO): nothing more will be written in this run. */
  readonly failed?: (failure: DiskFailed) => void
}

/** newer: written by a later version. unreadable: the directory or its mark cannot be read. */
export type StoreRefused =
  | { readonly kind: 'newer'; readonly file: string; readonly version: number }
  | { readonly kind: 'unreadable'; readonly file: string; readonly message: string }

export declare function openStore(
  disk: Disk,
  options: StoreOptions,
): Promise<Outcome<NoteStore, StoreRefused>>
