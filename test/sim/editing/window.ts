import { collab, getSyncedVersion, receiveUpdates, sendableUpdates } from '@codemirror/collab'
import { ChangeSet, EditorState } from '@codemirror/state'
import type { Document, Update } from '../../../src-shared/notes/document.ts'
import type { Changes } from '../../../src-shared/notes/text.ts'
import { missedSince, push } from '../../../src-shared/notes/windows.ts'

/** An editor as the real window has it: CodeMirror with its collaboration client, its texts exact ("\n" is the only line end). */
export class Window {
  readonly noteId: string
  #state: EditorState

  constructor(id: string, document: Document) {
    this.noteId = document.noteId
    this.#state = EditorState.create({
      doc: document.text,
      extensions: [
        EditorState.lineSeparator.of('\n'),
        collab({ startVersion: document.version, clientID: id }),
      ],
    })
  }

  get text(): string {
    return this.#state.sliceDoc()
  }

  get hasUnsent(): boolean {
    return sendableUpdates(this.#state).length > 0
  }

  type(from: number, to: number, insert: string): void {
    this.#state = this.#state.update({ changes: { from, to, insert } }).state
  }

  /** Pushes what it has; with `isAnswerLost` it never learns what became of it. Answers the document afterwards. */
  push(document: Document, at: string, isAnswerLost: boolean): Document {
    const updates = sendableUpdates(this.#state).map(({ clientID, changes }) => ({
      client: clientID,
      changes: changes.toJSON() as unknown,
    }))
    if (updates.length === 0) return document
    const pushed = push(document, getSyncedVersion(this.#state), updates, at)
    if (pushed.ok) {
      if (!isAnswerLost) this.pull(pushed.value)
      return pushed.value
    }
    if (pushed.error.kind === 'refused') throw new Error(`refused: ${pushed.error.reason}`)
    if (pushed.error.kind === 'reopen') throw new Error('a window of this process must not be lost')
    if (!isAnswerLost) this.#receive(pushed.error.missed)
    return document
  }

  /** Takes in everything the document has beyond it. */
  pull(document: Document): void {
    const missed = missedSince(document, getSyncedVersion(this.#state))
    if (missed === null) throw new Error('a window of this process must not be lost')
    this.#receive(missed)
  }

  #receive(updates: readonly Update[]): void {
    if (updates.length === 0) return
    const received = updates.map(({ client, changes }) => ({
      clientID: client,
      changes: ChangeSet.fromJSON(changes as Changes),
    }))
    this.#state = receiveUpdates(this.#state, received).state
  }
}
