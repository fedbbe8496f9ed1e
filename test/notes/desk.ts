import { advance } from '../../src-shared/notes/advance.ts'
import type { NoteCommand, Result } from '../../src-shared/notes/command.ts'
import type { Document } from '../../src-shared/notes/document.ts'
import { answered } from '../../src-shared/notes/giving-up.ts'
import { createDocument, type NewNote, openDocument } from '../../src-shared/notes/opening.ts'
import type { PendingNote } from '../../src-shared/notes/pending.ts'
import { markSent, proposals, resend } from '../../src-shared/notes/sending.ts'
import { replacing } from '../../src-shared/notes/splice.ts'
import { push } from '../../src-shared/notes/windows.ts'
import { type Wish, wish } from '../../src-shared/notes/wishes.ts'
import { at, type Log, noteId } from './commands.ts'

/** A device at its desk: one document, typed into by hand, its outbox always durable at once. */
export class Desk {
  readonly log: Log
  readonly client: string
  document: Document
  #clock = 0

  constructor(log: Log, client: string, document: Document) {
    this.log = log
    this.client = client
    this.document = document
  }

  /** Opens the note of the log. */
  static open(log: Log, client: string, pending: PendingNote | null = null): Desk {
    const note = log.state.notes.get(noteId) ?? null
    return new Desk(log, client, openDocument({ noteId, client, note, pending, version: 0 }))
  }

  static create(log: Log, client: string, body: string, facts: Partial<NewNote> = {}): Desk {
    const note = { title: null, body, tags: [], pinned: false, origin: null, at, ...facts }
    const created = createDocument({ noteId, client, version: 0 }, note)
    if (!created.ok) throw new Error(created.error.reason)
    return new Desk(log, client, created.value)
  }

  get now(): string {
    return `2026-11-20T11:00:00.${String(++this.#clock).padStart(3, '0')}Z`
  }

  get text(): string {
    return this.document.text
  }

  get pending(): PendingNote {
    return this.document.pending
  }

  /** Types into the screen's text where `find` ends; "" is its beginning. */
  type(find: string, insert: string, remove = 0): this {
    const start = this.text.indexOf(find)
    if (start < 0) throw new Error(`there is no ${find} in ${this.text}`)
    const from = start + find.length
    const changes = replacing(this.text.length, from, from + remove, insert)
    const pushed = push(this.document, this.document.version, [{ client: 'w', changes }], this.now)
    if (!pushed.ok) throw new Error(pushed.error.kind)
    this.document = pushed.value
    return this
  }

  wish(wanted: Wish): this {
    const wished = wish(this.document, wanted, this.now)
    if (!wished.ok) throw new Error(wished.error.reason)
    this.document = wished.value
    return this
  }

  /** What leaves now. */
  send(inFlight?: number): readonly NoteCommand[] {
    const sending = proposals(
      markSent(this.document, inFlight),
      markSent(this.document, inFlight).pending,
    )
    this.document = sending.document
    return sending.commands
  }

  /** Commands reach the log, whoever sent them; this device takes in what they came to. */
  apply(commands: readonly NoteCommand[]): readonly Result[] {
    return commands.map((command) => {
      const { result, note, change } = this.log.apply(command)
      if (note !== null)
        this.document = advance(this.document, note, change === null ? [] : [change])
      if (command.client === this.client) {
        this.document = answered(this.document, command, result).document
      }
      return result
    })
  }

  /** Takes in where the log is now, by the note alone. */
  catchUp(): this {
    this.document = advance(this.document, this.log.note)
    return this
  }

  /** Sends and applies until nothing is pending. */
  settle(): this {
    if (this.log.state.notes.has(noteId)) this.catchUp()
    this.document = resend(this.document)
    for (let round = 0; round < 20 && this.pending.commands.length > 0; round++) {
      this.apply(this.send())
    }
    if (this.pending.commands.length > 0) throw new Error('it does not settle')
    return this
  }

  /** Power off and on: what the outbox held, on the note as this device knows it. */
  restart(pending: PendingNote | null = this.pending): this {
    const note = this.log.state.notes.get(noteId) ?? null
    const { client } = this
    this.document = openDocument({ noteId, client, note, pending, version: 2 ** 32 })
    return this
  }
}
