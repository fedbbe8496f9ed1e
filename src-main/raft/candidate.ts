import { becomeFollower, becomeLeader } from './become.ts'
import { askForVotes } from './election.ts'
import { nobody } from './entry.ts'
import type { Message, MessageOf } from './message.ts'
import { voteOfJoint } from './quorum/joint.ts'
import type { VoteResult } from './quorum/majority.ts'
import { hex, type Raft, votersOf } from './raft.ts'
import { receiveAppend, receiveHeartbeat, receiveSnapshot } from './receive.ts'
import { dropped, type Stepped, taken } from './refused.ts'
import { appendEntries, broadcastAppends } from './replicate.ts'
import { type Candidate, raftStateOf } from './role.ts'

/**
 * A candidate counts votes until a quorum has decided, or until it hears of a leader (paper §5.2).
 */
export function stepCandidate(raft: Raft, role: Candidate, message: Message): Stepped {
  switch (message.type) {
    case 'MsgApp':
      becomeFollower(raft, raft.term, message.from) // a leader of our term: the election is over
      receiveAppend(raft, message)
      return taken
    case 'MsgHeartbeat':
      becomeFollower(raft, raft.term, message.from)
      receiveHeartbeat(raft, message)
      return taken
    case 'MsgSnap':
      becomeFollower(raft, raft.term, message.from)
      receiveSnapshot(raft, message)
      return taken
    case 'MsgPreVoteResp':
      if (role.isPre) countVote(raft, role, message)
      return taken
    case 'MsgVoteResp':
      if (!role.isPre) countVote(raft, role, message)
      return taken
    case 'MsgProp':
      raft.logger.info(`${hex(raft.id)} no leader at term ${raft.term}; dropping proposal`)
      return dropped
    case 'MsgTimeoutNow':
      raft.logger.debug(
        `${hex(raft.id)} [term ${raft.term} state ${raftStateOf(role)}] ` +
          `ignored MsgTimeoutNow from ${hex(message.from)}`,
      )
      return taken
    default:
      return taken // meant for another role, or for one we had before
  }
}

type Vote = MessageOf<'MsgVoteResp'> | MessageOf<'MsgPreVoteResp'>

function countVote(raft: Raft, role: Candidate, { type, from, reject }: Vote): void {
  const rejection = reject ? ' rejection' : ''
  raft.logger.info(
    `${hex(raft.id)} received ${type}${rejection} from ${hex(from)} at term ${raft.term}`,
  )
  // A voter may not change its mind within a term.
  if (!role.votes.has(from)) role.votes.set(from, !reject)
  const { granted, refused, result } = tally(raft, role)
  raft.logger.info(
    `${hex(raft.id)} has received ${granted} ${type} votes and ${refused} vote rejections`,
  )
  if (result === 'lost') becomeFollower(raft, raft.term, nobody)
  if (result === 'won') win(raft, role)
}

function win(raft: Raft, role: Candidate): void {
  if (role.isPre) {
    askForVotes(raft, 'election')
    return
  }
  const leader = becomeLeader(raft)
  // What earlier leaders left behind commits only with an entry of this term (paper §5.4.2, §8).
  appendEntries(raft, leader, [{ type: 'EntryNormal', term: 0, index: 0, data: null }])
  raft.logger.info(`${hex(raft.id)} became leader at term ${raft.term}`)
  broadcastAppends(raft, leader)
}

interface Tally {
  readonly granted: number
  readonly refused: number
  readonly result: VoteResult
}

/** Only present voters count; in a joint configuration those of both halves (thesis §4.3). */
function tally(raft: Raft, { votes }: Candidate): Tally {
  const said = votersOf(raft).flatMap((id) => votes.get(id) ?? [])
  const granted = said.filter((vote) => vote).length
  const result = voteOfJoint(raft.configuration.voters, (id) => votes.get(id))
  return { granted, refused: said.length - granted, result }
}
