import { applyNote } from '../../src-shared/notes/apply.ts'
import type { ChangeNote, CreateNote, NoteCommand } from '../../src-shared/notes/command.ts'
import { type NotesState, newState } from '../../src-shared/notes/state.ts'

export const noteId = 'a'.repeat(32)
export const one = '1001'
export const two = '1002'
export const at = '2026-11-20T10:00:00.000Z'

export function create(overrides: Partial<CreateNote> = {}): CreateNote {
  const facts = { title: null, body: 'hello', tags: [], pinned: false, origin: null }
  return { kind: 'note.create', noteId, client: one, seq: 1, at, ...facts, ...overrides }
}

export function change(overrides: Partial<ChangeNote> = {}): ChangeNote {
  return {
    kind: 'note.change',
    noteId,
    client: one,
    seq: 2,
    at,
    base: 1,
    changes: [5, [0, ' world']],
    ...overrides,
  }
}

/** A command without a text. */
export function command<K extends NoteCommand['kind']>(
  kind: K,
  rest: Omit<Extract<NoteCommand, { kind: K }>, 'kind' | 'noteId' | 'client' | 'at'> & {
    readonly client?: string
  },
): Extract<NoteCommand, { kind: K }> {
  return { kind, noteId, client: one, at, ...rest } as unknown as Extract<NoteCommand, { kind: K }>
}

/** A machine that applies commands one after the other, counting the log. */
export class Log {
  readonly state: NotesState = newState()
  index = 0

  apply(command: NoteCommand) {
    return applyNote(this.state, command, { index: ++this.index, term: 1 })
  }

  get note() {
    const note = this.state.notes.get(noteId)
    if (note === undefined) throw new Error('no note')
    return note
  }
}
