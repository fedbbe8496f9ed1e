import type { NodeId } from '../entry.ts'
import type { JointMajority } from '../quorum/joint.ts'
import type { Progress } from './progress.ts'

/** Who is in the group and as what. Every list is ascending and free of repetition. */
export interface Configuration {
  readonly voters: JointMajority
  readonly learners: readonly NodeId[]
  /** Voters of the outgoing half that become learners once it is left: nobody is both at a time. */
  readonly learnersNext: readonly NodeId[]
  /** The leader proposes to leave the joint configuration as soon as it is in force. */
  readonly autoLeave: boolean
}

/** A configuration with the leader's knowledge of everybody in it, in ascending order of id. */
export interface Membership {
  readonly configuration: Configuration
  readonly progress: ReadonlyMap<NodeId, Progress>
}

export const emptyMembership: Membership = {
  configuration: {
    voters: { incoming: [], outgoing: [] },
    learners: [],
    learnersNext: [],
    autoLeave: false,
  },
  progress: new Map(),
}

/** Between two configurations: decisions need a majority of both (thesis §4.3). */
export function isJoint(configuration: Configuration): boolean {
  return configuration.voters.outgoing.length > 0
}
