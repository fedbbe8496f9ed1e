import type { NoteId } from '../../src-shared/base/ids.ts'
import type { PendingNote } from '../../src-shared/notes/pending.ts'
import { type Known, pendingUnits } from './update.ts'

/**
 * Texts of dropped notes that are remembered, so that the next burst on them is a patch: so many notes, so many UTF-16
 * units in all, and none below a size that a whole record writes as well.
 */
export const rememberedNotesMax = 16
export const rememberedUnitsMax = 16 * 1024 * 1024
export const rememberedUnitsMin = 1024

/** What the log says of every note that matters: those that are pending, and the last texts of a few that were. */
export class KnownNotes {
  readonly #pending = new Map<NoteId, Entry>()
  /** The one that was dropped last is last. */
  readonly #remembered = new Map<NoteId, Entry>()
  #pendingUnits = 0
  #rememberedUnits = 0

  copy(): KnownNotes {
    const copy = new KnownNotes()
    for (const [noteId, entry] of this.#pending) copy.#pending.set(noteId, entry)
    for (const [noteId, entry] of this.#remembered) copy.#remembered.set(noteId, entry)
    copy.#pendingUnits = this.#pendingUnits
    copy.#rememberedUnits = this.#rememberedUnits
    return copy
  }

  get(noteId: NoteId): Known | null {
    return this.#pending.get(noteId) ?? this.#remembered.get(noteId) ?? null
  }

  isPending(noteId: NoteId): boolean {
    return this.#pending.has(noteId)
  }

  put(pending: PendingNote, sequence: number): void {
    const { noteId, baseText: text } = pending
    this.#forget(noteId)
    const units = pendingUnits(pending)
    this.#pendingUnits += units - (this.#pending.get(noteId)?.units ?? 0)
    this.#pending.set(noteId, { text, pending, sequence, units })
  }

  drop(noteId: NoteId, sequence: number): void {
    const entry = this.#pending.get(noteId)
    if (entry === undefined) return
    this.#pending.delete(noteId)
    this.#pendingUnits -= entry.units
    this.remember(noteId, entry.text, sequence)
  }

  remember(noteId: NoteId, text: string, sequence: number): void {
    if (text.length < rememberedUnitsMin) return
    this.#forget(noteId)
    this.#remembered.set(noteId, { text, pending: null, sequence, units: text.length })
    this.#rememberedUnits += text.length
    for (const oldest of this.#remembered.keys()) {
      const isWithin = this.#remembered.size <= rememberedNotesMax
      if (isWithin && this.#rememberedUnits <= rememberedUnitsMax) break
      this.#forget(oldest)
    }
  }

  /** In the order in which they became pending. */
  *pending(): Iterable<PendingNote> {
    for (const { pending } of this.#pending.values()) if (pending !== null) yield pending
  }

  *remembered(): Iterable<{ noteId: NoteId; text: string }> {
    for (const [noteId, { text }] of this.#remembered) yield { noteId, text }
  }

  /** Roughly the bytes of a log without garbage; at most six times too small. */
  units(): number {
    return this.#pendingUnits + this.#rememberedUnits
  }

  counts(): { notes: number; commands: number } {
    let commands = 0
    for (const { pending } of this.#pending.values()) commands += pending?.commands.length ?? 0
    return { notes: this.#pending.size, commands }
  }

  #forget(noteId: NoteId): void {
    const entry = this.#remembered.get(noteId)
    if (entry === undefined) return
    this.#remembered.delete(noteId)
    this.#rememberedUnits -= entry.units
  }
}

interface Entry extends Known {
  readonly units: number
}
