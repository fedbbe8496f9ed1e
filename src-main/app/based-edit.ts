import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { fitsInBytes } from '../../src-shared/base/utf8.ts'
import { bodyFault } from '../../src-shared/notes/command-check.ts'
import { diff } from '../../src-shared/notes/diff.ts'
import type { Document } from '../../src-shared/notes/document.ts'
import { bodyBytesMax } from '../../src-shared/notes/limits.ts'
import type { Note } from '../../src-shared/notes/note.ts'
import {
  invert,
  isIdle,
  misfit,
  readChanges,
  replacing,
  splice,
} from '../../src-shared/notes/splice.ts'
import { type Changes, composeAll, map } from '../../src-shared/notes/text.ts'
import { push } from '../../src-shared/notes/windows.ts'
import type { Refused } from './device-api.ts'

/**
 * Edits that were made at some revision and not on the screen: a script's. They are brought to what the screen shows, over
 * what the group did since and what is pending here, so that they merge and never overwrite.
 */

/** Who made the step, in the list of a document's updates. */
const byScript = 'script'

/** The text at an earlier revision; null when the note does not remember it. */
export function textAt(note: Note | null, rev: number): string | null {
  if (rev === 0) return note === null ? '' : null
  if (note === null || rev > note.rev) return null
  let text = note.body
  for (const change of changesSince(note, rev)?.toReversed() ?? []) {
    text = splice(text, invert(change.changes, change.removed))
  }
  return changesSince(note, rev) === null ? null : text
}

function changesSince(note: Note, rev: number): Note['recent'] | null {
  if (rev > note.rev) return null
  const since = note.recent.filter((change) => change.rev > rev)
  return since.length === note.rev - rev ? since : null
}

/** The document with a change set that was made at `baseRev`. */
export function withChangesAt(
  document: Document,
  ask: { readonly baseRev: number; readonly changes: unknown },
  at: string,
): Outcome<Document, Refused> {
  const changes = readChanges(ask.changes)
  if (changes === null) return refuse('does-not-fit', 'That is not a change set.')
  const base = textAt(document.note, ask.baseRev)
  if (base === null) return baseUnknown(document, ask.baseRev)
  const fault = misfit(changes, base)
  if (fault !== null) {
    return refuse('does-not-fit', `The changes do not fit the text at ${ask.baseRev}: ${fault}.`)
  }
  return pushed(document, broughtToScreen(document, ask.baseRev, changes), at)
}

/** The document with its text replaced: what differs from the text at `baseRev`, or from the screen's. */
export function withTextAt(
  document: Document,
  ask: { readonly baseRev: number | null; readonly body: string },
  at: string,
): Outcome<Document, Refused> {
  if (!fitsInBytes(ask.body, bodyBytesMax)) {
    return refuse('too-large', 'A note holds at most 8 MiB.')
  }
  const fault = bodyFault(ask.body)
  if (fault !== null) return refuse('does-not-fit', `It cannot be taken: ${fault}.`)
  if (ask.baseRev === null) return pushed(document, diff(document.text, ask.body), at)
  const base = textAt(document.note, ask.baseRev)
  if (base === null) return baseUnknown(document, ask.baseRev)
  return pushed(document, broughtToScreen(document, ask.baseRev, diff(base, ask.body)), at)
}

/** Over the group's changes since, then over ours that are pending: each time as the later one of two. */
function broughtToScreen(document: Document, baseRev: number, changes: Changes): Changes {
  const { note, pending } = document
  const over: Changes[] = []
  if (note !== null) over.push(...(changesSince(note, baseRev) ?? []).map((each) => each.changes))
  for (const command of pending.commands) {
    if (command.kind === 'note.create') over.push(replacing(0, 0, 0, command.body))
    if (command.kind === 'note.change') over.push(command.changes)
  }
  const [first, ...rest] = over
  return first === undefined ? changes : map(changes, composeAll([first, ...rest]))
}

function pushed(document: Document, changes: Changes, at: string): Outcome<Document, Refused> {
  if (isIdle(changes)) return ok(document)
  const after = push(document, document.version, [{ client: byScript, changes }], at)
  if (after.ok) return after
  const why = after.error.kind === 'refused' ? after.error.reason : after.error.kind
  if (why.includes('8 MiB')) return refuse('too-large', 'A note holds at most 8 MiB.')
  return refuse('does-not-fit', `It cannot be taken: ${why}.`)
}

function baseUnknown(document: Document, baseRev: number): Outcome<Document, Refused> {
  const rev = document.note?.rev ?? 0
  if (baseRev > rev) {
    return refuse('does-not-fit', `There is no revision ${baseRev} yet; the newest is ${rev}.`)
  }
  return refuse(
    'rev-too-old',
    `Revision ${baseRev} is no longer known; read revision ${rev} and try again.`,
  )
}

function refuse(
  kind: Refused['kind'],
  message: string,
): { readonly ok: false; readonly error: Refused } {
  return fail({ kind, message })
}
