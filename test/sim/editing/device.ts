import { advance } from '../../../src-shared/notes/advance.ts'
import { type Applied, applyEntry } from '../../../src-shared/notes/apply-entry.ts'
import { encodeCommand } from '../../../src-shared/notes/command-codec.ts'
import { type Document, draftOfDocument } from '../../../src-shared/notes/document.ts'
import { answered } from '../../../src-shared/notes/giving-up.ts'
import type { AppliedChange } from '../../../src-shared/notes/note.ts'
import { createDocument, openDocument } from '../../../src-shared/notes/opening.ts'
import type { PendingNote } from '../../../src-shared/notes/pending.ts'
import { markSent, proposals, resend } from '../../../src-shared/notes/sending.ts'
import {
  encodeState,
  finishReading,
  readRecord,
  snapshotReader,
} from '../../../src-shared/notes/snapshot-codec.ts'
import { freeze, type NotesState, newState } from '../../../src-shared/notes/state.ts'
import { wish } from '../../../src-shared/notes/wishes.ts'
import { Window } from './window.ts'
import type { LogEntry } from './world.ts'

export type Snapshot = { readonly index: number; readonly records: readonly Uint8Array[] }

interface Write {
  readonly noteId: string
  readonly pending: PendingNote
}

/** One install: its state, its outbox on a disk that takes its time, its documents and its windows. */
export class Device {
  readonly id: string
  readonly #inFlight: number
  readonly #clock: () => string
  state: NotesState = newState()
  applied = 0
  isOnline = true
  windows: Window[] = []
  documents = new Map<string, Document>()
  /** What a crash leaves of the outbox. */
  #disk = new Map<string, PendingNote>()
  #writes: Write[] = []
  #lastPut = new Map<string, PendingNote>()
  #checkpoint: Snapshot = { index: 0, records: encoded(this.state) }
  #boots = 1
  #openings = 0

  constructor(id: string, inFlight: number, clock: () => string) {
    this.id = id
    this.#inFlight = inFlight
    this.#clock = clock
  }

  create(noteId: string, body: string): void {
    const note = { title: null, body, tags: [], pinned: false, origin: null, at: this.#clock() }
    const opening = { noteId, client: this.id, version: this.#nextVersion() }
    const created = createDocument(opening, note)
    if (!created.ok) throw new Error(created.error.reason)
    this.documents.set(noteId, created.value)
  }

  openWindow(noteId: string): Window {
    const window = new Window(
      `${this.id}/${this.#boots}/${this.#openings++}`,
      this.document(noteId),
    )
    this.windows.push(window)
    return window
  }

  document(noteId: string): Document {
    const known = this.documents.get(noteId)
    if (known !== undefined) return known
    const note = this.state.notes.get(noteId) ?? null
    const opening = { noteId, client: this.id, note, pending: this.#disk.get(noteId) ?? null }
    const document = openDocument({ ...opening, version: this.#nextVersion() })
    this.documents.set(noteId, document)
    return document
  }

  #nextVersion(): number {
    return this.#boots * 2 ** 32 + this.#openings++ * 2 ** 20
  }

  pushWindow(window: Window, isAnswerLost: boolean): void {
    const before = this.document(window.noteId)
    this.documents.set(window.noteId, window.push(before, this.#clock(), isAnswerLost))
  }

  shownTags(noteId: string): readonly string[] {
    return draftOfDocument(this.document(noteId))?.tags ?? []
  }

  tag(noteId: string, add: readonly string[], remove: readonly string[]): void {
    const wished = wish(this.document(noteId), { kind: 'tags', add, remove }, this.#clock())
    if (!wished.ok) throw new Error(wished.error.reason)
    this.documents.set(noteId, wished.value)
  }

  /** Marks what may leave and hands every pending note that changed to the disk. */
  save(): void {
    for (const [noteId, before] of this.documents) {
      const document = markSent(before, this.#inFlight)
      this.documents.set(noteId, document)
      if (this.#lastPut.get(noteId) === document.pending) continue
      this.#lastPut.set(noteId, document.pending)
      this.#writes.push({ noteId, pending: document.pending })
    }
  }

  /** The disk finishes its oldest write; answers what is durable now. */
  finishWrite(): PendingNote | null {
    const write = this.#writes.shift()
    if (write === undefined) return null
    if (write.pending.commands.length === 0) this.#disk.delete(write.noteId)
    else this.#disk.set(write.noteId, write.pending)
    return write.pending
  }

  get isSaved(): boolean {
    return this.#writes.length === 0
  }

  /** Entries to propose, one list a command. */
  propose(): readonly (readonly Uint8Array[])[] {
    const proposed: (readonly Uint8Array[])[] = []
    for (const [noteId, durable] of this.#disk) {
      const { document, commands } = proposals(this.document(noteId), durable)
      this.documents.set(noteId, document)
      for (const command of commands) {
        const entries = encodeCommand(command)
        if (!entries.ok) throw new Error('a command is too long')
        proposed.push(entries.value)
      }
    }
    return proposed
  }

  resend(): void {
    for (const [noteId, document] of this.documents) this.documents.set(noteId, resend(document))
  }

  /** Applies a run of entries, then lets each document take in what happened to its note. */
  apply(entries: readonly LogEntry[], isHeard: boolean): void {
    const heard = new Map<string, AppliedChange[]>()
    const answers: Extract<Applied, { kind: 'note' }>[] = []
    for (const entry of entries) {
      if (entry.index !== this.applied + 1) throw new Error('a gap in the log')
      this.applied = entry.index
      const applied = applyEntry(this.state, entry.data, entry)
      if (applied.kind === 'newer' || applied.kind === 'malformed') throw new Error(applied.kind)
      if (applied.kind === 'torn' && applied.client === this.id) this.resend()
      if (applied.kind !== 'note') continue
      const { noteId } = applied.command
      const changes = heard.get(noteId) ?? []
      if (applied.change !== null && isHeard) changes.push(applied.change)
      heard.set(noteId, changes)
      if (applied.command.client === this.id) answers.push(applied)
    }
    for (const [noteId, changes] of heard) this.#advance(noteId, changes)
    for (const { command, result } of answers) {
      const document = this.documents.get(command.noteId)
      if (document === undefined) continue
      const answer = answered(document, command, result)
      if (answer.refused !== null) throw new Error(`given up: ${answer.refused}`)
      this.documents.set(command.noteId, answer.document)
    }
  }

  #advance(noteId: string, heard: readonly AppliedChange[]): void {
    const document = this.documents.get(noteId)
    const note = this.state.notes.get(noteId)
    if (document === undefined || note === undefined) return
    this.documents.set(noteId, advance(document, note, heard))
  }

  checkpoint(): Snapshot {
    this.#checkpoint = { index: this.applied, records: encoded(this.state) }
    return this.#checkpoint
  }

  install(snapshot: Snapshot): void {
    this.state = decoded(snapshot)
    this.applied = snapshot.index
    this.#checkpoint = snapshot
    for (const noteId of this.documents.keys()) this.#advance(noteId, [])
  }

  /**
   * Loses everything that is not on disk and starts again from the checkpoint. What it had applied since then it learns
   * again from the log: after a power cut the disk may not know how far that went.
   */
  crash(): void {
    this.#boots++
    this.#writes = []
    this.#lastPut.clear()
    this.documents.clear()
    this.windows = []
    this.install(this.#checkpoint)
    for (const [noteId, pending] of this.#disk) {
      this.#lastPut.set(noteId, pending)
      this.document(noteId)
    }
  }

  get isIdle(): boolean {
    const pending = [...this.documents.values()].some((one) => one.pending.commands.length > 0)
    return !pending && this.isSaved && this.windows.every((window) => !window.hasUnsent)
  }
}

function encoded(state: NotesState): readonly Uint8Array[] {
  return [...encodeState(freeze(state))].map((record) => record.bytes)
}

function decoded(snapshot: Snapshot): NotesState {
  const reading = snapshotReader()
  for (const bytes of snapshot.records) {
    const read = readRecord(reading, bytes)
    if (!read.ok) throw new Error('a snapshot record does not read')
  }
  const state = finishReading(reading)
  if (!state.ok) throw new Error('a snapshot does not read')
  return state.value
}
