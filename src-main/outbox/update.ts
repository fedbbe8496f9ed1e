import type { NoteId } from '../../src-shared/base/ids.ts'
import type { ChangeNote, CreateNote, NoteCommand } from '../../src-shared/notes/command.ts'
import type { PendingNote } from '../../src-shared/notes/pending.ts'
import { equalData } from './equal-data.ts'
import { type Splice, spliceBetween } from './splice.ts'

/**
 * What a frame says of one note. `after` is the sequence of the frame with the note's update before this one: a patch
 * is applied to exactly the state that it was made from, or not at all.
 */
export type Update =
  | { readonly kind: 'whole'; readonly pending: PendingNote }
  | Patch
  /** Nothing is pending; the text it was based on stays known, because the next burst will be based on nearly the same. */
  | { readonly kind: 'drop'; readonly noteId: NoteId }
  /** A dropped note's text, carried over by a switch of files. */
  | { readonly kind: 'text'; readonly noteId: NoteId; readonly text: string }

export interface Patch {
  readonly kind: 'patch'
  readonly noteId: NoteId
  readonly after: number
  readonly base: number
  readonly sentCount: number
  readonly text: Splice
  readonly commands: readonly Step[]
}

/** How the new list of commands is made: so many of the old ones, one in full, or one whose long part is an old one's, spliced. */
export type Step =
  | { readonly keep: readonly [from: number, count: number] }
  | { readonly command: NoteCommand }
  | { readonly from: number; readonly splice: Splice; readonly rest: Rest }

/** What the log says of a note so far; a dropped one has no pending. */
export interface Known {
  readonly text: string
  readonly pending: PendingNote | null
  /** Of the frame with its last update. */
  readonly sequence: number
}

/** The smaller of a whole record and a patch on what is known; null when nothing changes. */
export function updateTo(pending: PendingNote, known: Known | null): Update | null {
  const whole: Update = { kind: 'whole', pending }
  if (known === null) return whole
  const text = spliceBetween(known.text, pending.baseText)
  const before = known.pending?.commands ?? []
  const commands = stepsBetween(before, pending.commands)
  const { noteId, base, sentCount } = pending
  const isSame =
    known.pending?.base === base &&
    known.pending.sentCount === sentCount &&
    known.text === pending.baseText
  if (isSame && keepsAll(commands, before.length)) return null
  const cost = text[2].length + commands.reduce((sum, step) => sum + stepUnits(step), 0)
  if (cost * 2 >= pendingUnits(pending)) return whole
  return { kind: 'patch', noteId, after: known.sequence, base, sentCount, text, commands }
}

/** Roughly the length of its JSON, at most six times too small (every unit may need an escape). */
export function pendingUnits(pending: PendingNote): number {
  return pending.commands.reduce((sum, each) => sum + commandUnits(each), pending.baseText.length)
}

function stepsBetween(before: readonly NoteCommand[], after: readonly NoteCommand[]): Step[] {
  const places = new Map(before.map((command, at) => [command.seq, at]))
  const steps: Step[] = []
  for (const command of after) {
    const place = places.get(command.seq)
    places.delete(command.seq) // An old command becomes at most one new one.
    const old = place === undefined ? undefined : before[place]
    if (place === undefined || old === undefined) steps.push({ command })
    else if (equalData(old, command)) keepAlso(steps, place)
    else steps.push(changedStep(old, place, command))
  }
  return steps
}

/** Neighbours that stay are one step. */
function keepAlso(steps: Step[], place: number): void {
  const last = steps.at(-1)
  if (last !== undefined && 'keep' in last && last.keep[0] + last.keep[1] === place) {
    steps[steps.length - 1] = { keep: [last.keep[0], last.keep[1] + 1] }
  } else steps.push({ keep: [place, 1] })
}

function changedStep(old: NoteCommand, place: number, command: NoteCommand): Step {
  const [before, after] = [takenApart(old), takenApart(command)]
  if (before === null || after === null || old.kind !== command.kind) return { command }
  const splice = spliceBetween(before.long, after.long)
  if (splice[2].length * 2 >= after.long.length) return { command }
  return { from: place, splice, rest: after.rest }
}

/** The rest of a command whose long part is a text of its own. */
export type Rest = Omit<CreateNote, 'body'> | Omit<ChangeNote, 'changes'>

/** Null for a command that cannot grow. */
export function takenApart(command: NoteCommand): { rest: Rest; long: string } | null {
  if (command.kind === 'note.create') {
    const { body, ...rest } = command
    return { rest, long: body }
  }
  if (command.kind !== 'note.change') return null
  const { changes, ...rest } = command
  return { rest, long: JSON.stringify(changes) }
}

export function putTogether(rest: Rest, long: string): NoteCommand {
  if (rest.kind === 'note.create') return { ...rest, body: long }
  return { ...rest, changes: JSON.parse(long) as ChangeNote['changes'] }
}

function keepsAll(steps: readonly Step[], count: number): boolean {
  const [only, more] = steps
  if (only === undefined) return count === 0
  return more === undefined && 'keep' in only && only.keep[0] === 0 && only.keep[1] === count
}

/** Of a command's fields beside its long part. */
const fieldsUnits = 200
const partUnits = 8

function stepUnits(step: Step): number {
  if ('keep' in step) return partUnits
  if ('command' in step) return commandUnits(step.command)
  return fieldsUnits + step.splice[2].length
}

function commandUnits(command: NoteCommand): number {
  if (command.kind === 'note.create') return fieldsUnits + command.body.length
  if (command.kind !== 'note.change') return JSON.stringify(command).length
  let units = fieldsUnits
  for (const part of command.changes) {
    units += partUnits
    if (typeof part === 'number') continue
    for (const line of part.slice(1) as string[]) units += line.length + partUnits
  }
  return units
}
