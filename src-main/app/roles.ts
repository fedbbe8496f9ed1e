import type { DeviceId } from '../../src-shared/base/ids.ts'
import { majority } from './words.ts'

/** A member as its leader knows it. */
export interface RoleView {
  readonly id: DeviceId
  readonly role: 'voter' | 'learner'
  /** The leader's own is its last index. */
  readonly match: number
  /** Heard lately; the leader itself always. */
  readonly active: boolean
  /** Index of the entry that names it. */
  readonly addedAt: number
}

export interface GroupRoles {
  readonly leaderId: DeviceId
  readonly commit: number
  readonly members: readonly RoleView[]
}

export interface RoleChange {
  readonly kind: 'promote' | 'demote'
  readonly id: DeviceId
}

/** Entries that a copy may lack and still count as caught up: under constant writing it is never at the very end. */
export const promoteLagMax = 256

/** 1, 2, 3, then an odd number: an even one more needs a larger majority and survives no more losses (thesis §4.2). */
export function votersWanted(members: number): number {
  if (members <= 3) return members
  return members % 2 === 1 ? members : members - 1
}

/** What the leader should propose next, one change at a time (thesis §4.1); null: the roles are as they should be, or cannot be now. */
export function nextRoleChange(group: GroupRoles): RoleChange | null {
  const voters = group.members.filter((member) => member.role === 'voter')
  const wanted = votersWanted(group.members.length)
  if (voters.length < wanted) return promotion(group, voters)
  if (voters.length > wanted) return demotion(group, voters)
  return null
}

function promotion(group: GroupRoles, voters: readonly RoleView[]): RoleChange | null {
  const ready = group.members
    .filter((member) => member.role === 'learner' && mayVote(member, voters, group.commit))
    .sort((a, b) => b.match - a.match || a.addedAt - b.addedAt)
  const best = ready[0]
  return best === undefined ? null : { kind: 'promote', id: best.id }
}

/**
 * Caught up and here (thesis §4.2.1), and known to everybody who will have to answer it: a voter that has never heard of
 * a new one would refuse its hello, and the two could not make a majority together.
 */
function mayVote(learner: RoleView, voters: readonly RoleView[], commit: number): boolean {
  if (!learner.active || commit - learner.match > promoteLagMax) return false
  const after = [...voters, learner]
  if (!after.every((voter) => voter.match >= learner.addedAt)) return false
  return after.filter((voter) => voter.active).length >= majority(after.length)
}

/** One voter too many, since a member left: the one that is away, else the one furthest behind. Never the leader. */
function demotion(group: GroupRoles, voters: readonly RoleView[]): RoleChange | null {
  const [worst] = voters
    .filter((voter) => voter.id !== group.leaderId)
    .sort((a, b) => Number(a.active) - Number(b.active) || a.match - b.match || later(a, b))
  if (worst === undefined) return null
  const left = voters.filter((voter) => voter !== worst)
  if (left.filter((voter) => voter.active).length < majority(left.length)) return null
  return { kind: 'demote', id: worst.id }
}

function later(a: RoleView, b: RoleView): number {
  return b.addedAt - a.addedAt
}
