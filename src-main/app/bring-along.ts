import { draftOf } from '../../src-shared/notes/draft.ts'
import type { Member } from './member.ts'

/** Whether a membership has notes that a person would miss: an empty page that nobody wrote on is none. */
export function hasNotes(member: Member): boolean {
  for (const { title, text } of draftsOf(member)) if (title !== null || text !== '') return true
  return false
}

/**
 * Proposes the notes of the old membership to the new one, under their ids: same id and equal text is nothing new.
 * Resolves when all of them are durable in the new membership's outbox; from then on the old files are not needed.
 */
export async function bringAlong(from: Member, to: Member): Promise<void> {
  const bringing: Promise<void>[] = []
  for (const draft of draftsOf(from)) {
    const { id, title, text, tags, pinned, origin, createdAt, trashed } = draft
    if (title === null && text === '') continue
    if (to.machine.state.notes.get(id)?.body === text) continue
    const note = { title, body: text, tags, pinned, origin, at: createdAt }
    bringing.push(to.documents.bring(id, note, trashed))
  }
  await Promise.all(bringing)
}

/** Every note as the screen shows it, the trash included, with where it came from. */
function* draftsOf(member: Member) {
  const { notes } = member.machine.state
  const pendings = [...member.documents.uncreated()].map(({ noteId }) => noteId)
  for (const id of [...notes.keys(), ...pendings]) {
    const note = notes.get(id) ?? null
    const pending = member.documents.get(id)?.pending ?? null
    const draft = draftOf(note, pending)
    if (draft === null || draft.purged) continue
    const create = pending?.commands.find((command) => command.kind === 'note.create')
    yield { id, ...draft, origin: note?.origin ?? create?.origin ?? null }
  }
}
