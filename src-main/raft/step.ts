import { unreachable } from '../../src-shared/base/assert.ts'
import { becomeFollower } from './become.ts'
import { stepCandidate } from './candidate.ts'
import {
  answerVote,
  describeIgnoredVote,
  isUnderLease,
  refuseVote,
  startElection,
  usualCampaign,
} from './election.ts'
import { type NodeId, nobody } from './entry.ts'
import { stepFollower } from './follower.ts'
import { stepLeader } from './leader.ts'
import type { Message } from './message.ts'
import { hex, type Raft, send } from './raft.ts'
import { type Stepped, taken } from './refused.ts'
import { appendStored, applied } from './stored.ts'

/** Takes in one message. Terms are settled first (paper §5.1); then the role decides. */
export function step(raft: Raft, message: Message): Stepped {
  if (message.term !== 0) {
    // Local ones and forwarded proposals and reads have no term [B1] [B7].
    if (message.term < raft.term) return answerStale(raft, message)
    if (message.term > raft.term) {
      if (isUnderLease(raft, message)) {
        // A leader is known and alive: votes are not even answered (thesis §6.4.1).
        raft.logger.info(describeIgnoredVote(raft, message))
        return taken
      }
      if (raisesTerm(message)) adoptTerm(raft, message)
    }
  }
  switch (message.type) {
    case 'MsgHup':
      startElection(raft, usualCampaign(raft))
      return taken
    case 'MsgVote':
    case 'MsgPreVote':
      answerVote(raft, message)
      return taken
    case 'MsgStorageAppendResp':
      appendStored(raft, message)
      return taken
    case 'MsgStorageApplyResp':
      applied(raft, message)
      return taken
    default:
      return stepRole(raft, message)
  }
}

function stepRole(raft: Raft, message: Message): Stepped {
  const { role } = raft
  switch (role.kind) {
    case 'follower':
      return stepFollower(raft, role, message)
    case 'candidate':
      return stepCandidate(raft, role, message)
    case 'leader':
      return stepLeader(raft, role, message)
    default:
      return unreachable(role)
  }
}

/** A pre-vote and the consent to one speak of a term that nobody has yet (thesis §9.6). */
function raisesTerm({ type, reject }: Message): boolean {
  return type !== 'MsgPreVote' && (type !== 'MsgPreVoteResp' || reject)
}

function adoptTerm(raft: Raft, message: Message): void {
  const { type, from, term } = message
  raft.logger.info(
    `${hex(raft.id)} [term: ${raft.term}] received a ${type} message with higher term ` +
      `from ${hex(from)} [term: ${term}]`,
  )
  becomeFollower(raft, term, leaderNamedBy(message))
}

/** Only a leader sends these. */
function leaderNamedBy({ type, from }: Message): NodeId {
  return type === 'MsgApp' || type === 'MsgHeartbeat' || type === 'MsgSnap' ? from : nobody
}

/** From an earlier term. It changes nothing, but some senders must learn that time went on. */
function answerStale(raft: Raft, message: Message): Stepped {
  const { type, from, term } = message
  const { checkQuorum, preVote } = raft.settings
  const self = `${hex(raft.id)} [term: ${raft.term}]`
  if ((checkQuorum || preVote) && (type === 'MsgHeartbeat' || type === 'MsgApp')) {
    // Our election went unnoticed, because under a lease votes are ignored: our term in this answer
    // deposes the old leader, or we could never follow it again.
    send(raft, 'MsgAppResp', { to: from })
  } else if (type === 'MsgPreVote') {
    // Its sender may be waiting for a word of the higher term (thesis §9.6).
    refuseVote(raft, message)
  } else if (type === 'MsgStorageAppendResp') {
    if (message.index !== 0) {
      // The entries may have been replaced since, though by some of the same index and term: they
      // are written once more (see README, the round trip of an append).
      raft.logger.info(
        `${self} ignored entry appends from a ${type} message with lower term [term: ${term}]`,
      )
    }
    // A snapshot holds what was committed, whatever the term.
    appendStored(raft, { ...message, index: 0 })
  } else {
    raft.logger.info(
      `${self} ignored a ${type} message with lower term from ${hex(from)} [term: ${term}]`,
    )
  }
  return taken
}
