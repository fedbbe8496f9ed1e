import type { NoteId } from '../../src-shared/base/ids.ts'
import type { Note } from '../../src-shared/notes/note.ts'
import type { Log } from '../replica/ports.ts'
import type { NoteStore } from '../store/note-store.ts'

/**
 * Keeps the files of the notes behind the state. They are looked through once, while the member works already; until that
 * is done nothing is told to them, and then everything at once: what a file already has is not written again.
 */
export class NoteFiles {
  readonly #store: NoteStore
  readonly #log: Log
  #isReady = false
  #isClosed = false

  constructor(store: NoteStore, log: Log) {
    this.#store = store
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
    this.#store.reconcile(notes, index)
    this.#isReady = true
  }

  reflect(note: Note): void {
    if (this.#isReady) this.#store.reflect(note)
  }

  gone(noteId: NoteId, index: number): void {
    if (this.#isReady) this.#store.gone(noteId, index)
  }

  reconcile(notes: Iterable<Note>, index: number): void {
    if (this.#isReady) this.#store.reconcile(notes, index)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#store.close()
  }
}
