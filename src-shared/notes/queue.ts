/**
 * The commands of one note that wait for the group, as PendingNote keeps them. Pure.
 *
 * [Q1] Seqs run on without a gap; each change's base is the rev that it meets when all before it are applied.
 * [Q2] Only the unsent tail is composed, dropped or renumbered; what was sent is only mapped.
 */
import { assert } from '../base/assert.ts'
import { fitsInBytes } from '../base/utf8.ts'
import type { ChangeNote, NoteCommand } from './command.ts'
import { bodyBytesMax, sectionsMax } from './limits.ts'
import type { PendingNote } from './pending.ts'
import { isIdle, lengthAfter, splice, split } from './splice.ts'
import { type Changes, compose, map } from './text.ts'

/** A tail with more sections is left to be sent as it is, and a new one begun: each keystroke maps and composes all of it. */
export const composedSectionsMax = 1_000

/** A change with more sections is cut in two or more: mapping may add some, and none may exceed `sectionsMax`. */
export const splitSectionsMax = sectionsMax / 2

/** The seq of the command that would come next. `lastSeq` is the last one that the group counted. */
export function nextSeq(pending: PendingNote, lastSeq: number): number {
  return (pending.commands.at(-1)?.seq ?? lastSeq) + 1
}

/** Adds an edit of the screen's text: into the unsent tail if it ends with text, else as a command of its own. */
export function addChanges(
  pending: PendingNote,
  said: Pick<ChangeNote, 'noteId' | 'client' | 'seq' | 'at'>,
  changes: Changes,
): PendingNote {
  if (isIdle(changes)) return pending
  const last = pending.commands.at(-1)
  if (last !== undefined && pending.commands.length > pending.sentCount) {
    const joined = joinedTo(last, changes, said.at)
    if (joined !== null) return withCommands(pending, [...pending.commands.slice(0, -1), joined])
  }
  const added = split(changes, splitSectionsMax).map(
    (piece): ChangeNote => ({ kind: 'note.change', ...said, base: 0, changes: piece }),
  )
  return withCommands(pending, [...pending.commands, ...added])
}

function joinedTo(last: NoteCommand, changes: Changes, at: string): NoteCommand | null {
  if (last.kind === 'note.create') {
    const body = splice(last.body, changes)
    return fitsInBytes(body, bodyBytesMax) ? { ...last, body } : null
  }
  if (last.kind !== 'note.change') return null
  if (last.changes.length + changes.length > composedSectionsMax) return null
  return { ...last, at, changes: compose(last.changes, changes) }
}

/** Adds a command that is not about text. A waiting one that it makes pointless goes. */
export function addCommand(pending: PendingNote, command: NoteCommand): PendingNote {
  assert(command.kind !== 'note.change', 'text is added as changes')
  const sent = pending.commands.slice(0, pending.sentCount)
  const waiting = pending.commands.slice(pending.sentCount)
  if (command.kind === 'note.purge') return withCommands(pending, [...sent, command])
  const last = waiting.at(-1)
  const isReplaced =
    last?.kind === command.kind && (command.kind === 'note.title' || command.kind === 'note.pin')
  const kept = isReplaced ? waiting.slice(0, -1) : waiting
  return withCommands(pending, [...sent, ...kept, command])
}

/** The same commands after a foreign change, and what that change comes to after all of them. */
export function mapOver(
  commands: readonly NoteCommand[],
  foreign: Changes,
): { readonly commands: readonly NoteCommand[]; readonly foreign: Changes } {
  let over = foreign
  const mapped = commands.map((command) => {
    if (command.kind !== 'note.change') return command
    // Where both insert at one place ours comes first: it belongs to what stands before it, which we typed as well.
    const changes = map(command.changes, over, true)
    over = map(over, command.changes)
    return { ...command, changes }
  })
  return { commands: mapped, foreign: over }
}

/** Puts the queue in order [Q1]: an unsent change that came to nothing goes, the numbers run on from `firstSeq`. */
export function withCommands(
  pending: PendingNote,
  commands: readonly NoteCommand[],
  firstSeq: number | undefined = pending.commands[0]?.seq ?? commands[0]?.seq,
): PendingNote {
  const kept = commands.filter(
    (command, at) =>
      at < pending.sentCount || command.kind !== 'note.change' || !isIdle(command.changes),
  )
  let seq = firstSeq ?? 1
  let base = pending.base
  const numbered = kept.map((command) => {
    const before = base
    if (raisesRev(command)) base++
    return renumbered(command, seq++, before)
  })
  return { ...pending, commands: numbered, sentCount: Math.min(pending.sentCount, kept.length) }
}

export function raisesRev(command: NoteCommand): boolean {
  return command.kind === 'note.create' || command.kind === 'note.change'
}

function renumbered(command: NoteCommand, seq: number, base: number): NoteCommand {
  if (command.kind !== 'note.change') return command.seq === seq ? command : { ...command, seq }
  return command.seq === seq && command.base === base ? command : { ...command, seq, base }
}

/** The text with all of it applied. */
export function textOf(pending: PendingNote): string {
  return textAfter(pending.baseText, pending.commands)
}

export function textAfter(text: string, commands: readonly NoteCommand[]): string {
  let after = text
  for (const command of commands) {
    if (command.kind === 'note.create') after = command.body
    else if (command.kind === 'note.change') after = splice(after, command.changes)
  }
  return after
}

/** How long the text is with all of it applied, without making it. */
export function shownLength(pending: PendingNote): number {
  let length = pending.baseText.length
  for (const command of pending.commands) {
    if (command.kind === 'note.create') length = command.body.length
    else if (command.kind === 'note.change') length = lengthAfter(command.changes)
  }
  return length
}

export function hasText(pending: PendingNote): boolean {
  return pending.commands.some(
    (command) =>
      command.kind === 'note.create' ||
      (command.kind === 'note.change' && !isIdle(command.changes)),
  )
}
