/** What a person wants of a note beside its text, as commands in its queue. */
import { fail, type Outcome, ok } from '../base/outcome.ts'
import { editedTags } from './apply.ts'
import type { NoteCommand } from './command.ts'
import { commandFault } from './command-check.ts'
import { type Document, draftOfDocument, isGone, type Refused, saying } from './document.ts'
import type { Draft } from './draft.ts'
import { tagsMax } from './limits.ts'
import { addCommand, textOf, withCommands } from './queue.ts'

/** What a person wants of a note beside its text. */
export type Wish =
  | { readonly kind: 'title'; readonly title: string | null }
  | { readonly kind: 'pin'; readonly pinned: boolean }
  | { readonly kind: 'tags'; readonly add: readonly string[]; readonly remove: readonly string[] }
  | { readonly kind: 'trash' }
  | { readonly kind: 'restore' }
  | { readonly kind: 'purge' }

/** The same document when the wish changes nothing: a write that changes nothing never becomes a command. */
export function wish(document: Document, wanted: Wish, at: string): Outcome<Document, Refused> {
  const draft = draftOfDocument(document)
  if (draft === null || isGone(document)) return refuse('the note was deleted')
  if (changesNothing(draft, wanted)) return ok(document)
  const command = commandFor(document, wanted, at)
  const fault = commandFault(command)
  if (fault !== null) return refuse(fault)
  if (wanted.kind === 'tags' && isTooMany(draft, wanted)) {
    return refuse(`a note holds at most ${tagsMax} tags`)
  }
  const { pending } = document
  if (wanted.kind === 'purge' && pending.base === 0 && pending.sentCount === 0) {
    // Its creation never left this device, so nobody else has to hear of its end.
    return ok({ ...document, pending: withCommands(pending, []), text: '' })
  }
  const after = addCommand(pending, command)
  return ok({ ...document, pending: after, text: textOf(after) })
}

function changesNothing(draft: Draft, wanted: Wish): boolean {
  switch (wanted.kind) {
    case 'title':
      return draft.title === wanted.title
    case 'pin':
      return draft.pinned === wanted.pinned
    case 'trash':
      return draft.trashed
    case 'restore':
      return !draft.trashed
    case 'tags':
      return editedTags(draft.tags, wanted).join('\n') === draft.tags.join('\n')
    case 'purge':
      return false
  }
}

function isTooMany(draft: Draft, wanted: Pick<Extract<Wish, { kind: 'tags' }>, 'add' | 'remove'>) {
  const tags = editedTags(draft.tags, wanted)
  return tags.length > tagsMax && tags.length > draft.tags.length
}

function commandFor(document: Document, wanted: Wish, at: string): NoteCommand {
  const said = { ...saying(document), at }
  switch (wanted.kind) {
    case 'title':
      return { kind: 'note.title', ...said, title: wanted.title }
    case 'pin':
      return { kind: 'note.pin', ...said, pinned: wanted.pinned }
    case 'tags':
      return { kind: 'note.tags', ...said, add: wanted.add, remove: wanted.remove }
    default:
      return { kind: `note.${wanted.kind}`, ...said }
  }
}

function refuse(reason: string): { readonly ok: false; readonly error: Refused } {
  return fail({ kind: 'refused', reason })
}
