import type { DeviceId, NoteId } from '../base/ids.ts'
import type { Changes } from './text.ts'

/** One applied change of a note's text, as the ring of recent ones remembers it. */
export interface AppliedChange {
  /** The revision that it made: base + 1. */
  readonly rev: number
  /** Where in the log. */
  readonly index: number
  readonly term: number
  readonly client: DeviceId
  readonly seq: number
  /** Its author's wall clock, ISO 8601 UTC. */
  readonly at: string
  readonly changes: Changes
  /** All it took out, in order: with it the change leads back as well. */
  readonly removed: string
}

/** What a client's last accepted command on this note was and what it got. */
export interface LastSeq {
  readonly seq: number
  /** The command's own `at`: with the seq it tells the client whether this is really the command it thinks of. */
  readonly at: string
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
  /** The newest changes, oldest first, without a gap up to `rev`; at most `recentChangesMax` with `recentLengthMax` of text. */
  readonly recent: readonly AppliedChange[]
  /** SHA-256 (hex) chained over every command that changed this note, so that history fetched from anyone can be verified. */
  readonly chain: string
}

export interface Origin {
  /** Relative path with `/`, as in the imported folder or zip. */
  readonly path: string
  readonly bom: boolean
}

/** A note that was deleted for ever. Its id is remembered, so that nothing late brings it back. */
export interface Purged {
  readonly id: NoteId
  /** Log index of the purge, and whose command it was. */
  readonly index: number
  readonly client: DeviceId
  readonly seq: number
}

/** A long command of which not all parts have come; at most one for each client. */
export interface Series {
  readonly client: DeviceId
  readonly noteId: NoteId
  readonly seq: number
  readonly series: string
  readonly of: number
  /** The first ones, in order. */
  readonly parts: readonly Uint8Array[]
}
