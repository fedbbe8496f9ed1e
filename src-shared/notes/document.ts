/**
 * A note as its device edits it: the agreed text, and on top of it the commands that the group has not agreed to yet.
 * Pure: every function takes a document and gives the next one. The caller keeps three promises:
 *
 * [D1] Whenever `pending` became another object it is put into the outbox; nothing of it leaves before that is durable:
 *      propose what `proposals` names for the pending note that is known to be durable.
 * [D2] Every note that apply makes reaches `advance`, in order; answers to own commands reach `answered`.
 * [D3] `version` never repeats for a note: each opening starts above whatever windows may remember (openDocument).
 *
 * And holds these:
 *
 * [D4] `text` is `note.body` with the pending commands applied, and `pending.baseText` is `note.body`.
 * [D5] What was sent keeps its seq and is only mapped; it goes when the group has it.
 * [D6] The updates given to windows lead from every text that a window was shown to the next.
 */
import type { DeviceId, NoteId } from '../base/ids.ts'
import type { Note } from './note.ts'
import type { PendingNote } from './pending.ts'
import type { Changes } from './text.ts'

export interface Document {
  readonly noteId: NoteId
  /** This device. */
  readonly client: DeviceId
  /** As applied here; null before its creation is. */
  readonly note: Note | null
  readonly pending: PendingNote
  /** What the screen shows. */
  readonly text: string
  /** Counts the updates; what windows collaborate on. */
  readonly version: number
  /** The newest updates, oldest first, up to `version`; at most `updatesMax`. */
  readonly updates: readonly LocalUpdate[]
  /** Up to this seq the commands were proposed in their present form; 0: none was. */
  readonly proposedSeq: number
}

/** One step of the screen's text. `client` is the window that made it, or the device whose edit came in. */
export interface LocalUpdate {
  readonly client: string
  readonly changes: Changes
}

/** How many updates a window may lag behind before it has to open the note again. */
export const updatesMax = 1024
/** Commands of one note on their way at once. */
export const inFlightMax = 4
