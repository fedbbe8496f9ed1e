import { type NodeId, nobody } from './entry.ts'
import { hex, type Raft, send } from './raft.ts'
import { sendAppend } from './replicate.ts'
import type { Leader } from './role.ts'
import type { Progress } from './tracker/progress.ts'

/** Handing leadership over: the target catches up, then campaigns at once (thesis §3.10). */
export function transferTo(raft: Raft, leader: Leader, to: NodeId, progress: Progress): void {
  const { logger, term } = raft
  const self = hex(raft.id)
  const target = hex(to)
  if (progress.isLearner) {
    logger.debug(`${self} is learner. Ignored transferring leadership`)
    return
  }
  if (leader.transferee === to) {
    logger.info(
      `${self} [term ${term}] transfer leadership to ${target} is in progress, ` +
        `ignores request to same node ${target}`,
    )
    return
  }
  if (leader.transferee !== nobody) {
    logger.info(
      `${self} [term ${term}] abort previous transferring leadership to ${hex(leader.transferee)}`,
    )
    leader.transferee = nobody
  }
  if (to === raft.id) {
    logger.debug(`${self} is already leader. Ignored transferring leadership to self`)
    return
  }
  logger.info(`${self} [term ${term}] starts to transfer leadership to ${target}`)
  // An election's length from now on it is given up, and proposals are taken again.
  raft.electionElapsed = 0
  leader.transferee = to
  if (isCaughtUp(raft, progress)) {
    send(raft, 'MsgTimeoutNow', { to })
    logger.info(
      `${self} sends MsgTimeoutNow to ${target} immediately as ${target} ` +
        'already has up-to-date log',
    )
  } else {
    sendAppend(raft, to, progress)
  }
}

/** After every acknowledgement: the target may have all of our log now. */
export function continueTransfer(raft: Raft, leader: Leader, to: NodeId, progress: Progress): void {
  if (leader.transferee !== to || !isCaughtUp(raft, progress)) return
  raft.logger.info(`${hex(raft.id)} sent MsgTimeoutNow to ${hex(to)} after received MsgAppResp`)
  send(raft, 'MsgTimeoutNow', { to })
}

function isCaughtUp(raft: Raft, progress: Progress): boolean {
  return progress.match === raft.log.lastIndex()
}
