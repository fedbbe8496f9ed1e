import { assert } from '../../src-shared/base/assert.ts'
import { becomeFollower } from './become.ts'
import { nobody } from './entry.ts'
import type { Message, MessageOf } from './message.ts'
import { propose } from './propose.ts'
import { hex, type Raft } from './raft.ts'
import { afterCommit, readAtLeader, releaseReads } from './reads.ts'
import { type Stepped, taken } from './refused.ts'
import {
  broadcastAppends,
  broadcastHeartbeats,
  commitByQuorum,
  maybeSendAppend,
  sendAppend,
} from './replicate.ts'
import type { Leader } from './role.ts'
import { describeProgress } from './tracker/describe.ts'
import {
  acknowledged,
  becomeProbe,
  becomeReplicate,
  canRaiseCommit,
  type Progress,
  refused,
} from './tracker/progress.ts'
import { continueTransfer, transferTo } from './transfer.ts'

/** A leader takes proposals and reads, and learns from answers who has how much (paper §5.3). */
export function stepLeader(raft: Raft, role: Leader, message: Message): Stepped {
  switch (message.type) {
    case 'MsgBeat':
      broadcastHeartbeats(raft, role)
      return taken
    case 'MsgCheckQuorum':
      checkQuorum(raft, role)
      return taken
    case 'MsgProp':
      assert(message.entries.length > 0, 'a proposal has an entry')
      return propose(raft, role, message.entries)
    case 'MsgReadIndex':
      readAtLeader(raft, role, message)
      return taken
    case 'MsgForgetLeader':
      return taken // it leads: there is no other to forget
    default:
      stepPeer(raft, role, message)
      return taken
  }
}

/** What concerns one member, as the sender or as the one spoken of. */
function stepPeer(raft: Raft, role: Leader, message: Message): void {
  const { from } = message
  const progress = role.tracker.progressOf(from)
  if (progress === undefined) {
    raft.logger.debug(`${hex(raft.id)} no progress available for ${hex(from)}`)
    return
  }
  switch (message.type) {
    case 'MsgAppResp':
      progress.recentActive = true
      if (message.reject) hearRefusal(raft, progress, message)
      else hearAcknowledgement(raft, role, progress, message)
      return
    case 'MsgHeartbeatResp':
      hearHeartbeatAnswer(raft, role, progress, message)
      return
    case 'MsgSnapStatus':
      hearSnapshotStatus(raft, progress, message)
      return
    case 'MsgUnreachable':
      // What was sent ahead is likely lost: back to asking first.
      if (progress.state === 'replicate') becomeProbe(progress)
      raft.logger.debug(
        `${hex(raft.id)} failed to send message to ${hex(from)} because it is unreachable ` +
          `[${describeProgress(progress)}]`,
      )
      return
    case 'MsgTransferLeader':
      transferTo(raft, role, from, progress)
      return
    default:
      return // meant for another role
  }
}

/** The peer's log does not hold the entry before ours: go back (paper §5.3), over whole terms. */
function hearRefusal(raft: Raft, progress: Progress, message: MessageOf<'MsgAppResp'>): void {
  const { from, index, rejectHint, logTerm } = message
  const { logger } = raft
  const self = hex(raft.id)
  logger.debug(
    `${self} received MsgAppResp(rejected, hint: (index ${rejectHint}, term ${logTerm})) ` +
      `from ${hex(from)} for index ${index}`,
  )
  // Our entries of a later term than the hint's cannot be in its log at these indexes either.
  const hint = { term: logTerm, index: rejectHint }
  const next = logTerm > 0 ? raft.log.lastPossibleMatch(hint).index : rejectHint
  if (!refused(progress, index, next)) return
  logger.debug(`${self} decreased progress of ${hex(from)} to [${describeProgress(progress)}]`)
  if (progress.state === 'replicate') becomeProbe(progress)
  sendAppend(raft, from, progress)
}

function hearAcknowledgement(
  raft: Raft,
  role: Leader,
  progress: Progress,
  { from, index }: MessageOf<'MsgAppResp'>,
): void {
  // A probed peer may tell what we knew, and by that show that it is there again.
  const isNews = acknowledged(progress, index)
  if (!isNews && !(progress.match === index && progress.state === 'probe')) return
  advanceState(raft, progress, index, from)
  const isSelf = from === raft.id
  if (commitByQuorum(raft, role)) {
    afterCommit(raft, role)
    broadcastAppends(raft, role)
  } else if (!isSelf && canRaiseCommit(progress, raft.log.committed)) {
    sendAppend(raft, from, progress)
  }
  if (isSelf) return
  // The answer may have made room for several messages.
  while (maybeSendAppend(raft, from, progress, 'only entries'));
  continueTransfer(raft, role, from, progress)
}

function advanceState(raft: Raft, progress: Progress, index: number, from: bigint): void {
  switch (progress.state) {
    case 'probe':
      becomeReplicate(progress)
      return
    case 'replicate':
      progress.inflights.freeUpTo(index)
      return
    case 'snapshot':
      // Wherever it got its state from: if our log goes on from there, the snapshot is not needed.
      if (progress.match + 1 < raft.log.firstIndex()) return
      raft.logger.debug(
        `${hex(raft.id)} recovered from needing snapshot, resumed sending replication messages ` +
          `to ${hex(from)} [${describeProgress(progress)}]`,
      )
      becomeProbe(progress)
      becomeReplicate(progress)
      return
  }
}

function hearHeartbeatAnswer(
  raft: Raft,
  role: Leader,
  progress: Progress,
  { from, context }: MessageOf<'MsgHeartbeatResp'>,
): void {
  progress.recentActive = true
  progress.appendsPaused = false
  // Repeats what may have been lost; a probed peer that has everything needs a word to go on.
  if (progress.match < raft.log.lastIndex() || progress.state === 'probe') {
    sendAppend(raft, from, progress)
  }
  if (context === null || context.length === 0) return
  role.reads.acknowledge(from, context)
  releaseReads(raft, role)
}

function hearSnapshotStatus(
  raft: Raft,
  progress: Progress,
  { from, reject }: MessageOf<'MsgSnapStatus'>,
): void {
  if (progress.state !== 'snapshot') return
  // It never arrived: probing starts from what the peer is known to have.
  if (reject) progress.pendingSnapshot = 0
  becomeProbe(progress)
  raft.logger.debug(
    `${hex(raft.id)} snapshot ${reject ? 'failed' : 'succeeded'}, resumed sending replication ` +
      `messages to ${hex(from)} [${describeProgress(progress)}]`,
  )
  // After a success its own word comes first; after a failure, a heartbeat's time.
  progress.appendsPaused = true
}

/** A leader that no quorum hears must not go on believing that it leads (thesis §6.2). */
function checkQuorum(raft: Raft, role: Leader): void {
  if (!role.tracker.isQuorumActive()) {
    raft.logger.warn(`${hex(raft.id)} stepped down to follower since quorum is not active`)
    becomeFollower(raft, raft.term, nobody)
    return
  }
  for (const [id, progress] of role.tracker.progress) {
    if (id !== raft.id) progress.recentActive = false
  }
}
