import type { NoteId } from '../../src-shared/base/ids.ts'
import type { Outcome } from '../../src-shared/base/outcome.ts'
import type { PendingNote } from '../../src-shared/notes/pending.ts'
import type { Disk } from '../journal/disk.ts'

/** What this device took and the group has not agreed to yet; survives a restart. One per data directory. */
export interface Outbox {
  /**
   * Replaces what is pending of that note, as a whole; resolves when durable. Calls made while the disk works share
   * its next fsync, and of several for one note the last is written. Rejects with `DiskFailed`: `full` and `read-only`
   * leave the outbox as it was and may be tried again; anything else is final, for every later call too.
   */
  put(pending: PendingNote): Promise<void>
  /** Nothing of that note is pending any more; resolves when durable, rejects as `put` does. Fine for an unknown note. */
  drop(noteId: NoteId): Promise<void>
  sizes(): OutboxSizes
  /** Waits for what was put before; later calls reject. */
  close(): Promise<void>
}

/** Of what is durable: queued puts are not counted. */
export interface OutboxSizes {
  readonly notes: number
  readonly commands: number
  /** Bytes of the log file, garbage included. */
  readonly fileBytes: number
}

export interface OutboxOptions {
  /** Relative to the disk's root, without a slash at the end. */
  readonly dir: string
}

export interface OutboxOpened {
  readonly outbox: Outbox
  /** In the order in which the notes first became pending. */
  readonly pending: readonly PendingNote[]
  /** Irregularities found, for the person: empty after a clean stop and after most crashes. */
  readonly notices: readonly OutboxNotice[]
}

/** torn: the last write before a crash did not arrive whole; it was never acknowledged. damaged: acknowledged records are unreadable. */
export interface OutboxNotice {
  readonly kind: 'torn' | 'damaged'
  readonly file: string
  /** Of the first unreadable byte. */
  readonly offset: number
  /** The file's name once the first write of this run has replaced it; it is never deleted while damaged. */
  readonly asideAs: string
  /** Notes whose newest pending state could not be read; what is listed of them is an older one. */
  readonly behind: readonly NoteId[]
}

/** newer: written by a later version. unreadable: the disk could not read it; nothing was changed. */
export type OutboxRefused =
  | { readonly kind: 'newer'; readonly file: string; readonly version: number }
  | { readonly kind: 'unreadable'; readonly file: string; readonly message: string }

export declare function openOutbox(
  disk: Disk,
  options: OutboxOptions,
): Promise<Outcome<OutboxOpened, OutboxRefused>>
