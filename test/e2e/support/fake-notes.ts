import { ChangeSet, Text } from '@codemirror/state'
import type { NoteId } from '../../../src-shared/base/ids.ts'
import { fail, type Outcome, ok } from '../../../src-shared/base/outcome.ts'
import type {
  Durability,
  Events,
  NoteEdit,
  NoteSummary,
  OpenedNote,
  Refusal,
  SearchHit,
  Update,
  UpdatesFrom,
} from '../../../src-shared/ipc/contract.ts'

/** The notes of a main process that exists only in memory: enough of one to put a window into every state. */
export interface FakeNote {
  id: NoteId
  text: Text
  title: string | null
  tags: readonly string[]
  pinned: boolean
  trashed: boolean
  createdAt: string
  updatedAt: string
  pending: number
  durability: Durability
  /** Of the first update that is remembered. */
  since: number
  updates: Update[]
}

export interface NewFakeNote {
  readonly body: string
  readonly title?: string
  readonly tags?: readonly string[]
  readonly pinned?: boolean
  readonly trashed?: boolean
  /** Minutes before now. */
  readonly age?: number
  readonly durability?: Durability
  readonly pending?: number
}

type Tell = <N extends keyof Events>(name: N, event: Events[N]) => void

export class FakeNotes {
  readonly all = new Map<NoteId, FakeNote>()
  readonly #tell: Tell
  /** What a fresh edit is: replaced by tests that look at the badge. */
  durabilityOfEdit: Durability = { state: 'all', holders: 3, members: 3 }
  #last = 0

  constructor(tell: Tell) {
    this.#tell = tell
  }

  add(note: NewFakeNote): NoteId {
    this.#last += 1
    const at = new Date(Date.now() - (note.age ?? 0) * 60_000).toISOString()
    const id = this.#last.toString(16).padStart(32, '0')
    this.all.set(id, {
      id,
      text: Text.of(note.body.split('\n')),
      title: note.title ?? null,
      tags: [...(note.tags ?? [])].sort(),
      pinned: note.pinned ?? false,
      trashed: note.trashed ?? false,
      createdAt: at,
      updatedAt: at,
      pending: note.pending ?? 0,
      durability: note.durability ?? this.durabilityOfEdit,
      since: 7,
      updates: [],
    })
    return id
  }

  list(): readonly NoteSummary[] {
    return [...this.all.values()].map(summaryOf)
  }

  open(id: NoteId): Outcome<OpenedNote, Refusal> {
    const note = this.all.get(id)
    if (note === undefined) return gone
    return ok({ summary: summaryOf(note), version: versionOf(note), text: note.text.toString() })
  }

  push({ id, version, updates }: UpdatesFrom) {
    const note = this.all.get(id)
    if (note === undefined) return gone
    if (version !== versionOf(note)) {
      const missed = this.pull(id, version) ?? { id, version, updates: [] }
      return fail({ kind: 'behind' as const, missed })
    }
    for (const update of updates) {
      note.text = ChangeSet.fromJSON(update.changes).apply(note.text)
      note.updates.push(update)
    }
    this.touched(note)
    this.#tell('note', { id, version, updates })
    return ok({ version: versionOf(note) })
  }

  pull(id: NoteId, version: number): UpdatesFrom | null {
    const note = this.all.get(id)
    if (note === undefined || version < note.since || version > versionOf(note)) return null
    return { id, version, updates: note.updates.slice(version - note.since) }
  }

  /** Someone else's change: `client` is the device that made it. */
  changeElsewhere(id: NoteId, client: string, from: number, to: number, insert: string): void {
    const note = this.#get(id)
    const changes = ChangeSet.of(
      { from, to, insert: Text.of(insert.split('\n')) },
      note.text.length,
    )
    this.push({ id, version: versionOf(note), updates: [{ client, changes: changes.toJSON() }] })
  }

  /** A restart: the text stays, its versions count anew. */
  forgetVersions(): void {
    for (const note of this.all.values()) {
      note.since = 0
      note.updates = []
    }
  }

  edit({ id, title, tags, pinned }: NoteEdit): Outcome<null, Refusal> {
    const note = this.all.get(id)
    if (note === undefined) return gone
    if (title !== undefined) note.title = title
    if (tags !== undefined) note.tags = [...tags].sort()
    if (pinned !== undefined) note.pinned = pinned
    this.touched(note)
    return ok(null)
  }

  setTrashed(ids: readonly NoteId[], trashed: boolean): Outcome<null, Refusal> {
    for (const id of ids) {
      const note = this.#get(id)
      note.trashed = trashed
      this.touched(note)
    }
    return ok(null)
  }

  purge(ids: readonly NoteId[]): Outcome<null, Refusal> {
    for (const id of ids) this.all.delete(id)
    this.#tell('notes', { changed: [], gone: ids })
    return ok(null)
  }

  search(query: string, limit: number): readonly SearchHit[] {
    const wanted = query.toLowerCase()
    const hits: SearchHit[] = []
    for (const note of this.all.values()) {
      const text = note.text.toString()
      const at = text.toLowerCase().indexOf(wanted)
      if (at < 0) continue
      const start = Math.max(0, at - 30)
      const excerpt = text.slice(start, at + 90).replaceAll(/\s/g, ' ')
      hits.push({ id: note.id, excerpt, from: at - start, to: at - start + query.length })
    }
    return hits.slice(0, limit)
  }

  setDurability(id: NoteId, durability: Durability, pending = 0): void {
    const note = this.#get(id)
    note.durability = durability
    note.pending = pending
    this.#tell('notes', { changed: [summaryOf(note)], gone: [] })
  }

  touched(note: FakeNote): void {
    note.updatedAt = new Date().toISOString()
    note.durability = this.durabilityOfEdit
    this.#tell('notes', { changed: [summaryOf(note)], gone: [] })
  }

  #get(id: NoteId): FakeNote {
    const note = this.all.get(id)
    if (note === undefined) throw new Error(`there is no note ${id}`)
    return note
  }
}

const gone = fail<Refusal>({ kind: 'not-found', message: 'This note is no more.' })

function versionOf(note: FakeNote): number {
  return note.since + note.updates.length
}

function summaryOf(note: FakeNote): NoteSummary {
  const lines = note.text
    .toString()
    .slice(0, 1_000)
    .split('\n')
    .map((line) => line.replace(/^\s*(#+|[-*>]|\d+\.)\s*(\[[ x]\]\s*)?/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('```'))
  const derived = lines[0] ?? ''
  const rest = note.title === null ? lines.slice(1) : lines
  return {
    id: note.id,
    title: note.title ?? derived.slice(0, 200),
    titleDerived: note.title === null,
    preview: rest.join(' ').replaceAll(/[*_`]/g, '').slice(0, 160),
    rev: note.updates.length + 1,
    index: 1,
    tags: note.tags,
    trashed: note.trashed,
    pinned: note.pinned,
    createdAt: note.createdAt,
    updatedAt: note.updatedAt,
    pending: note.pending,
    durability: note.durability,
  }
}
