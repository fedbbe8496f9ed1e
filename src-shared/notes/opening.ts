import type { DeviceId, NoteId } from '../base/ids.ts'
import { fail, type Outcome, ok } from '../base/outcome.ts'
import { advance } from './advance.ts'
import type { CreateNote } from './command.ts'
import { commandFault } from './command-check.ts'
import type { Document, Refused } from './document.ts'
import type { Note } from './note.ts'
import type { PendingNote } from './pending.ts'
import { textOf } from './queue.ts'

export interface Opening {
  readonly noteId: NoteId
  readonly client: DeviceId
  readonly note: Note | null
  /** What the outbox holds of it. */
  readonly pending: PendingNote | null
  /** Where the count starts [D3], e.g. the boot counter times 2^32, plus one for each opening since. */
  readonly version: number
}

/** A document of what the state and the outbox know. `pending` may differ from what the outbox holds: put it [D1]. */
export function openDocument(opening: Opening): Document {
  const { noteId, client, note, version } = opening
  const fresh = { noteId, base: note?.rev ?? 0, baseText: note?.body ?? '', commands: [] }
  const pending = opening.pending ?? { ...fresh, sentCount: 0 }
  const document: Document = {
    noteId,
    client,
    note: opening.pending === null ? note : null,
    pending,
    text: textOf(pending),
    version,
    updates: [],
    proposedSeq: 0,
    isSettled: false,
  }
  return note === null ? document : advance(document, note)
}

export type NewNote = Pick<CreateNote, 'title' | 'body' | 'tags' | 'pinned' | 'origin' | 'at'>

/** A document of a note that does not exist yet: its creation is the first command of its queue. */
export function createDocument(
  opening: Pick<Opening, 'noteId' | 'client' | 'version'>,
  note: NewNote,
): Outcome<Document, Refused> {
  const { noteId, client } = opening
  const command: CreateNote = { kind: 'note.create', noteId, client, seq: 1, ...note }
  const fault = commandFault(command)
  if (fault !== null) return fail({ kind: 'refused', reason: fault })
  const pending = { noteId, base: 0, baseText: '', commands: [command], sentCount: 0 }
  return ok(openDocument({ ...opening, note: null, pending }))
}
