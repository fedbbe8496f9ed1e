/**
 * A note as its device edits it: the agreed text, and on top of it the commands that the group has not agreed to yet.
 * Pure: every function takes a document and gives the next one. opening.ts makes one, windows.ts and wishes.ts take in what
 * the person does, sending.ts says what leaves, advance.ts and giving-up.ts take in what the group decided.
 *
 * The caller keeps three promises:
 *
 * [D1] Whenever `pending` became another object it is put into the outbox, and nothing of it leaves before that is durable:
 *      it proposes what `proposals` names for the pending note that is known to be durable, and nothing else.
 * [D2] Every note that apply makes reaches `advance`, or `bury` when it was purged; refusals of own commands reach `answered`.
 * [D3] `version` never repeats for a note: each opening starts above all that windows may remember of an earlier one.
 *
 * And the functions hold these:
 *
 * [D4] `text` is `pending.baseText` with the pending commands applied; `pending.baseText` is the text at rev `pending.base`.
 * [D5] What was sent keeps its seq and is only mapped, until the group has it.
 * [D6] The updates lead from every text that a window was shown to the next.
 */
import type { DeviceId, NoteId } from '../base/ids.ts'
import { type Draft, draftOf } from './draft.ts'
import type { Note } from './note.ts'
import type { PendingNote } from './pending.ts'
import { nextSeq } from './queue.ts'
import { insertedLength } from './splice.ts'
import type { Changes } from './text.ts'

export interface Document {
  readonly noteId: NoteId
  /** This device. */
  readonly client: DeviceId
  /** As applied here; null before its creation is, and while this member has yet to learn of the note again. */
  readonly note: Note | null
  readonly pending: PendingNote
  /** What the screen shows. */
  readonly text: string
  /** Counts the updates; what windows collaborate on. */
  readonly version: number
  /** The newest updates, oldest first, up to `version`; at most `updatesMax` with `updatesLengthMax` of text. */
  readonly updates: readonly Update[]
  /** Up to this seq the commands were proposed in their present form; 0: none was. */
  readonly proposedSeq: number
  /** A command of ours was confirmed since this document was opened, so our numbers are known to be right. */
  readonly isSettled: boolean
}

/** One step of the screen's text. `client` is the window that made it, or the device whose edit came in. */
export interface Update {
  readonly client: string
  readonly changes: Changes
}

/** How many updates a window may lag behind before it has to open the note again. */
export const updatesMax = 1024
/** The text they may carry, in UTF-16 units; the newest is kept whatever its length. */
export const updatesLengthMax = 4 * 1024 * 1024
/** Commands of one note on their way at once. */
export const inFlightMax = 4

export interface Refused {
  readonly kind: 'refused'
  /** In words, without names of fields. */
  readonly reason: string
}

export function withUpdates(document: Document, steps: readonly Update[]): Document {
  if (steps.length === 0) return document
  const all = [...document.updates, ...steps]
  let from = all.length - 1
  let length = weight(all[from] as Update)
  while (from > 0 && all.length - from < updatesMax) {
    length += weight(all[from - 1] as Update)
    if (length > updatesLengthMax) break
    from--
  }
  return { ...document, updates: all.slice(from), version: document.version + steps.length }
}

function weight({ changes }: Update): number {
  let length = 0
  for (const section of changes) {
    if (typeof section !== 'number') length += insertedLength(section)
  }
  return length
}

/** Who speaks, and the number of the next command. */
export function saying(document: Document): {
  readonly noteId: NoteId
  readonly client: DeviceId
  readonly seq: number
} {
  const { noteId, client, note, pending } = document
  return { noteId, client, seq: nextSeq(pending, note?.seqs[client]?.seq ?? 0) }
}

export function draftOfDocument(document: Document): Draft | null {
  return draftOf(document.note, document.pending)
}

/** Nothing can be done to it any more: it was deleted, here or by the group. */
export function isGone(document: Document): boolean {
  const { note, pending } = document
  return isPurging(document) || (note === null && pending.commands.length === 0)
}

export function isPurging(document: Document): boolean {
  return document.pending.commands.some((command) => command.kind === 'note.purge')
}
