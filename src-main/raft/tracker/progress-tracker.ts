import type { NodeId } from '../entry.ts'
import { committedByJoint, voteOfJoint } from '../quorum/joint.ts'
import { emptyMembership, type Membership } from './configuration.ts'
import type { Progress } from './progress.ts'

/**
 * What a leader knows of the members: how far each has come, and what that amounts to by the
 * quorums of the active configuration. Members are visited in ascending order, so that equal
 * members act equally.
 */
export class ProgressTracker {
  #membership = emptyMembership
  // Kept, so that the commit check on every acknowledgement allocates nothing.
  readonly #scratch: number[] = []
  readonly #matchOf = (id: NodeId) => this.#membership.progress.get(id)?.match
  readonly #isActive = (id: NodeId) => this.#membership.progress.get(id)?.recentActive

  /** Everybody with a progress, learners included, in ascending order. */
  get progress(): ReadonlyMap<NodeId, Progress> {
    return this.#membership.progress
  }

  /** What a configuration change came to. */
  switchTo(membership: Membership): void {
    this.#membership = membership
  }

  progressOf(id: NodeId): Progress | undefined {
    return this.#membership.progress.get(id)
  }

  /** One voter in all: it decides alone. */
  isSingleton(): boolean {
    const { incoming, outgoing } = this.#membership.configuration.voters
    return incoming.length === 1 && outgoing.length === 0
  }

  /**
   * The largest index that is on a quorum. Whether it may be committed is for the leader to say
   * (paper §5.4.2).
   */
  committed(): number {
    return committedByJoint(this.#membership.configuration.voters, this.#matchOf, this.#scratch)
  }

  /** Whether a quorum was heard since the flags were last cleared. */
  isQuorumActive(): boolean {
    return voteOfJoint(this.#membership.configuration.voters, this.#isActive) === 'won'
  }
}
