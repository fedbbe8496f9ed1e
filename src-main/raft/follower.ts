import { startElection } from './election.ts'
import { nobody } from './entry.ts'
import type { Message } from './message.ts'
import { forward, hex, type Raft } from './raft.ts'
import { receiveAppend, receiveHeartbeat, receiveSnapshot } from './receive.ts'
import { dropped, type Stepped, taken } from './refused.ts'
import type { Follower } from './role.ts'

/** A follower takes what its leader sends, and passes on what only a leader can do (paper §5.1). */
export function stepFollower(raft: Raft, role: Follower, message: Message): Stepped {
  switch (message.type) {
    case 'MsgApp':
      hearLeader(raft, role, message)
      receiveAppend(raft, message)
      return taken
    case 'MsgHeartbeat':
      hearLeader(raft, role, message)
      receiveHeartbeat(raft, message)
      return taken
    case 'MsgSnap':
      hearLeader(raft, role, message)
      receiveSnapshot(raft, message)
      return taken
    case 'MsgProp':
      return forwardProposal(raft, role, message)
    case 'MsgTransferLeader':
    case 'MsgReadIndex':
      forwardRequest(raft, role, message)
      return taken
    case 'MsgReadIndexResp':
      receiveReadState(raft, message)
      return taken
    case 'MsgTimeoutNow':
      raft.logger.info(
        `${hex(raft.id)} [term ${raft.term}] received MsgTimeoutNow from ${hex(message.from)} ` +
          'and starts an election to get leadership.',
      )
      startElection(raft, 'transfer')
      return taken
    case 'MsgForgetLeader':
      forgetLeader(raft, role)
      return taken
    default:
      return taken // meant for another role: late, or from before we became a follower
  }
}

function hearLeader(raft: Raft, role: Follower, { from }: Message): void {
  raft.electionElapsed = 0
  role.leader = from
}

function forwardProposal(raft: Raft, role: Follower, message: Message): Stepped {
  if (role.leader === nobody) {
    raft.logger.info(`${hex(raft.id)} no leader at term ${raft.term}; dropping proposal`)
    return dropped
  }
  if (raft.settings.disableProposalForwarding) {
    raft.logger.info(
      `${hex(raft.id)} not forwarding to leader ${hex(role.leader)} at term ${raft.term}; ` +
        'dropping proposal',
    )
    return dropped
  }
  forward(raft, message, role.leader)
  return taken
}

function forwardRequest(raft: Raft, role: Follower, message: Message): void {
  if (role.leader !== nobody) {
    forward(raft, message, role.leader)
    return
  }
  const what = message.type === 'MsgReadIndex' ? 'index reading' : 'leader transfer'
  raft.logger.info(`${hex(raft.id)} no leader at term ${raft.term}; dropping ${what} msg`)
}

function receiveReadState(raft: Raft, { from, index, entries }: Message): void {
  const [entry, ...more] = entries
  if (entry === undefined || more.length > 0) {
    raft.logger.error(
      `${hex(raft.id)} invalid format of MsgReadIndexResp from ${hex(from)}, ` +
        `entries count: ${entries.length}`,
    )
    return
  }
  raft.readStates.push({ index, requestContext: entry.data ?? new Uint8Array(0) })
}

/**
 * Lets it vote at once for another, when the driver knows better than the lease (thesis §4.2.3).
 */
function forgetLeader(raft: Raft, role: Follower): void {
  if (raft.settings.readOnlyOption === 'lease-based') {
    // A lease-based leader answers reads because we promised to stay with it.
    raft.logger.error('ignoring MsgForgetLeader due to ReadOnlyLeaseBased')
    return
  }
  if (role.leader === nobody) return
  raft.logger.info(`${hex(raft.id)} forgetting leader ${hex(role.leader)} at term ${raft.term}`)
  role.leader = nobody
}
