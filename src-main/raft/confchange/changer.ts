import { fail, type Outcome, ok } from '../../../src-shared/base/outcome.ts'
import type { ConfChangeSingle, NodeId } from '../entry.ts'
import { isJoint, type Membership } from '../tracker/configuration.ts'
import { applyChange, type ChangeBasis, type Draft, draftOf, finish, markLearner } from './draft.ts'
import { brokenClaim } from './invariants.ts'
import type { ConfChangeRefused } from './refused.ts'

export type Changed = Outcome<Membership, ConfChangeRefused>

/**
 * Changes at most one voter, at once: any majority before and any after share a member (thesis
 * §4.1).
 */
export function changeSimply(basis: ChangeBasis, changes: readonly ConfChangeSingle[]): Changed {
  const claim = brokenClaim(basis.membership)
  if (claim !== null) return fail({ kind: 'inconsistent', claim })
  const { configuration } = basis.membership
  if (isJoint(configuration)) return fail({ kind: 'simple-while-joint' })
  const draft = draftOf(basis)
  for (const change of changes) applyChange(draft, change)
  if (draft.incoming.size === 0) return fail({ kind: 'no-voters-left' })
  if (differences(configuration.voters.incoming, draft.incoming) > 1) {
    return fail({ kind: 'several-voters' })
  }
  return checked(finish(draft, configuration.autoLeave))
}

/**
 * Any change, by way of a configuration in which the old majority and the new one must agree
 * (thesis §4.3).
 */
export function enterJoint(
  basis: ChangeBasis,
  autoLeave: boolean,
  changes: readonly ConfChangeSingle[],
): Changed {
  const claim = brokenClaim(basis.membership)
  if (claim !== null) return fail({ kind: 'inconsistent', claim })
  const { configuration } = basis.membership
  if (isJoint(configuration)) return fail({ kind: 'already-joint' })
  // Joining something with nothing would let the new half decide alone.
  if (configuration.voters.incoming.length === 0) return fail({ kind: 'zero-voters-joint' })
  const draft = draftOf(basis)
  for (const id of draft.incoming) draft.outgoing.add(id)
  for (const change of changes) applyChange(draft, change)
  if (draft.incoming.size === 0) return fail({ kind: 'no-voters-left' })
  return checked(finish(draft, autoLeave))
}

/** The incoming half alone from here on; those who were only in the outgoing one are gone. */
export function leaveJoint(basis: ChangeBasis): Changed {
  const claim = brokenClaim(basis.membership)
  if (claim !== null) return fail({ kind: 'inconsistent', claim })
  if (!isJoint(basis.membership.configuration)) return fail({ kind: 'nothing-to-leave' })
  const draft = draftOf(basis)
  for (const id of draft.learnersNext) {
    draft.learners.add(id)
    markLearner(draft, id, true)
  }
  draft.learnersNext.clear()
  forgetOutgoing(draft)
  return checked(finish(draft, false))
}

function forgetOutgoing(draft: Draft): void {
  for (const id of draft.outgoing) {
    if (!draft.incoming.has(id) && !draft.learners.has(id)) draft.progress.delete(id)
  }
  draft.outgoing.clear()
}

function checked(membership: Membership): Changed {
  const claim = brokenClaim(membership)
  return claim === null ? ok(membership) : fail({ kind: 'inconsistent', claim })
}

/** How many are in one of the two only. */
function differences(before: readonly NodeId[], after: ReadonlySet<NodeId>): number {
  const kept = before.filter((id) => after.has(id)).length
  return before.length - kept + (after.size - kept)
}
