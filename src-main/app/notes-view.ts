import type { Clock } from '../../src-shared/base/clock.ts'
import { type DeviceId, isNoteId, type NoteId } from '../../src-shared/base/ids.ts'
import { isWallTime } from '../../src-shared/base/json.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { NoteSummary, SearchHit } from '../../src-shared/ipc/contract.ts'
import { type Document, draftOfDocument } from '../../src-shared/notes/document.ts'
import { draftOf } from '../../src-shared/notes/draft.ts'
import type { Note } from '../../src-shared/notes/note.ts'
import type { NotesState } from '../../src-shared/notes/state.ts'
import { derivedTitle, preview } from '../../src-shared/notes/title.ts'
import type { ListNotes, NoteDetail, NotePage, Refused } from './device-api.ts'
import type { Documents } from './documents.ts'
import type { ExportedNote } from './export-paths.ts'
import { durabilityOf, type Ladder } from './ladder.ts'
import { isFound, type Searchable, search, searchTerms } from './search.ts'

export interface NotesViewPorts {
  readonly state: () => NotesState
  readonly documents: Documents
  readonly ladder: Ladder
  readonly clock: Clock
  readonly group: () => NotesGroup
}

/** Present members, and the last index that is applied here. */
export interface NotesGroup {
  readonly members: readonly DeviceId[]
  readonly applied: number
}

/** The notes as this device shows them: what the group agreed to, with what is pending here on top. */
export class NotesView {
  readonly #ports: NotesViewPorts
  /** Title and preview of a text are looked for once. */
  readonly #heads = new WeakMap<Note, { readonly title: string; readonly preview: string }>()

  constructor(ports: NotesViewPorts) {
    this.#ports = ports
  }

  get total(): number {
    let total = this.#ports.state().notes.size
    for (const _ of this.#ports.documents.uncreated()) total++
    return total
  }

  /** Null: there is no such note (any more). */
  summary(id: NoteId, group = this.#ports.group()): NoteSummary | null {
    const note = this.#ports.state().notes.get(id) ?? null
    const document = this.#ports.documents.get(id)
    const pending = document?.pending.commands.length ?? 0
    if (document !== undefined && pending > 0) return this.#draftSummary(document, group)
    return note === null ? null : this.#noteSummary(note, group)
  }

  /** Newest first by `updatedAt`, then by id. */
  all(): NoteSummary[] {
    const summaries: NoteSummary[] = []
    const group = this.#ports.group()
    for (const id of this.#ids()) {
      const summary = this.summary(id, group)
      if (summary !== null) summaries.push(summary)
    }
    return summaries.sort(byAge)
  }

  page(ask: ListNotes): Outcome<NotePage, Refused> {
    const after = ask.cursor === null ? null : readCursor(ask.cursor)
    if (ask.cursor !== null && after === null) {
      return fail({ kind: 'malformed', message: 'cursor: not one of ours' })
    }
    const terms = searchTerms(ask.query ?? '')
    const chosen = this.all().filter(
      (note) =>
        note.trashed === (ask.trashed ?? false) &&
        (ask.tag === null || note.tags.includes(ask.tag)) &&
        (after === null || byAge(after, note) < 0) &&
        (terms.length === 0 || isFound(this.#searchable(note), terms)),
    )
    const notes = chosen.slice(0, ask.limit)
    const last = notes.at(-1)
    const isMore = chosen.length > notes.length && last !== undefined
    return ok({ notes, cursor: isMore ? writeCursor(last) : null })
  }

  detail(id: NoteId): NoteDetail | null {
    const summary = this.summary(id)
    if (summary === null) return null
    const body = this.#ports.state().notes.get(id)?.body ?? ''
    const document = this.#ports.documents.get(id)
    const draft = summary.pending > 0 ? (document?.text ?? null) : null
    return { summary, body, draft, pending: summary.pending }
  }

  search(ask: { readonly query: string; readonly limit: number }): Promise<readonly SearchHit[]> {
    const notes = this.all().filter((note) => !note.trashed)
    const searchables = function* (view: NotesView): Iterable<Searchable> {
      for (const note of notes) yield view.#searchable(note)
    }
    return search(searchables(this), ask, this.#ports.clock)
  }

  /** What is not in the trash, as the screen shows it. */
  *exported(): Iterable<ExportedNote> {
    const { state, documents } = this.#ports
    for (const id of this.#ids()) {
      const note = state().notes.get(id) ?? null
      const pending = documents.get(id)?.pending ?? null
      const draft = draftOf(note, pending)
      if (draft === null || draft.trashed || draft.purged) continue
      const create = pending?.commands.find((command) => command.kind === 'note.create')
      const origin = note?.origin ?? create?.origin ?? null
      const { title, text: body, createdAt, updatedAt } = draft
      yield { id, title, body, origin, createdAt, updatedAt }
    }
  }

  *#ids(): Iterable<NoteId> {
    yield* this.#ports.state().notes.keys()
    for (const { noteId } of this.#ports.documents.uncreated()) yield noteId
  }

  #searchable({ id, title }: NoteSummary): Searchable {
    const { state, documents } = this.#ports
    return { id, title, text: documents.get(id)?.text ?? state().notes.get(id)?.body ?? '' }
  }

  #noteSummary(note: Note, group: NotesGroup): NoteSummary {
    const { id, rev, index, title, tags, trashed, pinned, createdAt, updatedAt } = note
    const head = this.#head(note)
    const durability = durabilityOf(this.#ports.ladder, { index, pending: 0 }, group)
    const facts = { id, rev, index, tags, trashed, pinned, createdAt, updatedAt, durability }
    return { ...facts, ...head, titleDerived: title === null, pending: 0 }
  }

  #head(note: Note): { readonly title: string; readonly preview: string } {
    const known = this.#heads.get(note)
    if (known !== undefined) return known
    const { title, body } = note
    const head = { title: title ?? derivedTitle(body), preview: preview(body, title) }
    this.#heads.set(note, head)
    return head
  }

  #draftSummary(document: Document, group: NotesGroup): NoteSummary | null {
    const draft = draftOfDocument(document)
    if (draft === null || draft.purged) return null
    const { noteId: id, note, pending: queue, text } = document
    const { title, tags, trashed, pinned, createdAt, updatedAt } = draft
    const pending = queue.commands.length
    const index = note?.index ?? 0
    return {
      id,
      title: title ?? derivedTitle(text),
      titleDerived: title === null,
      preview: preview(text, title),
      rev: note?.rev ?? 0,
      index,
      tags,
      trashed,
      pinned,
      createdAt: note?.createdAt ?? createdAt,
      updatedAt,
      pending,
      durability: durabilityOf(this.#ports.ladder, { index, pending }, group),
    }
  }
}

type Age = Pick<NoteSummary, 'updatedAt' | 'id'>

function byAge(a: Age, b: Age): number {
  if (a.updatedAt !== b.updatedAt) return a.updatedAt < b.updatedAt ? 1 : -1
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

function writeCursor({ updatedAt, id }: Age): string {
  return Buffer.from(`${updatedAt} ${id}`).toString('base64url')
}

function readCursor(cursor: string): Age | null {
  const [updatedAt, id, ...rest] = Buffer.from(cursor, 'base64url').toString('latin1').split(' ')
  if (!isWallTime(updatedAt) || id === undefined || !isNoteId(id)) return null
  return rest.length === 0 ? { updatedAt, id } : null
}
