import type { NoteId } from '../../src-shared/base/ids.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { Note } from '../../src-shared/notes/note.ts'
import { type Disk, DiskFailed } from '../journal/disk.ts'
import { RecordUnreadable } from './durable-file.ts'
import { FileStore, type LoadReport, type StoreOptions } from './file-store.ts'
import { markName, type StoredNote } from './note-file.ts'
import { readMark } from './scan.ts'

/**
 * The applied notes as files, one each: a projection of the log, written behind, never on the way to an
 * acknowledgement, and always rebuildable from what the machine holds.
 */
export interface NoteStore {
  /**
   * Hands every stored note to `take`, in no order; damaged ones are in the report. Once, at the start, before
   * `reflect`; who does not need the notes need not call it. Rejects with `DiskFailed` when the directory cannot be listed.
   */
  load(take: (stored: StoredNote) => void): Promise<LoadReport>
  /** One note as its file says it, or null when there is no sound file of it. */
  read(noteId: NoteId): Promise<StoredNote | null>
  /** This is the note now. Returns at once; of several calls for one note the last is written. */
  reflect(note: Note): void
  /** The note was purged by the command at this index. Returns at once. */
  gone(noteId: NoteId, index: number): void
  /**
   * These are all notes there are as of `index`: at every start that does not build on `load`, and when the whole state
   * was replaced. Returns at once; what is missing, damaged, behind or too much on the disk is put right behind it, and
   * the rest left alone. Until then the durable index is 0.
   */
  reconcile(notes: Iterable<Note>, index: number): void
  /** Everything that was reflected with an index up to this one is durable here. 0 while nothing is known. */
  durableIndex(): number
  /** Notes that wait to be written. */
  waiting(): number
  /** Resolves when everything reflected before is durable; rejects with `DiskFailed` when the disk refuses it. */
  flush(): Promise<void>
  /**
   * Flushes what the disk takes, and stops; after `withinMs` it stops with the round that is under way. What was not
   * written is rebuilt at the next start.
   */
  close(withinMs?: number): Promise<void>
}

/** newer: written by a later version. unreadable: the machine could not read it. Nothing was changed. */
export type StoreRefused =
  | { readonly kind: 'newer'; readonly file: string; readonly version: number }
  | { readonly kind: 'unreadable'; readonly file: string; readonly message: string }

/** Looks at the directory's mark only, and writes nothing. */
export async function openStore(
  disk: Disk,
  options: StoreOptions,
): Promise<Outcome<NoteStore, StoreRefused>> {
  const { dir } = options
  try {
    await readMark(disk, dir, await disk.list(dir))
    return ok(new FileStore(disk, options))
  } catch (cause) {
    if (cause instanceof RecordUnreadable && cause.fault.kind === 'newer') {
      return fail({ kind: 'newer', file: `${dir}/${markName}`, version: cause.fault.version })
    }
    if (!(cause instanceof DiskFailed)) throw cause
    return fail({ kind: 'unreadable', file: cause.file, message: cause.message })
  }
}
