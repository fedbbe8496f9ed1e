import { fail, ok } from '../../../src-shared/base/outcome.ts'
import type { ConfState, NodeId } from '../entry.ts'
import { ascending } from '../quorum/joint.ts'
import { type Configuration, emptyMembership, type Membership } from '../tracker/configuration.ts'
import type { InflightsLimit } from '../tracker/inflights.ts'
import { newProgress, type Progress } from '../tracker/progress.ts'
import type { Changed } from './changer.ts'
import { brokenClaim } from './invariants.ts'

export interface RestoreBasis {
  readonly lastIndex: number
  readonly limit: InflightsLimit
}

/**
 * The membership that a snapshot or a restart hands over. One without any member is a member's that
 * waits to be told.
 */
export function restore({ lastIndex, limit }: RestoreBasis, state: ConfState): Changed {
  const configuration = configurationOf(state)
  const { voters, learners, learnersNext } = configuration
  const members = ascending([...voters.incoming, ...voters.outgoing, ...learners, ...learnersNext])
  if (members.length === 0 && !configuration.autoLeave) return ok(emptyMembership)
  if (voters.incoming.length === 0) return fail({ kind: 'no-voters-left' })
  const progress = new Map<NodeId, Progress>()
  for (const id of members) {
    const isLearner = learners.includes(id)
    progress.set(id, newProgress({ next: Math.max(lastIndex, 1), isLearner, limit }))
  }
  const membership: Membership = { configuration, progress }
  const claim = brokenClaim(membership)
  return claim === null ? ok(membership) : fail({ kind: 'inconsistent', claim })
}

/** What a snapshot records of a configuration, every list ascending. */
export function confStateOf(configuration: Configuration): ConfState {
  return {
    voters: configuration.voters.incoming,
    learners: configuration.learners,
    votersOutgoing: configuration.voters.outgoing,
    learnersNext: configuration.learnersNext,
    autoLeave: configuration.autoLeave,
  }
}

/** Whether two records mean one configuration, in whatever order they list it. */
export function isSameConfState(one: ConfState, other: ConfState): boolean {
  return (
    isSameList(one.voters, other.voters) &&
    isSameList(one.learners, other.learners) &&
    isSameList(one.votersOutgoing, other.votersOutgoing) &&
    isSameList(one.learnersNext, other.learnersNext) &&
    one.autoLeave === other.autoLeave
  )
}

/** Id 0 is nobody, here as in a change. */
function configurationOf(state: ConfState): Configuration {
  const somebody = (ids: readonly NodeId[]) => ascending(ids.filter((id) => id !== 0n))
  return {
    voters: { incoming: somebody(state.voters), outgoing: somebody(state.votersOutgoing) },
    learners: somebody(state.learners),
    learnersNext: somebody(state.learnersNext),
    autoLeave: state.autoLeave,
  }
}

function isSameList(one: readonly NodeId[], other: readonly NodeId[]): boolean {
  if (one.length !== other.length) return false
  const sorted = inOrder(other)
  return inOrder(one).every((id, place) => id === sorted[place])
}

function inOrder(ids: readonly NodeId[]): readonly NodeId[] {
  return [...ids].sort((one, other) => (one < other ? -1 : one > other ? 1 : 0))
}
