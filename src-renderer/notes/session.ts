/**
 * An open note: a collaboration client of the main process, which owns the text. What is typed shows at once and leaves as
 * steps; steps of others are mapped under it. It outlives its editor, so that switching notes neither loses a keystroke
 * nor the undo history, and it outlives a lost connection: on return it proves that it stands where it thinks it stands,
 * and where it cannot, it lays its own steps over the text that it is given. It is one state machine, which is why it is
 * one file.
 */
import { collab, getSyncedVersion, receiveUpdates, sendableUpdates } from '@codemirror/collab'
import { ChangeSet, EditorState, type Extension, Text, type Transaction } from '@codemirror/state'
import type { NoteId } from '../../src-shared/base/ids.ts'
import type { Bridge, OpenedNote, Refusal, UpdatesFrom } from '../../src-shared/ipc/contract.ts'
import { LostConnection } from '../bridge.ts'
import { createStore } from '../ui/store.ts'
import { difference, sizeOf } from './difference.ts'

export interface SessionStatus {
  /**
   * `gone`: deleted for ever, here or elsewhere; what is on the screen is all that is left of it. `missing`: deleted
   * before it could be opened.
   */
  readonly phase: 'opening' | 'open' | 'gone' | 'missing'
  /** Steps that the main process has not taken yet. */
  readonly unsent: number
  /** Why it takes none, in words; null while it does. */
  readonly problem: string | null
  /** Who last changed the text from outside this window, and when (ms). */
  readonly foreign: { readonly client: string; readonly at: number } | null
}

export interface SessionPorts {
  readonly call: Bridge['call']
  /** This window's own id in this note; never used again. */
  readonly client: string
  readonly extensions: Extension
  after(ms: number, call: () => void): () => void
  /** A draft became a note. */
  created(id: NoteId): void
}

/** What the session needs of the editor's view; the view hands its transactions to `took`. */
export interface ViewLike {
  readonly composing: boolean
  dispatch(transaction: Transaction): void
}

/** The draft could not become a note; the message says why, in words. */
export class NotCreated extends Error {
  override readonly name = 'NotCreated'
}

/** Steps in one push; the rest follows in the next. */
export const pushStepsMax = 200
/** How long a refused push waits before it is tried again, in ms. */
export const refusedRetryMs = 3_000

export class NoteSession {
  readonly status = createStore<SessionStatus>({
    phase: 'opening',
    unsent: 0,
    problem: null,
    foreign: null,
  })
  readonly #ports: SessionPorts
  #id: NoteId | null
  #state: EditorState
  /** The main process's text at our version: the screen without our unsent steps. */
  #base = Text.empty
  /** Added to the collaboration's own count, which cannot be set, to give the main process's version. */
  #offset = 0
  #view: ViewLike | null = null
  #held: UpdatesFrom[] = []
  #pushing = false
  /** So many of the first unsent steps were sent, and we do not know what became of them. */
  #unanswered = 0
  #resuming = false
  #creating: Promise<NoteId> | null = null
  #cancelRetry: (() => void) | null = null

  /** A draft has no id: it becomes a note with its first keystroke, so that looking at an empty page leaves nothing behind. */
  constructor(ports: SessionPorts, id: NoteId | null) {
    this.#ports = ports
    this.#id = id
    this.#state = this.#stateOf(Text.empty)
    if (id === null) this.status.merge({ phase: 'open' })
  }

  get id(): NoteId | null {
    return this.#id
  }

  get state(): EditorState {
    return this.#state
  }

  get version(): number {
    return this.#offset + getSyncedVersion(this.#state)
  }

  get isAttached(): boolean {
    return this.#view !== null
  }

  get #isOver(): boolean {
    const { phase } = this.status.get()
    return phase === 'gone' || phase === 'missing'
  }

  attach(view: ViewLike): void {
    this.#view = view
  }

  detach(): void {
    this.#view = null
    this.compositionEnded()
  }

  /** The view has applied these; the state is the one after them. */
  took(state: EditorState, transactions: readonly Transaction[]): void {
    this.#state = state
    if (!transactions.some((transaction) => transaction.docChanged)) return
    this.status.merge({ unsent: sendableUpdates(state).length })
    if (this.#id === null) void this.#becomeNote()
    else void this.#push()
  }

  /** Steps from the main process, in any order, known ones and own ones included. */
  receive(steps: UpdatesFrom): void {
    if (steps.id !== this.#id || this.#isOver) return
    if (this.#mustHold(steps)) {
      this.#held.push(steps)
      return
    }
    const known = this.version - steps.version
    if (known < 0)
      void this.resume() // an event was missed
    else this.#take(steps.updates.slice(known))
  }

  /** What came while a word was being composed is taken in now. */
  compositionEnded(): void {
    this.#release()
    void this.#push()
  }

  /** The note of this session, created if it was a draft. Rejects with LostConnection or NotCreated. */
  ensureNote(): Promise<NoteId> {
    return this.#id === null ? this.#create() : Promise.resolve(this.#id)
  }

  /** Opens the note, or opens it again after anything may have been missed. */
  async resume(): Promise<void> {
    const id = this.#id
    if (id === null) {
      if (this.status.get().unsent > 0) await this.#becomeNote()
      return
    }
    if (this.#resuming || this.#isOver) return
    this.#resuming = true
    this.#held = []
    try {
      const opened = await this.#ports.call('notes/open', { id })
      if (opened.ok) await this.#stand(opened.value)
      else this.#refused(opened.error)
    } catch (error) {
      if (!(error instanceof LostConnection)) throw error // the next connection resumes again
    } finally {
      this.#resuming = false
    }
    this.#release()
    await this.#push()
  }

  gone(): void {
    this.#cancelRetry?.()
    const { phase } = this.status.get()
    this.status.merge({ phase: phase === 'opening' ? 'missing' : 'gone' })
  }

  // ---- the main process's text -----------------------------------------------------------------------------------

  async #stand(opened: OpenedNote): Promise<void> {
    const text = textOf(opened.text)
    if (this.status.get().phase === 'opening') {
      this.#base = text
      this.#state = this.#stateOf(text)
      this.#offset = opened.version
      this.status.merge({ phase: 'open', problem: null })
      return
    }
    const missed = await this.#ports.call('notes/pull', {
      id: opened.summary.id,
      version: this.version,
    })
    if (missed !== null && this.#leadsTo(missed, opened.version, text)) {
      this.#take(missed.updates)
      this.#unanswered = 0
    } else {
      this.#standAnew(opened.version, text)
    }
    this.status.merge({ problem: null })
  }

  /** A main process that was restarted may count anew; only the text proves that both mean the same versions. */
  #leadsTo(missed: UpdatesFrom, version: number, text: Text): boolean {
    if (missed.version !== this.version) return false
    let at = missed.version
    let doc = this.#base
    let agrees = at === version && doc.eq(text)
    for (const step of missed.updates) {
      const changes = ChangeSet.fromJSON(step.changes)
      if (changes.length !== doc.length) return false
      doc = changes.apply(doc)
      at += 1
      agrees ||= at === version && doc.eq(text)
    }
    return agrees
  }

  /**
   * The versions have nothing in common: what lies between our base and the text becomes one foreign step. Steps that were
   * sent and never answered may be in the text already; the smaller difference is the likelier story, for the other would
   * have the others type the very same words.
   */
  #standAnew(version: number, text: Text): void {
    const steps = sendableUpdates(this.#state)
    const sent = steps.slice(0, this.#unanswered)
    const withSent = sent.reduce((doc, step) => step.changes.apply(doc), this.#base)
    const plain = difference(this.#base, text)
    const after = sent.length === 0 ? plain : difference(withSent, text)
    if (sizeOf(after) < sizeOf(plain)) {
      this.#base = withSent
      this.#dispatch(receiveUpdates(this.#state, sent))
      this.#receiveForeign(after)
    } else {
      this.#receiveForeign(plain)
    }
    this.#base = text
    this.#unanswered = 0
    this.#offset = version - getSyncedVersion(this.#state)
  }

  #receiveForeign(changes: ChangeSet): void {
    if (changes.empty) return
    this.#dispatch(receiveUpdates(this.#state, [{ changes, clientID: '' }]))
  }

  #take(steps: UpdatesFrom['updates']): void {
    if (steps.length === 0) return
    const updates = []
    let doc = this.#base
    for (const step of steps) {
      const changes = ChangeSet.fromJSON(step.changes)
      if (changes.length !== doc.length) return void this.resume() // it is not the text that we think it is
      doc = changes.apply(doc)
      updates.push({ clientID: step.client, changes })
    }
    this.#base = doc
    this.#dispatch(receiveUpdates(this.#state, updates))
    const foreign = steps.findLast((step) => step.client !== this.#ports.client)
    if (foreign !== undefined) {
      this.status.merge({ foreign: { client: foreign.client, at: Date.now() } })
    }
  }

  /** A foreign step that moves the text under a half-composed word would end the composition; so it waits. */
  #mustHold(steps: UpdatesFrom): boolean {
    if (this.#resuming || this.#held.length > 0 || this.status.get().phase === 'opening')
      return true
    const isForeign = steps.updates.some((step) => step.client !== this.#ports.client)
    return isForeign && this.#view?.composing === true
  }

  #release(): void {
    if (this.#resuming || this.#view?.composing === true) return
    const held = this.#held
    this.#held = []
    for (const steps of held) this.receive(steps)
  }

  #dispatch(transaction: Transaction): void {
    if (this.#view === null) this.#state = transaction.state
    else this.#view.dispatch(transaction)
    this.status.merge({ unsent: sendableUpdates(this.#state).length })
  }

  // ---- our own steps ---------------------------------------------------------------------------------------------

  /** One push at a time: what is typed meanwhile becomes the next. */
  async #push(): Promise<void> {
    const id = this.#id
    if (id === null || this.#pushing || this.#resuming || this.#held.length > 0) return
    if (this.status.get().phase !== 'open' || this.#cancelRetry !== null) return
    const steps = sendableUpdates(this.#state).slice(0, pushStepsMax)
    if (steps.length === 0) return
    const updates = steps.map((step) => ({ client: step.clientID, changes: step.changes.toJSON() }))
    const push: UpdatesFrom = { id, version: this.version, updates }
    this.#pushing = true
    this.#unanswered = steps.length
    try {
      const answer = await this.#ports.call('notes/push', push)
      this.#unanswered = 0
      if (answer.ok) {
        this.status.merge({ problem: null })
        this.receive(push) // unless the event came first
      } else if ('missed' in answer.error) {
        this.receive(answer.error.missed)
      } else {
        this.#refused(answer.error)
      }
    } catch (error) {
      if (!(error instanceof LostConnection)) throw error // kept; the next connection resumes
      return
    } finally {
      this.#pushing = false
    }
    await this.#push()
  }

  #refused(refusal: Refusal): void {
    if (refusal.kind === 'not-found') return this.gone()
    this.status.merge({ problem: refusal.message })
    this.#cancelRetry ??= this.#ports.after(refusedRetryMs, () => {
      this.#cancelRetry = null
      void this.resume()
    })
  }

  // ---- a draft ---------------------------------------------------------------------------------------------------

  async #becomeNote(): Promise<void> {
    try {
      await this.#create()
    } catch (error) {
      // The keystrokes stay; the next connection, or the retry, tries again.
      if (!(error instanceof LostConnection || error instanceof NotCreated)) throw error
    }
  }

  #create(): Promise<NoteId> {
    this.#creating ??= this.#ports
      .call('notes/create', {})
      .then(async (created) => {
        if (!created.ok) {
          this.#refused(created.error)
          throw new NotCreated(created.error.message)
        }
        this.#id = created.value.id
        this.#ports.created(created.value.id)
        await this.resume()
        return created.value.id
      })
      .finally(() => {
        this.#creating = null
      })
    return this.#creating
  }

  #stateOf(doc: Text): EditorState {
    return EditorState.create({
      doc,
      extensions: [
        collab({ startVersion: 0, clientID: this.#ports.client }),
        this.#ports.extensions,
      ],
    })
  }
}

/** Split at line feeds only: a carriage return is a unit like any other, and comes back as it was. */
export function textOf(text: string): Text {
  return Text.of(text.split('\n'))
}
