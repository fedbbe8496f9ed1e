import type { NoteId } from '../../src-shared/base/ids.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { PendingNote } from '../../src-shared/notes/pending.ts'
import { type Disk, DiskFailed } from '../journal/disk.ts'
import { type LogFiles, listLogs } from './log-files.ts'
import { type LogRead, readLog } from './log-reader.ts'
import type { Leftover } from './log-writer.ts'
import { garbageBytesMax, LoggedOutbox, type OutboxSizes } from './logged-outbox.ts'

/** What this device took and the group has not agreed to yet; survives a restart. One per data directory. */
export interface Outbox {
  /**
   * Replaces what is pending of that note, as a whole; resolves when durable. Calls made while the disk works share
   * its next fsync, and of several for one note the last is written. Rejects with `DiskFailed`: after `full` and
   * `read-only` the note is as it was before and the call may be made again; anything else is final, for every later
   * call too.
   */
  put(pending: PendingNote): Promise<void>
  /** Nothing of that note is pending any more; resolves when durable, rejects as `put` does. Fine for an unknown note. */
  drop(noteId: NoteId): Promise<void>
  sizes(): OutboxSizes
  /** Waits for what was put before. A put after it is a bug. */
  close(): Promise<void>
}

export interface OutboxOptions {
  /** Relative to the disk's root, without a slash at the end. */
  readonly dir: string
  /** How much garbage the log may hold before it is written anew; `garbageBytesMax` of logged-outbox.ts when not given. */
  readonly garbageBytesMax?: number
}

export interface OutboxOpened {
  readonly outbox: Outbox
  /** In the order in which the notes became pending. */
  readonly pending: readonly PendingNote[]
  /** What a person should hear of; empty after a clean stop and after most crashes. */
  readonly notices: readonly OutboxNotice[]
}

/** torn: the last write before a crash did not arrive whole. damaged: records that were once acknowledged are unreadable. */
export interface OutboxNotice {
  readonly kind: 'torn' | 'damaged'
  readonly file: string
  /** Of the first unreadable byte. */
  readonly offset: number
  /** Its name from the first write of this run on; a damaged one is never deleted. */
  readonly asideAs: string
  /** Notes of which something newer was written than could be read. */
  readonly behind: readonly NoteId[]
  readonly message: string
}

/** newer: written by a later version. unreadable: the machine could not read it. Nothing was changed. */
export type OutboxRefused =
  | { readonly kind: 'newer'; readonly file: string; readonly version: number }
  | { readonly kind: 'unreadable'; readonly file: string; readonly message: string }

/** Reads what is pending. Writes nothing, so that it works on a full or read-only disk. */
export async function openOutbox(
  disk: Disk,
  options: OutboxOptions,
): Promise<Outcome<OutboxOpened, OutboxRefused>> {
  try {
    return await open(disk, { garbageBytesMax, ...options })
  } catch (failure) {
    if (!(failure instanceof DiskFailed)) throw failure
    return fail({ kind: 'unreadable', file: failure.file, message: failure.message })
  }
}

async function open(
  disk: Disk,
  place: Required<OutboxOptions>,
): Promise<Outcome<OutboxOpened, OutboxRefused>> {
  const files = await listLogs(disk, place.dir)
  const [newest] = files.logs
  const { highestGeneration } = files
  if (newest === undefined) {
    const found = { current: null, size: 0, leftovers: leftoversOf(files, 'sound'), pending: [] }
    const outbox = new LoggedOutbox(disk, place, { ...found, highestGeneration })
    return ok({ outbox, pending: [], notices: [] })
  }
  const read = await readLog(disk, newest)
  if ('version' in read) return fail({ kind: 'newer', file: newest.name, version: read.version })
  const { pending, state } = read
  const outbox = new LoggedOutbox(disk, place, {
    current: { name: newest.name, state },
    size: newest.size,
    leftovers: leftoversOf(files, state === 'damaged' ? 'damaged' : read.before),
    pending,
    highestGeneration,
  })
  return ok({ outbox, pending, notices: noticesOf(newest.name, read) })
}

function leftoversOf(files: LogFiles, older: Leftover['state']): Leftover[] {
  const litter: Leftover[] = files.litter.map((name) => ({ name, state: 'sound' }))
  return [...litter, ...files.logs.slice(1).map(({ name }) => ({ name, state: older }))]
}

function noticesOf(file: string, { state, offset, behind }: LogRead): OutboxNotice[] {
  if (state === 'sound') return []
  const asideAs = `${file}.${state}`
  const message =
    state === 'torn'
      ? 'The last write before the device stopped did not arrive whole. It was never reported as saved. The file is kept.'
      : 'A part of the edits that are only on this device is unreadable. What can be read is here; the file is kept.'
  return [{ kind: state, file, offset, asideAs, behind, message }]
}
