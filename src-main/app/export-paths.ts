import type { NoteId } from '../../src-shared/base/ids.ts'
import { utf8Length } from '../../src-shared/base/utf8.ts'
import type { Note } from '../../src-shared/notes/note.ts'
import { derivedTitle } from '../../src-shared/notes/title.ts'
import { checkedPath, markdownEndings } from './markdown-file.ts'

/** What of a note its file is made of. `body` is whichever text is to be in the file: the agreed one, or what the screen shows. */
export type ExportedNote = Pick<
  Note,
  'id' | 'title' | 'body' | 'origin' | 'createdAt' | 'updatedAt'
>

export interface ExportPath<N> {
  readonly path: string
  readonly note: N
}

/** Of a name made of a title, in UTF-8 bytes without its ending: within every file system's 255, a number behind it too. */
export const titleBytesMax = 200

/**
 * Under which path each note goes out, sorted by path. A note that came from a file goes back to exactly that path. All
 * others get a name made of their title. Where two want the same path, the one that was there first gets it (by creation,
 * then by id) and the other a number: `name (2).md`. What differs only in upper and lower case is the same path for names
 * that we make, since it is on most machines; paths that came in like that go out like that.
 */
export function exportPaths<N extends ExportedNote>(notes: Iterable<N>): ExportPath<N>[] {
  const sorted = [...notes].sort(byAge)
  const folders = new Set(sorted.flatMap((note) => foldersOf(originPath(note) ?? '')))
  const taken = new Taken()
  const paths: ExportPath<N>[] = []
  const late: { wanted: string; note: N }[] = []
  for (const note of sorted) {
    const path = originPath(note)
    if (path === null) late.push({ wanted: `${fileNameOf(note)}.md`, note })
    else if (folders.has(path) || taken.has(path)) late.push({ wanted: path, note })
    else {
      taken.add(path)
      paths.push({ path, note })
    }
  }
  for (const folder of folders) taken.add(folder)
  for (const { wanted, note } of late) paths.push({ path: taken.numbered(wanted), note })
  return paths.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

/** Null for a note of our own, and for one whose path, having come through another device, would not be taken in here. */
export function originPath({ origin }: Pick<Note, 'origin'>): string | null {
  if (origin === null) return null
  const checked = checkedPath(origin.path)
  return checked.ok && checked.value === origin.path ? origin.path : null
}

/** A name that every system takes, made of the note's title; "Untitled" without one. Without an ending. */
export function fileNameOf({ title, body }: Pick<Note, 'title' | 'body'>): string {
  const words = (title ?? derivedTitle(body))
    .replace(/[/\\:*?"<>|\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/gu, ' ')
    .replace(/\s+/gu, ' ')
  // Windows drops spaces and dots at the end, and a dot at the start hides a file elsewhere.
  const name = withinBytes(words, titleBytesMax).replace(/^[ .]+|[ .]+$/g, '')
  if (name === '') return 'Untitled'
  return reservedName.test(name) ? `${name.replace('.', '_')}_` : name
}

/** Devices on Windows, whatever the ending. */
const reservedName = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i

function withinBytes(text: string, bytesMax: number): string {
  let [bytes, units] = [0, 0]
  for (const letter of text) {
    bytes += utf8Length(letter)
    if (bytes > bytesMax) return text.slice(0, units)
    units += letter.length
  }
  return text
}

function byAge(a: ExportedNote, b: ExportedNote): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1
  return compared(a.id, b.id)
}

function compared(a: NoteId, b: NoteId): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function foldersOf(path: string): string[] {
  const names = path.split('/').slice(0, -1)
  return names.map((_, at) => names.slice(0, at + 1).join('/'))
}

class Taken {
  readonly #exact = new Set<string>()
  readonly #folded = new Set<string>()
  /** Where the next number of a name is to be looked for: a thousand notes of one title are not a million tries. */
  readonly #numbers = new Map<string, number>()

  has(path: string): boolean {
    return this.#exact.has(path)
  }

  add(path: string): void {
    this.#exact.add(path)
    this.#folded.add(folded(path))
  }

  numbered(wanted: string): string {
    const { stem, ending } = parted(wanted)
    const key = folded(wanted)
    for (let number = this.#numbers.get(key) ?? 1; ; number++) {
      const path = number === 1 ? wanted : `${stem} (${number})${ending}`
      if (this.#folded.has(folded(path))) continue
      this.add(path)
      this.#numbers.set(key, number + 1)
      return path
    }
  }
}

function folded(path: string): string {
  return path.normalize('NFC').toLowerCase()
}

function parted(path: string): { stem: string; ending: string } {
  const lower = path.toLowerCase()
  const ending = markdownEndings.find((each) => lower.endsWith(each)) ?? ''
  const at = path.length - ending.length
  return { stem: path.slice(0, at), ending: path.slice(at) }
}
