import { isNoteId, type NoteId } from '../../src-shared/base/ids.ts'
import type { Note } from '../../src-shared/notes/note.ts'

/*
 * Names in the store's directory. It is one flat directory: then a round of many notes is one fsync of names.
 *
 *   ID.json             a note
 *   mark.json           what the directory held when all that had been reflected was in it
 *   *.json.tmp          half written, worth nothing
 *   aside/ID-N.json     set aside: unreadable, or of a later version; kept until a person removes it
 */
export const markName = 'mark.json'
export const asideDir = 'aside'
const noteName = /^([0-9a-f]{32})\.json$/

export function noteNameOf(id: NoteId): string {
  return `${id}.json`
}

/** Null: not the name of a note's file. */
export function noteIdOf(name: string): NoteId | null {
  const id = noteName.exec(name)?.[1]
  return id !== undefined && isNoteId(id) ? id : null
}

/** What a note's file says. */
export interface StoredNote {
  readonly note: Note
  /** The log index that the file reflects. */
  readonly index: number
}

/** Which state of a note a file holds: its chain runs over every command that made it, so two with the same are one. */
export interface Imprint {
  readonly index: number
  readonly chain: string
  /** Bytes of the file; 0 when not known. */
  readonly size: number
}

export function isImprintOf({ index, chain }: Imprint, note: Note): boolean {
  return index === note.index && chain === note.chain
}

/** What the directory held when everything up to `index` was in it: a start may build on files that match it exactly. */
export interface Mark {
  readonly index: number
  readonly notes: number
  readonly sum: number
}
