import type { NoteId } from '../../src-shared/base/ids.ts'
import type { NoteCommand } from '../../src-shared/notes/command.ts'
import type { PendingNote } from '../../src-shared/notes/pending.ts'
import { Pieces } from './pieces.ts'
import { type Patch, putTogether, type Rest, type Step, takenApart, type Update } from './update.ts'

/** What the updates of a log come to, one after the other, as its reader meets them. */
export class Replay {
  readonly #notes = new Map<NoteId, Held>()
  readonly #behind = new Set<NoteId>()

  take(sequence: number, update: Update): void {
    switch (update.kind) {
      case 'whole':
        return this.#set(held(update.pending, sequence))
      case 'text':
        return this.#set({ ...nothing(update.noteId), text: new Pieces(update.text), sequence })
      case 'drop': {
        const { text } = this.#notes.get(update.noteId) ?? nothing(update.noteId)
        return this.#set({ ...nothing(update.noteId), text, sequence })
      }
      case 'patch':
        return this.#patch(update, sequence)
    }
  }

  /** Pending notes, in the order in which they became so. */
  pending(): PendingNote[] {
    const notes = [...this.#notes.values()].filter((each) => each.base !== null)
    return notes.map(pendingOf)
  }

  /** Notes of which an update was there that could not be applied: it was made from one that is lost. */
  behind(): NoteId[] {
    return [...this.#behind].sort()
  }

  #set(next: Held): void {
    const before = this.#notes.get(next.noteId)
    // A note that becomes pending anew goes to the end; one that stays pending keeps its place.
    if (before?.base === null) this.#notes.delete(next.noteId)
    this.#notes.set(next.noteId, next)
    this.#behind.delete(next.noteId)
  }

  #patch(patch: Patch, sequence: number): void {
    const before = this.#notes.get(patch.noteId)
    const next = before?.sequence === patch.after ? patched(before, patch) : null
    if (next === null) this.#behind.add(patch.noteId)
    else this.#set({ ...next, sequence })
  }
}

/** `base` null: dropped. */
interface Held {
  readonly noteId: NoteId
  readonly base: number | null
  readonly sentCount: number
  readonly text: Pieces
  readonly commands: readonly HeldCommand[]
  readonly sequence: number
}

/** A command whose long part was spliced stays taken apart until it is needed. */
type HeldCommand =
  | { readonly command: NoteCommand }
  | { readonly rest: Rest; readonly long: Pieces }

function nothing(noteId: NoteId): Held {
  return { noteId, base: null, sentCount: 0, text: new Pieces(''), commands: [], sequence: 0 }
}

function held(pending: PendingNote, sequence: number): Held {
  const { noteId, base, sentCount, baseText } = pending
  const commands = pending.commands.map((command) => ({ command }))
  return { noteId, base, sentCount, text: new Pieces(baseText), commands, sequence }
}

function pendingOf({ noteId, base, sentCount, text, commands }: Held): PendingNote {
  return {
    noteId,
    base: base ?? 0,
    baseText: text.toString(),
    commands: commands.map((each) =>
      'command' in each ? each.command : putTogether(each.rest, each.long.toString()),
    ),
    sentCount,
  }
}

/** Null when it does not fit: it was made from something else. */
function patched(before: Held, patch: Patch): Held | null {
  const commands: HeldCommand[] = []
  for (const step of patch.commands) {
    const made = stepped(before.commands, step)
    if (made === null) return null
    commands.push(...made)
  }
  if (!before.text.splice(patch.text)) return null
  const { base, sentCount } = patch
  return { ...before, base, sentCount, commands }
}

function stepped(before: readonly HeldCommand[], step: Step): readonly HeldCommand[] | null {
  if ('command' in step) return [step]
  if ('keep' in step) {
    const [from, count] = step.keep
    return from + count <= before.length ? before.slice(from, from + count) : null
  }
  const long = longPartOf(before[step.from])
  return long?.splice(step.splice) ? [{ rest: step.rest, long }] : null
}

function longPartOf(old: HeldCommand | undefined): Pieces | null {
  if (old === undefined) return null
  if ('long' in old) return old.long
  const apart = takenApart(old.command)
  return apart === null ? null : new Pieces(apart.long)
}
