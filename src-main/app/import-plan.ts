import type { NoteId } from '../../src-shared/base/ids.ts'
import type { Origin } from '../../src-shared/notes/note.ts'
import { type ExportedNote, exportPaths, originPath } from './export-paths.ts'
import { checkedPath, decodedMarkdown, type Reason, type SourceFile } from './markdown-file.ts'

/*
 * What taking in a file means, given the notes that are there (those in the trash aside: a file that was thrown away
 * and is brought again comes back as a new note).
 *
 * A file is told by the path under which its note would go out. Same path, same text: nothing. Same path, other text: a
 * person who imports a folder again wants the notes to be as the files are, not a second note beside each; so it is a
 * change of that note, and what it said before is in its history. That is so only for a note that came from that path.
 * A note of our own merely happens to have a title like the file's name: other text there is another note.
 */

export interface CreateStep {
  readonly kind: 'create'
  readonly text: string
  readonly origin: Origin
}

export interface ChangeStep {
  readonly kind: 'change'
  readonly noteId: NoteId
  readonly path: string
  readonly text: string
}

export interface UnchangedStep {
  readonly kind: 'unchanged'
  readonly noteId: NoteId
  readonly path: string
}

/** `path` is as it came, cut to what can be shown. */
export interface RefusedStep {
  readonly kind: 'refused'
  readonly path: string
  readonly reason: Reason
}

export type ImportStep = CreateStep | ChangeStep | UnchangedStep | RefusedStep

export interface ImportPlan {
  readonly creates: readonly CreateStep[]
  readonly changes: readonly ChangeStep[]
  readonly unchanged: readonly UnchangedStep[]
  readonly refused: readonly RefusedStep[]
}

/** Of a path in a report, in UTF-16 units: a zip may hold a hundred thousand of the longest. */
export const shownPathLengthMax = 256

/** Decides file by file, so that a large import need not be in memory as a whole. */
export class ImportPlanner {
  readonly #existing: ReadonlyMap<string, ExportedNote>
  readonly #seen = new Set<string>()

  constructor(existing: Iterable<ExportedNote>) {
    this.#existing = new Map(exportPaths(existing).map(({ path, note }) => [path, note]))
  }

  take(file: SourceFile): ImportStep {
    const checked = checkedPath(file.path)
    if (!checked.ok) return refusal(file.path, checked.error)
    const path = checked.value
    if (this.#seen.has(path)) return refusal(path, 'It is there twice: the first one was taken.')
    this.#seen.add(path)
    const decoded = decodedMarkdown(file.bytes)
    if (!decoded.ok) return refusal(path, decoded.error)
    const { text, bom } = decoded.value
    const note = this.#existing.get(path)
    if (note?.body === text) return { kind: 'unchanged', noteId: note.id, path }
    if (note !== undefined && originPath(note) === path) {
      return { kind: 'change', noteId: note.id, path, text }
    }
    return { kind: 'create', text, origin: { path, bom } }
  }
}

export function planImport(
  files: Iterable<SourceFile>,
  existing: Iterable<ExportedNote>,
): ImportPlan {
  const planner = new ImportPlanner(existing)
  const creates: CreateStep[] = []
  const changes: ChangeStep[] = []
  const unchanged: UnchangedStep[] = []
  const refused: RefusedStep[] = []
  for (const file of files) {
    const step = planner.take(file)
    if (step.kind === 'create') creates.push(step)
    else if (step.kind === 'change') changes.push(step)
    else if (step.kind === 'unchanged') unchanged.push(step)
    else refused.push(step)
  }
  return { creates, changes, unchanged, refused }
}

export function refusal(path: string, reason: Reason): RefusedStep {
  const shown = path.length <= shownPathLengthMax ? path : `${path.slice(0, shownPathLengthMax)}…`
  return { kind: 'refused', path: shown.replace(/\p{Surrogate}/gu, '\ufffd'), reason }
}
