import { assert } from '../../src-shared/base/assert.ts'
import type { Settings } from './config.ts'
import { type HardState, type NodeId, nobody } from './entry.ts'
import type { RaftLog } from './log/raft-log.ts'
import type { Logger } from './logger.ts'
import { type Message, type MessageFields, type MessageType, newMessage } from './message.ts'
import { allVoters } from './quorum/joint.ts'
import type { ReadRequest, ReadState } from './read-only.ts'
import type { Role } from './role.ts'
import type { Configuration } from './tracker/configuration.ts'

/**
 * One member, whatever its role. All that changes in it is changed by a tick, a step or an apply.
 */
export interface Raft {
  readonly id: NodeId
  readonly settings: Settings
  readonly logger: Logger
  readonly log: RaftLog
  /** The latest term it has seen [T1], and whom it gave its vote in it [T2] (paper figure 2). */
  term: number
  vote: NodeId
  role: Role
  /** The configuration in force: that of the last change applied here. */
  configuration: Configuration
  /** The index of the last snapshot taken in; the configuration holds every change up to it. */
  restoredTo: number
  /** Ticks since it last heard its leader, voted, campaigned or, leading, checked its quorum. */
  electionElapsed: number
  /** Ticks of silence after which it campaigns, drawn anew at every change of role or term. */
  electionTimeout: number
  /** What may leave at once. */
  messages: Message[]
  /**
   * Votes and acknowledgements, some to ourselves: they leave once what they promise is durable.
   */
  promises: Message[]
  readStates: ReadState[]
  /** Reads that came before the first commit of our term; they outlast a change of role [B86]. */
  postponedReads: ReadRequest[]
}

type Fields = { -readonly [F in keyof MessageFields]?: MessageFields[F] }

/**
 * Sends a message in our name, unless it names another sender. Votes say their term, which may not
 * be ours (thesis §9.6); forwarded proposals and reads have none; all else has ours [B7].
 */
export function send(raft: Raft, type: MessageType, fields: Fields): void {
  fields.from ??= raft.id
  if (isVoteTalk(type)) {
    assert((fields.term ?? 0) > 0, '[M1] talk of votes names its term')
  } else {
    assert(fields.term === undefined, '[M1] what is no talk of votes is stamped with our term')
    if (type !== 'MsgProp' && type !== 'MsgReadIndex') fields.term = raft.term
  }
  if (type === 'MsgAppResp' || type === 'MsgVoteResp' || type === 'MsgPreVoteResp') {
    raft.promises.push(newMessage(type, fields) as Message)
  } else {
    assert(fields.to !== raft.id, '[M2] only promises are addressed to ourselves')
    raft.messages.push(newMessage(type, fields) as Message)
  }
}

/** Passes on what only a leader can do, in the name of whoever asked. */
export function forward(raft: Raft, message: Message, leader: NodeId): void {
  const { from, entries, context } = message
  send(raft, message.type, { to: leader, from: from === nobody ? raft.id : from, entries, context })
}

export function leaderOf({ role, id }: Raft): NodeId {
  switch (role.kind) {
    case 'follower':
      return role.leader
    case 'candidate':
      return nobody
    case 'leader':
      return id
  }
}

export function hardStateOf(raft: Raft): HardState {
  return { term: raft.term, vote: raft.vote, commit: raft.log.committed }
}

export function isMember({ configuration }: Raft, id: NodeId): boolean {
  const { voters, learners } = configuration
  return voters.incoming.includes(id) || voters.outgoing.includes(id) || learners.includes(id)
}

export function isLearner(raft: Raft): boolean {
  return raft.configuration.learners.includes(raft.id)
}

/** Whether it may lead: a voter, of a state that a snapshot is not just about to replace. */
export function isPromotable(raft: Raft): boolean {
  if (raft.log.snapshotPending) return false
  const { incoming, outgoing } = raft.configuration.voters
  return incoming.includes(raft.id) || outgoing.includes(raft.id)
}

export function votersOf(raft: Raft): readonly NodeId[] {
  return allVoters(raft.configuration.voters)
}

/** How ids are written in the log. */
export function hex(id: NodeId): string {
  return id.toString(16)
}

/**
 * `1 [logterm: 1, index: 2`: how a member introduces its log; the bracket is for the caller to
 * close.
 */
export function describeLog(raft: Raft): string {
  const { term, index } = raft.log.lastEntryId()
  return `${hex(raft.id)} [logterm: ${term}, index: ${index}`
}

function isVoteTalk(type: MessageType): boolean {
  return (
    type === 'MsgVote' ||
    type === 'MsgVoteResp' ||
    type === 'MsgPreVote' ||
    type === 'MsgPreVoteResp'
  )
}
