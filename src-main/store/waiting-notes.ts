import type { NoteId } from '../../src-shared/base/ids.ts'
import type { Note } from '../../src-shared/notes/note.ts'

/** How long a note waits for more before it is written, in ms: a text of 64 Ki units twice as long, up to the maximum. */
export const settleMs = 1_000
export const settleMsMax = 30_000
const settleUnits = 64 * 1024
/** Above so many UTF-16 units in all nothing waits for more. */
export const waitingUnitsMax = 32 * 1024 * 1024

/** `note` null: it is to be removed. */
export interface WaitingNote {
  readonly note: Note | null
  /** Index of the first command that is not in the file yet. */
  readonly since: number
  /** By the clock, in ms. */
  readonly due: number
}

/** The latest state of each note that is not in its file. Holds what the machine holds anyway, and one state of a note at most. */
export class WaitingNotes {
  readonly #notes = new Map<NoteId, WaitingNote>()
  #units = 0

  get size(): number {
    return this.#notes.size
  }

  has(id: NoteId): boolean {
    return this.#notes.has(id)
  }

  /** A note that waits already is replaced, and does not wait longer for it. Answers when something is due. */
  put(id: NoteId, note: Note | null, { since, now }: { since: number; now: number }): number {
    const due = this.#merge(id, { note, since, due: now + delayOf(note) }, this.#notes.get(id))
    return this.#units > waitingUnitsMax ? now : due
  }

  /** What could not be written waits again, unless something newer does. */
  restore(id: NoteId, failed: WaitingNote): void {
    this.#merge(id, this.#notes.get(id) ?? failed, failed)
  }

  take(id: NoteId): WaitingNote | undefined {
    const waiting = this.#notes.get(id)
    if (waiting === undefined) return undefined
    this.#notes.delete(id)
    this.#units -= unitsOf(waiting.note)
    return waiting
  }

  /** Those whose time has come, the longest waiting first. */
  due(now: number): NoteId[] {
    if (this.#units > waitingUnitsMax) return [...this.#notes.keys()]
    return [...this.#notes].filter(([, { due }]) => due <= now).map(([id]) => id)
  }

  ids(): NoteId[] {
    return [...this.#notes.keys()]
  }

  /** Infinity when nothing waits. */
  nextDue(): number {
    if (this.#units > waitingUnitsMax) return 0
    let next = Number.POSITIVE_INFINITY
    for (const { due } of this.#notes.values()) next = Math.min(next, due)
    return next
  }

  /** Null when nothing waits. */
  lowestSince(): number | null {
    let lowest: number | null = null
    for (const { since } of this.#notes.values()) lowest = Math.min(lowest ?? since, since)
    return lowest
  }

  clear(): void {
    this.#notes.clear()
    this.#units = 0
  }

  #merge(id: NoteId, next: WaitingNote, before: WaitingNote | undefined): number {
    const since = Math.min(next.since, before?.since ?? next.since)
    const due = Math.min(next.due, before?.due ?? next.due)
    this.#units += unitsOf(next.note) - unitsOf(this.#notes.get(id)?.note ?? null)
    this.#notes.set(id, { note: next.note, since, due })
    return due
  }
}

function delayOf(note: Note | null): number {
  return Math.min(settleMsMax, settleMs * (1 + Math.floor(unitsOf(note) / settleUnits)))
}

function unitsOf(note: Note | null): number {
  return note === null ? 0 : note.body.length
}
