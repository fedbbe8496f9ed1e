import { startElection, usualCampaign } from './election.ts'
import { nobody } from './entry.ts'
import { stepLeader } from './leader.ts'
import { newMessage } from './message.ts'
import { isPromotable, type Raft } from './raft.ts'
import type { Leader } from './role.ts'

/** One unit of time has passed. */
export function tick(raft: Raft): void {
  const { role } = raft
  raft.electionElapsed++
  if (role.kind === 'leader') tickLeader(raft, role)
  else if (raft.electionElapsed >= raft.electionTimeout && isPromotable(raft)) {
    // Silence for too long: there is no leader (paper §5.2).
    raft.electionElapsed = 0
    startElection(raft, usualCampaign(raft))
  }
}

const checkQuorum = newMessage('MsgCheckQuorum', {})
const beat = newMessage('MsgBeat', {})

function tickLeader(raft: Raft, role: Leader): void {
  role.heartbeatElapsed++
  if (raft.electionElapsed >= raft.settings.electionTick) {
    raft.electionElapsed = 0
    if (raft.settings.checkQuorum) stepLeader(raft, role, checkQuorum)
    // A target that has not taken over by now will not: proposals are taken again (thesis §3.10).
    role.transferee = nobody
  }
  if (raft.role !== role) return // no quorum was heard
  if (role.heartbeatElapsed >= raft.settings.heartbeatTick) {
    role.heartbeatElapsed = 0
    stepLeader(raft, role, beat)
  }
}
