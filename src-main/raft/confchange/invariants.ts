import type { NodeId } from '../entry.ts'
import { allVoters } from '../quorum/joint.ts'
import { isJoint, type Membership } from '../tracker/configuration.ts'

/**
 * The first claim that a membership breaks, or null. The empty membership breaks none: a member may
 * start as nobody's.
 */
export function brokenClaim(membership: Membership): string | null {
  return (
    missingProgress(membership) ??
    brokenLearnersNext(membership) ??
    brokenLearners(membership) ??
    brokenSimple(membership)
  )
}

function missingProgress({ configuration, progress }: Membership): string | null {
  const { voters, learners, learnersNext } = configuration
  const known = (id: NodeId) => progress.has(id)
  for (const ids of [allVoters(voters), learners, learnersNext]) {
    const missing = ids.find((id) => !known(id))
    if (missing !== undefined) return `no progress for ${missing}`
  }
  return null
}

function brokenLearnersNext({ configuration, progress }: Membership): string | null {
  const { voters, learnersNext } = configuration
  for (const id of learnersNext) {
    if (!voters.outgoing.includes(id)) return `${id} is in LearnersNext, but not Voters[1]`
    if (voters.incoming.includes(id)) return `${id} is in LearnersNext and Voters[0]`
    if (progress.get(id)?.isLearner) {
      return `${id} is in LearnersNext, but is already marked as learner`
    }
  }
  return null
}

/**
 * Nobody is a voter and a learner at a time: else it would count in a quorum that does not wait for
 * it.
 */
function brokenLearners({ configuration, progress }: Membership): string | null {
  const { voters, learners } = configuration
  for (const id of learners) {
    if (voters.outgoing.includes(id)) return `${id} is in Learners and Voters[1]`
    if (voters.incoming.includes(id)) return `${id} is in Learners and Voters[0]`
    if (!progress.get(id)?.isLearner) return `${id} is in Learners, but is not marked as learner`
  }
  return null
}

/**
 * Learners to be need an outgoing half, which is claimed above; so only this is left to say of a
 * simple configuration.
 */
function brokenSimple({ configuration }: Membership): string | null {
  if (isJoint(configuration) || !configuration.autoLeave) return null
  return 'AutoLeave must be false when not joint'
}
