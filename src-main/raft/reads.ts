import { assert } from '../../src-shared/base/assert.ts'
import { nobody } from './entry.ts'
import { isVoter } from './quorum/joint.ts'
import { hex, type Raft, send } from './raft.ts'
import { pendingReadsMax, type ReadRequest } from './read-only.ts'
import { broadcastHeartbeats } from './replicate.ts'
import type { Leader } from './role.ts'

/**
 * Reads that need no entry of the log, and yet see all that was acknowledged before (thesis §6.4).
 */

/** A request at the leader: of its own state machine, or passed on by a follower. */
export function readAtLeader(raft: Raft, leader: Leader, request: ReadRequest): void {
  if (!hasCommittedInTerm(raft)) {
    // Earlier leaders may have committed more than it knows to be committed (thesis §6.4, step 1).
    if (raft.postponedReads.length < pendingReadsMax) raft.postponedReads.push(request)
    else warnOfFullQueue(raft)
    return
  }
  confirm(raft, leader, request)
}

/** A commit of our term: what waited for the first one may go on. */
export function afterCommit(raft: Raft, leader: Leader): void {
  if (raft.postponedReads.length === 0) return
  if (!hasCommittedInTerm(raft)) {
    raft.logger.error(
      'pending MsgReadIndex should be released only after first commit in current term',
    )
    return
  }
  const requests = raft.postponedReads
  raft.postponedReads = []
  for (const request of requests) confirm(raft, leader, request)
}

/** Answers what a quorum has confirmed by now. */
export function releaseReads(raft: Raft, leader: Leader): void {
  if (leader.reads.waiting === 0) return
  for (const { request, index } of leader.reads.release(raft.configuration.voters)) {
    answer(raft, request, index)
  }
}

function confirm(raft: Raft, leader: Leader, request: ReadRequest): void {
  const index = raft.log.committed
  // A lease, or being the only voter, is all the confirmation that is needed.
  if (raft.settings.readOnlyOption === 'lease-based' || isOnlyVoter(raft, leader)) {
    answer(raft, request, index)
    return
  }
  if (!leader.reads.add({ request, index })) {
    warnOfFullQueue(raft)
    return
  }
  broadcastHeartbeats(raft, leader)
}

function answer(raft: Raft, request: ReadRequest, index: number): void {
  const { from, entries } = request
  if (from !== nobody && from !== raft.id) {
    send(raft, 'MsgReadIndexResp', { to: from, index, entries })
    return
  }
  const data = entries[0]?.data
  assert(data !== undefined, 'a request to read has one entry')
  raft.readStates.push({ index, requestContext: data ?? new Uint8Array(0) })
}

function isOnlyVoter({ id, configuration }: Raft, { tracker }: Leader): boolean {
  return tracker.isSingleton() && isVoter(configuration.voters, id)
}

/** Never true of term 0: no leader has it. */
function hasCommittedInTerm(raft: Raft): boolean {
  return raft.log.termAt(raft.log.committed) === raft.term
}

function warnOfFullQueue(raft: Raft): void {
  raft.logger.warn(`${hex(raft.id)} ${pendingReadsMax} reads wait already; dropping another`)
}
