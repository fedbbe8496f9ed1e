import type { NodeId } from '../entry.ts'
import { allVoters, committedByJoint, voteOfJoint } from '../quorum/joint.ts'
import type { VoteResult } from '../quorum/majority.ts'
import { type Configuration, emptyMembership, type Membership } from './configuration.ts'
import type { InflightsLimit } from './inflights.ts'
import type { Progress } from './progress.ts'

export interface Tally {
  readonly granted: number
  readonly rejected: number
  readonly result: VoteResult
}

/**
 * The members as this one sees them: the active configuration, what a leader knows of each, and the votes of the
 * election under way. Members are visited in ascending order, so that equal members act equally.
 */
export class ProgressTracker {
  readonly limit: InflightsLimit
  #membership = emptyMembership
  #voters: readonly NodeId[] = []
  readonly #votes = new Map<NodeId, boolean>()
  // Kept, so that the commit check on every acknowledgement allocates nothing.
  readonly #scratch: number[] = []
  readonly #matchOf = (id: NodeId) => this.#membership.progress.get(id)?.match
  readonly #voteOf = (id: NodeId) => this.#votes.get(id)
  readonly #isActive = (id: NodeId) => this.#membership.progress.get(id)?.recentActive

  constructor(limit: InflightsLimit) {
    this.limit = limit
  }

  get membership(): Membership {
    return this.#membership
  }

  get configuration(): Configuration {
    return this.#membership.configuration
  }

  /** Everybody with a progress, learners included, in ascending order. */
  get progress(): ReadonlyMap<NodeId, Progress> {
    return this.#membership.progress
  }

  /** The voters of both halves, in ascending order. */
  get voters(): readonly NodeId[] {
    return this.#voters
  }

  /** The outcome of a configuration change; the votes cast so far are kept. */
  switchTo(membership: Membership): void {
    this.#membership = membership
    this.#voters = allVoters(membership.configuration.voters)
  }

  progressOf(id: NodeId): Progress | undefined {
    return this.#membership.progress.get(id)
  }

  /** One voter in all: it decides alone. */
  isSingleton(): boolean {
    const { incoming, outgoing } = this.configuration.voters
    return incoming.length === 1 && outgoing.length === 0
  }

  /** The largest index that is on a quorum. Whether it may be committed is for the leader to say (paper §5.4.2). */
  committed(): number {
    return committedByJoint(this.configuration.voters, this.#matchOf, this.#scratch)
  }

  /** Whether a quorum was heard since the flags were last cleared. */
  isQuorumActive(): boolean {
    return voteOfJoint(this.configuration.voters, this.#isActive) === 'won'
  }

  resetVotes(): void {
    this.#votes.clear()
  }

  /** The first vote of a member counts; it may not change its mind within a term. */
  recordVote(id: NodeId, granted: boolean): void {
    if (!this.#votes.has(id)) this.#votes.set(id, granted)
  }

  /** Counts among the present members without learners; what an earlier configuration's member said is left out. */
  tallyVotes(): Tally {
    let granted = 0
    let rejected = 0
    for (const [id, { isLearner }] of this.progress) {
      const vote = this.#votes.get(id)
      if (isLearner || vote === undefined) continue
      if (vote) granted++
      else rejected++
    }
    return { granted, rejected, result: voteOfJoint(this.configuration.voters, this.#voteOf) }
  }
}
