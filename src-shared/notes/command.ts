import type { DeviceId, NoteId } from '../base/ids.ts'
import type { Origin } from './note.ts'
import type { Changes } from './text.ts'

/** Who says it: seq counts 1, 2, 3 … per (client, note), over commands of every kind; `at` is wall time, shown and never compared. */
interface Said {
  readonly noteId: NoteId
  readonly client: DeviceId
  readonly seq: number
  /** ISO 8601 UTC. */
  readonly at: string
}

export interface CreateNote extends Said {
  readonly kind: 'note.create'
  readonly title: string | null
  readonly body: string
  readonly tags: readonly string[]
  readonly pinned: boolean
  readonly origin: Origin | null
}

/** Compare-and-set: applied only when `base` is the note's rev. */
export interface ChangeNote extends Said {
  readonly kind: 'note.change'
  readonly base: number
  readonly changes: Changes
}

export interface SetTitle extends Said {
  readonly kind: 'note.title'
  readonly title: string | null
}

export interface SetPinned extends Said {
  readonly kind: 'note.pin'
  readonly pinned: boolean
}

/** Tags are added and removed, never replaced: two devices that tag at once keep both tags. */
export interface EditTags extends Said {
  readonly kind: 'note.tags'
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

export interface TrashNote extends Said {
  readonly kind: 'note.trash'
}

export interface RestoreNote extends Said {
  readonly kind: 'note.restore'
}

export interface PurgeNote extends Said {
  readonly kind: 'note.purge'
}

export type NoteCommand =
  | CreateNote
  | ChangeNote
  | SetTitle
  | SetPinned
  | EditTags
  | TrashNote
  | RestoreNote
  | PurgeNote

/** What applying a command came to: the same on every member, and never an exception. Everything but `applied` consumes nothing. */
export type Result =
  | { readonly kind: 'applied'; readonly rev: number; readonly index: number }
  | { readonly kind: 'duplicate'; readonly rev: number; readonly index: number }
  /** `base` is not the note's rev: map over what came between and propose again. */
  | { readonly kind: 'stale'; readonly rev: number }
  /** A command before this one never arrived. */
  | { readonly kind: 'gap'; readonly expected: number }
  | { readonly kind: 'invalid'; readonly reason: string }
  /** The client is tombstoned. */
  | { readonly kind: 'removed' }
  /** The note was purged, or never created. */
  | { readonly kind: 'no-note' }
