/** A note as its device shows it: what the group agreed to, with the commands that are still pending here on top. */
import { editedTags, sortedTags } from './apply.ts'
import type { NoteCommand } from './command.ts'
import type { Note } from './note.ts'
import type { PendingNote } from './pending.ts'
import { splice } from './splice.ts'

export interface Draft {
  readonly title: string | null
  readonly text: string
  readonly tags: readonly string[]
  readonly pinned: boolean
  readonly trashed: boolean
  /** A purge is pending: it is gone as far as this device is concerned. */
  readonly purged: boolean
  readonly createdAt: string
  readonly updatedAt: string
}

/** Null when there is neither a note nor a pending creation of one. */
export function draftOf(note: Note | null, pending: PendingNote | null): Draft | null {
  const text = pending?.baseText ?? note?.body ?? ''
  let draft: Draft | null = note === null ? null : { ...facts(note), text, purged: false }
  // Edits of a note that this member has yet to learn of again, after losing its cache: show what is here.
  if (note === null && pending !== null && pending.base > 0) draft = bare(pending)
  for (const command of pending?.commands ?? []) draft = after(draft, command)
  return draft
}

function facts(note: Note): Omit<Draft, 'text' | 'purged'> {
  const { title, tags, pinned, trashed, createdAt, updatedAt } = note
  return { title, tags, pinned, trashed, createdAt, updatedAt }
}

function bare({ baseText: text, commands }: PendingNote): Draft {
  const at = commands[0]?.at ?? ''
  const times = { createdAt: at, updatedAt: at }
  return { title: null, text, tags: [], pinned: false, trashed: false, purged: false, ...times }
}

function after(draft: Draft | null, command: NoteCommand): Draft | null {
  if (command.kind === 'note.create') {
    const { title, body: text, tags, pinned, at } = command
    const times = { createdAt: at, updatedAt: at }
    return { title, text, tags: sortedTags(tags), pinned, trashed: false, purged: false, ...times }
  }
  if (draft === null) return null
  const updatedAt = command.at
  switch (command.kind) {
    case 'note.change':
      return { ...draft, text: splice(draft.text, command.changes), updatedAt }
    case 'note.title':
      return { ...draft, title: command.title, updatedAt }
    case 'note.tags':
      return { ...draft, tags: editedTags(draft.tags, command), updatedAt }
    case 'note.pin':
      return { ...draft, pinned: command.pinned }
    case 'note.trash':
      return { ...draft, trashed: true }
    case 'note.restore':
      return { ...draft, trashed: false }
    case 'note.purge':
      return { ...draft, purged: true }
  }
}
