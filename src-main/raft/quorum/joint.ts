import type { NodeId } from '../entry.ts'
import {
  type AckedBy,
  committedByMajority,
  type Majority,
  type VoteOf,
  type VoteResult,
  voteOfMajority,
} from './majority.ts'

/**
 * Two majorities that must agree while one configuration gives way to the next (thesis §4.3);
 * `outgoing` is empty otherwise.
 */
export interface JointMajority {
  readonly incoming: Majority
  readonly outgoing: Majority
}

/**
 * What both majorities have reached. Infinity without any voter. `scratch` as in
 * `committedByMajority`.
 */
export function committedByJoint(
  voters: JointMajority,
  ackedBy: AckedBy,
  scratch: number[] = [],
): number {
  const incoming = committedByMajority(voters.incoming, ackedBy, scratch)
  if (voters.outgoing.length === 0) return incoming
  return Math.min(incoming, committedByMajority(voters.outgoing, ackedBy, scratch))
}

/** Won only in both, lost in either. */
export function voteOfJoint(voters: JointMajority, voteOf: VoteOf): VoteResult {
  const incoming = voteOfMajority(voters.incoming, voteOf)
  const outgoing = voteOfMajority(voters.outgoing, voteOf)
  if (incoming === outgoing) return incoming
  return incoming === 'lost' || outgoing === 'lost' ? 'lost' : 'pending'
}

export function isVoter(voters: JointMajority, id: NodeId): boolean {
  return voters.incoming.includes(id) || voters.outgoing.includes(id)
}

/** Everybody with a vote in either half, once, in ascending order. */
export function allVoters(voters: JointMajority): readonly NodeId[] {
  if (voters.outgoing.length === 0) return voters.incoming
  return ascending([...voters.incoming, ...voters.outgoing])
}

/** Distinct ids in ascending order: how every list of members is kept and visited. */
export function ascending(ids: Iterable<NodeId>): readonly NodeId[] {
  return [...new Set(ids)].sort((one, other) => (one < other ? -1 : one > other ? 1 : 0))
}
