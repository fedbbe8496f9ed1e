import type { Clock } from '../../src-shared/base/clock.ts'
import type { NoteId } from '../../src-shared/base/ids.ts'
import type { Note } from '../../src-shared/notes/note.ts'
import type { Log } from '../replica/ports.ts'
import type { NoteStore } from '../store/note-store.ts'

/** A note that is being typed in reaches its file this often and no oftener: the log has every step already. */
export const writeBehindMs = 2_000

/**
 * Keeps the files of the notes behind the state. They are looked through once, while the member works already; until that
 * is done nothing is told to them, and then everything at once: what a file already has is not written again.
 */
export class NoteFiles {
  readonly #store: NoteStore
  readonly #clock: Clock
  readonly #log: Log
  /** Changed since the files were told last: the note, or the index at which it was purged. */
  #changed = new Map<NoteId, Note | number>()
  #stopClock: (() => void) | null = null
  #isReady = false
  #isClosed = false

  constructor(store: NoteStore, clock: Clock, log: Log) {
    this.#store = store
    this.#clock = clock
    this.#log = log
  }

  /** `state` is asked when the files are known. */
  async begin(
    state: () => { readonly notes: Iterable<Note>; readonly index: number },
  ): Promise<void> {
    try {
      const report = await this.#store.load(() => undefined)
      for (const { file, reason } of report.damaged) this.#log.warn(`store: ${file}: ${reason}`)
    } catch (error) {
      this.#log.error(`store: ${error instanceof Error ? error.message : String(error)}`)
      return
    }
    if (this.#isClosed) return
    const { notes, index } = state()
    this.#changed.clear()
    this.#store.reconcile(notes, index)
    this.#isReady = true
  }

  reflect(note: Note): void {
    this.#take(note.id, note)
  }

  gone(noteId: NoteId, index: number): void {
    this.#take(noteId, index)
  }

  /** The whole state was replaced. */
  reconcile(notes: Iterable<Note>, index: number): void {
    this.#changed.clear()
    if (this.#isReady) this.#store.reconcile(notes, index)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#stopClock?.()
    this.#tell()
    await this.#store.close()
  }

  #take(id: NoteId, fate: Note | number): void {
    if (!this.#isReady) return
    this.#changed.set(id, fate)
    this.#stopClock ??= this.#clock.after(writeBehindMs, () => this.#tell())
  }

  #tell(): void {
    this.#stopClock = null
    const changed = this.#changed
    this.#changed = new Map()
    for (const [id, fate] of changed) {
      if (typeof fate === 'number') this.#store.gone(id, fate)
      else this.#store.reflect(fate)
    }
  }
}
