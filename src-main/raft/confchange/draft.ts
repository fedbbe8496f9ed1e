import { assert, unreachable } from '../../../src-shared/base/assert.ts'
import type { ConfChangeSingle, NodeId } from '../entry.ts'
import { ascending } from '../quorum/joint.ts'
import type { Membership } from '../tracker/configuration.ts'
import type { InflightsLimit } from '../tracker/inflights.ts'
import { newProgress, type Progress } from '../tracker/progress.ts'

/** What a change starts from. */
export interface ChangeBasis {
  readonly membership: Membership
  /** A new member is first probed at the end of our log: its refusal tells how far back to go. */
  readonly lastIndex: number
  readonly limit: InflightsLimit
}

/**
 * A membership in the making. The basis stays as it is, so that a change that fails halfway changes
 * nothing.
 */
export interface Draft {
  readonly incoming: Set<NodeId>
  readonly outgoing: Set<NodeId>
  readonly learners: Set<NodeId>
  readonly learnersNext: Set<NodeId>
  readonly progress: Map<NodeId, Progress>
  readonly addProgress: (id: NodeId, isLearner: boolean) => void
}

export function draftOf({ membership, lastIndex, limit }: ChangeBasis): Draft {
  const { configuration } = membership
  const progress = new Map(membership.progress)
  return {
    incoming: new Set(configuration.voters.incoming),
    outgoing: new Set(configuration.voters.outgoing),
    learners: new Set(configuration.learners),
    learnersNext: new Set(configuration.learnersNext),
    progress,
    addProgress: (id, isLearner) => {
      progress.set(id, newProgress({ next: Math.max(lastIndex, 1), isLearner, limit }))
    },
  }
}

export function finish(draft: Draft, autoLeave: boolean): Membership {
  const progress = new Map<NodeId, Progress>()
  for (const id of ascending(draft.progress.keys())) progress.set(id, progressIn(draft, id))
  return {
    configuration: {
      voters: { incoming: ascending(draft.incoming), outgoing: ascending(draft.outgoing) },
      learners: ascending(draft.learners),
      learnersNext: ascending(draft.learnersNext),
      autoLeave,
    },
    progress,
  }
}

/** One change of the incoming half. Id 0 is nobody: a change of it is left out. */
export function applyChange(draft: Draft, { type, nodeId }: ConfChangeSingle): void {
  if (nodeId === 0n) return
  switch (type) {
    case 'ConfChangeAddNode':
      return makeVoter(draft, nodeId)
    case 'ConfChangeAddLearnerNode':
      return makeLearner(draft, nodeId)
    case 'ConfChangeRemoveNode':
      return remove(draft, nodeId)
    case 'ConfChangeUpdateNode':
      return // of what the application knows about a member, not of who is one
    default:
      return unreachable(type)
  }
}

/**
 * The learner flag, on a copy: the progress of the basis may be in use until the change is in
 * force.
 */
export function markLearner(draft: Draft, id: NodeId, isLearner: boolean): void {
  const progress = progressIn(draft, id)
  if (progress.isLearner !== isLearner) draft.progress.set(id, { ...progress, isLearner })
}

function makeVoter(draft: Draft, id: NodeId): void {
  if (draft.progress.has(id)) markLearner(draft, id, false)
  else draft.addProgress(id, false)
  draft.learners.delete(id)
  draft.learnersNext.delete(id)
  draft.incoming.add(id)
}

/**
 * A voter of the outgoing half votes there until that half is left, so it cannot be a learner yet:
 * it waits in `learnersNext` (thesis §4.3 decides by both halves).
 */
function makeLearner(draft: Draft, id: NodeId): void {
  const known = draft.progress.get(id)
  if (known === undefined) {
    draft.addProgress(id, true)
    draft.learners.add(id)
    return
  }
  if (known.isLearner) return
  remove(draft, id)
  draft.progress.set(id, known)
  if (draft.outgoing.has(id)) {
    draft.learnersNext.add(id)
  } else {
    markLearner(draft, id, true)
    draft.learners.add(id)
  }
}

/** A voter of the outgoing half is still needed there, and so is what we know of it. */
function remove(draft: Draft, id: NodeId): void {
  draft.incoming.delete(id)
  draft.learners.delete(id)
  draft.learnersNext.delete(id)
  if (!draft.outgoing.has(id)) draft.progress.delete(id)
}

function progressIn(draft: Draft, id: NodeId): Progress {
  const progress = draft.progress.get(id)
  assert(
    progress !== undefined,
    `there is a progress for member ${id} of a membership in the making`,
  )
  return progress
}
