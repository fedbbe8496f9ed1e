import type { NoteId } from '../base/ids.ts'
import type { NoteCommand } from './command.ts'

/**
 * What this device holds of one note that the group has not agreed to yet. The screen shows `baseText` with the changes
 * of `commands` on top. The outbox replaces it as a whole, in one atomic write, so that base and commands never part.
 */
export interface PendingNote {
  readonly noteId: NoteId
  /** The rev that `baseText` is the text of; 0 (and "") while the note is not created yet. */
  readonly base: number
  readonly baseText: string
  /** In order, each with its seq; a change's `base` is the rev it will meet when all before it are applied. */
  readonly commands: readonly NoteCommand[]
  /** The first so many may have left this device: they are only mapped, never composed with another nor renumbered. */
  readonly sentCount: number
}
