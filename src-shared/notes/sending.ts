/** Which commands may leave this device, and when they are proposed again. */
import type { NoteCommand } from './command.ts'
import { type Document, inFlightMax } from './document.ts'
import type { PendingNote } from './pending.ts'

/** Marks as sent what may leave now. The caller puts `pending` and proposes once that is durable [D1]. */
export function markSent(document: Document, inFlight: number = inFlightMax): Document {
  const { pending, isSettled } = document
  // A creation goes alone, and so does the first command after an opening: what follows is numbered for sure only when
  // the group has counted one of ours. (Power may fail between a confirmation and the moment our disk knows of it.)
  const isAlone = !isSettled || pending.commands[0]?.kind === 'note.create'
  const may = Math.min(pending.commands.length, isAlone ? 1 : inFlight)
  if (may <= pending.sentCount) return document
  return { ...document, pending: { ...pending, sentCount: may } }
}

/**
 * The commands to propose now: those sent according to `durable`, the newest pending note that the outbox is known to hold,
 * and not yet proposed in their present form. In order; after `resend` all of them again.
 */
export function proposals(
  document: Document,
  durable: PendingNote,
): { readonly document: Document; readonly commands: readonly NoteCommand[] } {
  const { pending, proposedSeq } = document
  const held = new Map(durable.commands.slice(0, durable.sentCount).map((c) => [c.seq, c.at]))
  const sent = pending.commands.slice(0, pending.sentCount)
  const end = sent.findIndex((command) => held.get(command.seq) !== command.at)
  const ready = end < 0 ? sent : sent.slice(0, end)
  const commands = ready.filter((command) => command.seq > proposedSeq)
  const last = commands.at(-1)
  if (last === undefined) return { document, commands }
  return { document: { ...document, proposedSeq: last.seq }, commands }
}

/** Everything sent may have been lost (no answer for a while, another leader): `proposals` names it all again. */
export function resend(document: Document): Document {
  return document.proposedSeq === 0 ? document : { ...document, proposedSeq: 0 }
}
