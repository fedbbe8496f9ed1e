import type { DeviceId, NoteId } from '../base/ids.ts'
import type { Changes } from './text.ts'

/** One applied change of a note's text, as the ring of recent ones remembers it. */
export interface AppliedChange {
  /** The revision that it made: base + 1. */
  readonly rev: number
  readonly client: DeviceId
  readonly seq: number
  readonly changes: Changes
}

/** What a client's last accepted command on this note was and what it got. */
export interface LastSeq {
  readonly seq: number
  readonly rev: number
  readonly index: number
}

/**
 * A note as every member holds it after applying the same log. Immutable: apply returns a new one, which is what makes
 * a snapshot free of locks. Times are the proposers' wall clocks, shown and never compared.
 */
export interface Note {
  readonly id: NoteId
  /** Counts the changes of the text: 1 after the creation. Metadata does not raise it. */
  readonly rev: number
  /** Log index of the last command that changed anything here: what the durability badge is computed from. */
  readonly index: number
  /** Null: the title shown is derived from the text. */
  readonly title: string | null
  readonly body: string
  /** Sorted by code unit, without repeats. */
  readonly tags: readonly string[]
  readonly pinned: boolean
  readonly trashed: boolean
  /** ISO 8601 UTC with milliseconds. */
  readonly createdAt: string
  readonly updatedAt: string
  /** Where an imported file came from; its BOM is kept here, out of the text. */
  readonly origin: Origin | null
  readonly seqs: Readonly<Record<DeviceId, LastSeq>>
  /** The newest changes, oldest first, at most `recentChangesMax`. */
  readonly recent: readonly AppliedChange[]
  /** SHA-256 (hex) chained over every change ever applied, so that history fetched from anyone can be verified. */
  readonly chain: string
}

export interface Origin {
  /** Relative path with `/`, as in the imported folder or zip. */
  readonly path: string
  readonly bom: boolean
}
