/** What becomes of pending edits that the note can no longer take: words are never dropped, they become a note of their own. */
import { toUtf8 } from '../base/utf8.ts'
import { sha256Hex } from './chain.ts'
import type { CreateNote, EditTags, NoteCommand, Result } from './command.ts'
import { type Document, draftOfDocument, isPurging, withUpdates } from './document.ts'
import { bodyBytesMax, tagsMax } from './limits.ts'
import type { PendingNote } from './pending.ts'
import { addChanges, hasText, textOf, withCommands } from './queue.ts'
import { resend } from './sending.ts'
import { areEqual, invert, isInsidePair, removedBy, replacing } from './splice.ts'
import { type Changes, composeAll } from './text.ts'

export interface Answered {
  readonly document: Document
  /**
   * A note of its own for words that the old one cannot take. Put it into the outbox before anything else of this answer. Its
   * id follows from what it came from: where a note or a pending note has it already, this was done before a crash.
   */
  readonly rescued: PendingNote | null
  /** What was given up, in words; null when nothing was. */
  readonly refused: string | null
}

/**
 * Takes in apply's answer to a command of this device. What was applied shows in the note itself (`advance`), and a stale
 * command was mapped when the change came in that made it so; what is left is a gap, and what can never be applied.
 */
export function answered(document: Document, command: NoteCommand, result: Result): Answered {
  const [first, second] = document.pending.commands
  // The others behind the one that is missing get the same answer: one of them is enough to ask for all again.
  const isNext = second !== undefined && isSameForm(second, command)
  if (result.kind === 'gap' && isNext && command.seq <= document.proposedSeq) {
    return same(resend(document))
  }
  if (result.kind !== 'invalid' || first === undefined || !isSameForm(first, command)) {
    return same(document)
  }
  return giveUp(document, first, result.reason)
}

function same(document: Document): Answered {
  return { document, rescued: null, refused: null }
}

function isSameForm(own: NoteCommand, other: NoteCommand): boolean {
  if (own.kind !== other.kind || own.seq !== other.seq || own.at !== other.at) return false
  if (own.kind !== 'note.change' || other.kind !== 'note.change') return true
  return own.base === other.base && areEqual(own.changes, other.changes)
}

/**
 * The first command can never be applied. Its number may have been seen by the group, so an empty command takes its place
 * rather than the next one; all pending text, which was made on top of it, goes into a note of its own.
 */
function giveUp(document: Document, first: NoteCommand, reason: string): Answered {
  const { pending } = document
  if (first.kind === 'note.create') return { document, rescued: null, refused: reason }
  if (first.kind !== 'note.change') {
    const commands = pending.commands.with(0, emptyCommand(first))
    const next = { ...document, pending: withCommands(pending, commands), proposedSeq: 0 }
    return { document: next, rescued: null, refused: reason }
  }
  const commands = pending.commands.flatMap((command, at): readonly NoteCommand[] => {
    if (command.kind !== 'note.change') return [command]
    return at < pending.sentCount ? [emptyCommand(command)] : []
  })
  const back = wayBack(pending)
  const cleared: Document = {
    ...withUpdates(document, [{ client: document.client, changes: back }]),
    pending: withCommands(pending, commands),
    text: pending.baseText,
    proposedSeq: 0,
  }
  return { document: cleared, rescued: rescuedFrom(document), refused: reason }
}

function emptyCommand({ noteId, client, seq, at }: NoteCommand): EditTags {
  return { kind: 'note.tags', noteId, client, seq, at, add: [], remove: [] }
}

/** From the screen's text to the agreed one. Only for a queue that has changes. */
function wayBack(pending: PendingNote): Changes {
  const changes = pending.commands.flatMap((c) => (c.kind === 'note.change' ? [c.changes] : []))
  const all = composeAll(changes as [Changes, ...Changes[]])
  return invert(all, removedBy(pending.baseText, all))
}

/**
 * The note was purged. Words that wait here become a new note with this device's text, the one case in which a second note
 * is made; unless this device wanted it gone as well. Afterwards the document is over: drop its pending note.
 */
export function bury(document: Document): PendingNote | null {
  if (!hasText(document.pending) || isPurging(document)) return null
  return rescuedFrom(document)
}

function rescuedFrom(document: Document): PendingNote {
  const { client, noteId: from, pending, text } = document
  const edit = pending.commands.find((c) => c.kind === 'note.change' || c.kind === 'note.create')
  const { seq, at } = edit ?? { seq: 0, at: '' }
  const noteId = sha256Hex(toUtf8(`rescued ${from} ${client} ${seq} ${at}`)).slice(0, 32)
  const draft = draftOfDocument(document)
  const said = { noteId, client, seq: 1, at }
  const [body = '', ...rest] = pieces(text)
  const create: CreateNote = {
    kind: 'note.create',
    ...said,
    title: draft?.title ?? null,
    body,
    tags: (draft?.tags ?? []).slice(0, tagsMax),
    pinned: false,
    origin: null,
  }
  // Its own command for each piece, so all of it counts as sent in this shape: what is sent is never composed.
  let rescued: PendingNote = { noteId, base: 0, baseText: '', commands: [create], sentCount: 1 }
  for (const piece of rest) {
    const length = textOf(rescued).length
    rescued = addChanges(rescued, said, replacing(length, length, length, piece))
    rescued = { ...rescued, sentCount: rescued.commands.length }
  }
  return { ...rescued, sentCount: 0 }
}

/** A text longer than a creation may carry, in pieces that fit. */
function pieces(text: string): readonly string[] {
  const lengthMax = Math.floor(bodyBytesMax / 3) // A UTF-16 unit takes at most three bytes.
  const found: string[] = []
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + lengthMax)
    if (isInsidePair(text, to)) to--
    found.push(text.slice(from, to))
    from = to
  }
  return found
}
