/**
 * The notes that are being edited on this device: one document for each, whoever edits it. Everything that changes one
 * goes through here, in three steps: the pure model takes it in, the windows are told, the courier carries it on.
 *
 * Over 300 lines: each method is one way into the same table of open notes, and all keep the same three steps.
 */
import { assert } from '../../src-shared/base/assert.ts'
import type { Clock } from '../../src-shared/base/clock.ts'
import { type DeviceId, type NoteId, newNoteId } from '../../src-shared/base/ids.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { Random } from '../../src-shared/base/random.ts'
import type { UpdatesFrom, WindowId } from '../../src-shared/ipc/contract.ts'
import { advance } from '../../src-shared/notes/advance.ts'
import type { Applied } from '../../src-shared/notes/apply-entry.ts'
import { diff } from '../../src-shared/notes/diff.ts'
import { type Document, type Update, withUpdates } from '../../src-shared/notes/document.ts'
import { answered, bury } from '../../src-shared/notes/giving-up.ts'
import type { AppliedChange } from '../../src-shared/notes/note.ts'
import { createDocument, type NewNote, openDocument } from '../../src-shared/notes/opening.ts'
import type { PendingNote } from '../../src-shared/notes/pending.ts'
import { resend } from '../../src-shared/notes/sending.ts'
import type { NotesState } from '../../src-shared/notes/state.ts'
import { missedSince, type PushRefused, push } from '../../src-shared/notes/windows.ts'
import { wish } from '../../src-shared/notes/wishes.ts'
import type { Courier } from './courier.ts'
import { type Fate, isIdle, type OpenNote } from './open-note.ts'

export interface DocumentsPorts {
  readonly client: DeviceId
  /** The applied state; to be read. */
  readonly state: () => NotesState
  readonly courier: Courier
  readonly clock: Clock
  readonly random: Random
  /** Steps of a note's text, for the windows that have it open. */
  stepped(steps: UpdatesFrom, windows: readonly WindowId[]): void
  /** What the list shows of the note may have changed. */
  changed(id: NoteId): void
  /** Something could not be taken by the group; the words are kept in a note of their own. */
  gaveUp(id: NoteId, reason: string): void
}

/** The first keystroke leaves at once; what follows within this is one command. */
export const burstMs = 50

/** A window's open notes as another membership's documents take them over. */
export interface Handover {
  readonly noteId: NoteId
  readonly windows: readonly WindowId[]
  readonly version: number
  readonly text: string
}

export class Documents {
  readonly #ports: DocumentsPorts
  readonly #open = new Map<NoteId, OpenNote>()
  /** Above every version that any window may remember [D3]. */
  #versionFloor: number
  /** Changes applied in the run of entries that is under way. */
  #heard = new Map<NoteId, AppliedChange[]>()

  constructor(ports: DocumentsPorts, versionFloor: number) {
    this.#ports = ports
    this.#versionFloor = versionFloor
  }

  get versionFloor(): number {
    let floor = this.#versionFloor
    for (const { document } of this.#open.values()) floor = Math.max(floor, document.version)
    return floor
  }

  /** What the outbox held when it was opened. */
  resume(pending: readonly PendingNote[]): void {
    for (const each of pending) {
      const note = this.#ports.state().notes.get(each.noteId) ?? null
      const { noteId } = each
      const opening = { noteId, client: this.#ports.client, note, pending: each }
      const open = this.#add(openDocument({ ...opening, version: ++this.#versionFloor }), each)
      this.#moved(open, open.document)
    }
  }

  /** Of a note that is open or has something pending; undefined for any other. */
  get(id: NoteId): Document | undefined {
    return this.#open.get(id)?.document
  }

  /** Notes that only exist here yet. */
  *uncreated(): Iterable<Document> {
    for (const { document } of this.#open.values()) {
      if (document.note === null && document.pending.commands.length > 0) yield document
    }
  }

  // ---- windows -----------------------------------------------------------------------------------------------------

  /** Null when there is no such note. */
  openFor(id: NoteId, window: WindowId): Document | null {
    const open = this.find(id)
    if (open === null) return null
    open.windows.add(window)
    return open.document
  }

  closeFor(id: NoteId, window: WindowId): void {
    const open = this.#open.get(id)
    if (open === undefined) return
    open.windows.delete(window)
    this.#flushBurst(open)
    this.letGo(open)
  }

  windowGone(window: WindowId): void {
    for (const id of [...this.#open.keys()]) this.closeFor(id, window)
  }

  push(
    ask: UpdatesFrom,
    window: WindowId,
  ): Outcome<{ readonly version: number }, PushRefused | { readonly kind: 'no-note' }> {
    const open = this.find(ask.id)
    if (open === null) return fail({ kind: 'no-note' })
    const pushed = push(open.document, ask.version, ask.updates, this.#ports.clock.wall())
    if (!pushed.ok) return pushed
    open.windows.add(window)
    this.#take(open, pushed.value)
    this.#gather(open)
    return ok({ version: open.document.version })
  }

  /** Null: not known (any more); open it again. */
  pull(id: NoteId, version: number): UpdatesFrom | null {
    const open = this.#open.get(id)
    const updates = open === undefined ? null : missedSince(open.document, version)
    return updates === null ? null : { id, version, updates }
  }

  // ---- edits by name -----------------------------------------------------------------------------------------------

  /** The note, opened if it was not; null when there is none. Give it back with `letGo`. */
  find(id: NoteId): OpenNote | null {
    const known = this.#open.get(id)
    if (known !== undefined) return known
    const note = this.#ports.state().notes.get(id)
    if (note === undefined) return null
    const opening = { noteId: id, client: this.#ports.client, note, pending: null }
    return this.#add(openDocument({ ...opening, version: ++this.#versionFloor }), null)
  }

  create(note: Omit<NewNote, 'at'>): Outcome<OpenNote, string> {
    const noteId = newNoteId(this.#ports.random)
    const opening = { noteId, client: this.#ports.client, version: ++this.#versionFloor }
    const created = createDocument(opening, { ...note, at: this.#ports.clock.wall() })
    if (!created.ok) return fail(created.error.reason)
    const nothing = { ...created.value.pending, commands: [] }
    const open = this.#add(created.value, nothing)
    open.durable = null
    this.#ports.changed(noteId)
    return ok(open)
  }

  /**
   * Takes in a note of another group under its id. Where the note is here already the two texts become one, and where it
   * was deleted for ever its words become a note of their own. Resolves when it is durable.
   */
  async bring(noteId: NoteId, note: NewNote, isTrashed: boolean): Promise<void> {
    const { client, state, courier } = this.#ports
    const known = state().notes.get(noteId) ?? null
    const opening = { noteId, client, version: ++this.#versionFloor }
    const created = createDocument(opening, note)
    assert(created.ok, 'a note that was taken in once can be taken in again')
    if (state().purged.has(noteId)) {
      const rescued = bury(created.value)
      const open = rescued === null ? null : this.#rescue(rescued)
      if (open !== null) await courier.save(open)
      return
    }
    const trashed =
      isTrashed && known === null ? wish(created.value, { kind: 'trash' }, note.at) : created
    const { pending } = trashed.ok ? trashed.value : created.value
    const document = openDocument({ ...opening, note: known, pending })
    const open = this.#add(document, { ...pending, commands: [] })
    open.durable = null
    this.#ports.changed(noteId)
    await courier.save(open)
  }

  /** Takes in an edit of this device. Resolves when it is durable; rejects when the disk takes it not. */
  edit(open: OpenNote, document: Document): Promise<void> {
    this.#take(open, document)
    return this.#ports.courier.save(open)
  }

  letGo(open: OpenNote): void {
    if (!isIdle(open) || open.handed !== open.document.pending) return
    const { noteId, version } = open.document
    if (this.#open.get(noteId) !== open) return
    this.#versionFloor = Math.max(this.#versionFloor, version)
    this.#open.delete(noteId)
  }

  // ---- what the group decided --------------------------------------------------------------------------------------

  /** One entry was applied. What it means for a document is taken in at the end of the run. */
  applied(applied: Applied): void {
    switch (applied.kind) {
      case 'note':
        if (this.#open.has(applied.command.noteId)) this.#appliedTo(applied)
        return
      case 'torn': {
        const open = this.#open.get(applied.noteId)
        if (open === undefined || applied.client !== this.#ports.client) return
        this.#moved(open, resend(open.document))
        return
      }
      default:
        return
    }
  }

  /** A run of entries is over. */
  settle(): void {
    if (this.#heard.size === 0) return
    const heard = this.#heard
    this.#heard = new Map()
    for (const [id, changes] of heard) {
      const open = this.#open.get(id)
      if (open !== undefined) this.#catchUp(open, changes)
    }
  }

  /** The whole state was replaced. */
  restored(): void {
    for (const open of [...this.#open.values()]) this.#catchUp(open, [])
  }

  // ---- the end -----------------------------------------------------------------------------------------------------

  /** Resolves when all that was typed is durable; rejects when the disk takes it not. */
  async flush(): Promise<void> {
    const saving = [...this.#open.values()].map((open) => this.#ports.courier.save(open))
    await Promise.all(saving)
  }

  /** What windows have open, for the documents of another membership. */
  handover(): readonly Handover[] {
    return [...this.#open.values()]
      .filter(({ windows }) => windows.size > 0)
      .map(({ document: { noteId, version, text }, windows }) => {
        return { noteId, windows: [...windows], version, text }
      })
  }

  /** Goes on where another membership's documents stopped: what lies between the texts is one step. */
  takeOver(handed: readonly Handover[]): void {
    for (const { noteId, windows, version, text } of handed) {
      const open = this.find(noteId)
      if (open === null) continue
      for (const window of windows) open.windows.add(window)
      const before: Document = { ...open.document, version, updates: [] }
      const steps: Update[] =
        text === before.text ? [] : [{ client: noteId, changes: diff(text, before.text) }]
      open.document = before
      this.#take(open, withUpdates(before, steps))
    }
  }

  #add(document: Document, durable: PendingNote | null): OpenNote {
    const open: OpenNote = {
      document,
      windows: new Set(),
      waiters: new Set(),
      durable,
      handed: durable ?? document.pending,
      saving: Promise.resolve(),
      savedAt: Number.NEGATIVE_INFINITY,
      proposedAt: 0,
      stopBurst: null,
    }
    this.#open.set(document.noteId, open)
    return open
  }

  /** The document is another one: the windows are told the steps between. */
  #take(open: OpenNote, document: Document): void {
    const before = open.document
    open.document = document
    const { noteId, version, updates } = document
    if (version > before.version && open.windows.size > 0) {
      const steps = updates.slice(before.version - version)
      this.#ports.stepped({ id: noteId, version: before.version, updates: steps }, [
        ...open.windows,
      ])
    }
    if (before !== document) this.#ports.changed(noteId)
  }

  #moved(open: OpenNote, document: Document): void {
    this.#take(open, document)
    this.#ports.courier.moved(open)
  }

  /** Typing: the first step leaves at once, the next ones together. */
  #gather(open: OpenNote): void {
    if (open.stopBurst !== null) return
    const { clock, courier } = this.#ports
    const wait = open.savedAt + burstMs - clock.now()
    if (wait <= 0) {
      courier.save(open).catch(() => undefined) // the courier has told what went wrong
      return
    }
    open.stopBurst = clock.after(wait, () => this.#flushBurst(open))
  }

  #flushBurst(open: OpenNote): void {
    if (open.stopBurst === null) return
    this.#ports.courier.save(open).catch(() => undefined) // the courier has told what went wrong
  }

  #appliedTo({ command, result, change }: Extract<Applied, { kind: 'note' }>): void {
    const heard = this.#heard.get(command.noteId) ?? []
    if (change !== null) heard.push(change)
    this.#heard.set(command.noteId, heard)
    const open = this.#open.get(command.noteId)
    if (open === undefined || command.client !== this.#ports.client) return
    if (result.kind === 'removed') return this.#settleWaiters(open, { kind: 'removed' })
    if (result.kind !== 'gap' && result.kind !== 'invalid') return
    const answer = answered(open.document, command, result)
    if (answer.rescued !== null) this.#rescue(answer.rescued)
    this.#moved(open, answer.document)
    if (answer.refused === null) return
    this.#settleWaiters(open, { kind: 'refused', reason: answer.refused })
    this.#ports.gaveUp(command.noteId, answer.refused)
  }

  #catchUp(open: OpenNote, heard: readonly AppliedChange[]): void {
    const { noteId } = open.document
    const state = this.#ports.state()
    const note = state.notes.get(noteId)
    if (note !== undefined) {
      if (note !== open.document.note) this.#moved(open, advance(open.document, note, heard))
      this.#answerWaiters(open)
      this.letGo(open)
    } else if (state.purged.has(noteId)) this.#bury(open)
  }

  /** Purged: by us, and then it is done; or by others, and then our words become a note of their own. */
  #bury(open: OpenNote): void {
    const { document } = open
    const purged = this.#ports.state().purged.get(document.noteId)
    const rescued = bury(document)
    if (rescued !== null) {
      this.#rescue(rescued)
      this.#ports.gaveUp(document.noteId, 'the note was deleted for ever on another device')
    }
    const isOurs = purged?.client === this.#ports.client
    const rev = document.note?.rev ?? 0
    const index = purged?.index ?? 0
    this.#settleWaiters(open, isOurs ? { kind: 'applied', rev, index } : { kind: 'gone' })
    open.windows.clear()
    this.#moved(open, { ...document, note: null, pending: { ...document.pending, commands: [] } })
  }

  /** Null when it was done before. */
  #rescue(pending: PendingNote): OpenNote | null {
    const { noteId } = pending
    if (this.#open.has(noteId) || this.#ports.state().notes.has(noteId)) return null
    const opening = { noteId, client: this.#ports.client, note: null, pending }
    const document = openDocument({ ...opening, version: ++this.#versionFloor })
    const open = this.#add(document, { ...pending, commands: [] })
    open.durable = null
    this.#ports.changed(noteId)
    this.#ports.courier.moved(open)
    return open
  }

  #answerWaiters(open: OpenNote): void {
    if (open.waiters.size === 0) return
    const { note, client, pending } = open.document
    if (note === null) return
    const last = note.seqs[client]
    for (const waiter of [...open.waiters]) {
      const isCounted = last !== undefined && last.seq >= waiter.seq
      if (!isCounted && pending.commands.length > 0) continue
      open.waiters.delete(waiter)
      const { rev, index } = last ?? note
      waiter.settle({ kind: 'applied', rev, index })
    }
  }

  #settleWaiters(open: OpenNote, fate: Fate): void {
    const waiters = [...open.waiters]
    open.waiters.clear()
    for (const waiter of waiters) waiter.settle(fate)
  }
}
