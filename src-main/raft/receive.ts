import { becomeFollower } from './become.ts'
import { nobody, type Snapshot } from './entry.ts'
import { restoreConfState } from './membership.ts'
import type { MessageOf } from './message.ts'
import { hex, type Raft, send } from './raft.ts'

/** What a follower does with what its leader sends. */

/** Entries, or only the commit index (paper §5.3, AppendEntries in figure 2). */
export function receiveAppend(raft: Raft, message: MessageOf<'MsgApp'>): void {
  const { from, index, logTerm, entries, commit } = message
  const { log } = raft
  if (index < log.committed) {
    // Old: what is committed agrees with every leader's log anyhow.
    send(raft, 'MsgAppResp', { to: from, index: log.committed })
    return
  }
  const agreed = log.maybeAppend({ term: logTerm, index }, entries, commit)
  if (agreed !== null) {
    send(raft, 'MsgAppResp', { to: from, index: agreed })
    return
  }
  raft.logger.debug(
    `${hex(raft.id)} [logterm: ${log.termAt(index)}, index: ${index}] rejected MsgApp ` +
      `[logterm: ${logTerm}, index: ${index}] from ${hex(from)}`,
  )
  // The hint spares the leader a question for each entry of a tail that cannot be its own.
  const before = { term: logTerm, index: Math.min(index, log.lastIndex()) }
  const hint = log.lastPossibleMatch(before)
  send(raft, 'MsgAppResp', {
    to: from,
    index,
    reject: true,
    rejectHint: hint.index,
    logTerm: hint.term,
  })
}

/**
 * The context comes back as it is: whatever it means to the leader, it proves that we answered it.
 */
export function receiveHeartbeat(raft: Raft, message: MessageOf<'MsgHeartbeat'>): void {
  raft.log.commitTo(message.commit)
  send(raft, 'MsgHeartbeatResp', { to: message.from, context: message.context })
}

export function receiveSnapshot(raft: Raft, message: MessageOf<'MsgSnap'>): void {
  const { from, snapshot } = message
  const { index, term } = snapshot?.metadata ?? { index: 0, term: 0 }
  const isRestored = snapshot !== null && restore(raft, snapshot)
  const { committed } = raft.log
  const verdict = isRestored ? 'restored' : 'ignored'
  raft.logger.info(
    `${hex(raft.id)} [commit: ${committed}] ${verdict} snapshot [index: ${index}, term: ${term}]`,
  )
  send(raft, 'MsgAppResp', { to: from, index: isRestored ? raft.log.lastIndex() : committed })
}

/** True if the snapshot took the place of our log; false if there was no need for it (paper §7). */
function restore(raft: Raft, snapshot: Snapshot): boolean {
  const { log, logger } = raft
  const self = hex(raft.id)
  const { index, term, confState } = snapshot.metadata
  if (index <= log.committed) return false
  if (raft.role.kind !== 'follower') {
    logger.warn(`${self} attempted to restore snapshot as leader; should never happen`)
    becomeFollower(raft, raft.term + 1, nobody)
    return false
  }
  const { voters, learners, votersOutgoing } = confState
  if (![voters, learners, votersOutgoing].some((ids) => ids.includes(raft.id))) {
    logger.warn(
      `${self} attempted to restore snapshot but it is not in the ConfState ` +
        `[voters: ${voters}, learners: ${learners}, outgoing: ${votersOutgoing}]; ` +
        'should never happen',
    )
    return false
  }
  const named = `snapshot [index: ${index}, term: ${term}]`
  if (log.matches({ term, index })) {
    // All of it is in our log: knowing that it is committed is enough.
    logger.info(`${describeEnd(raft)} fast-forwarded commit to ${named}`)
    log.commitTo(index)
    return false
  }
  log.restore(snapshot)
  restoreConfState(raft, confState)
  raft.restoredTo = index
  logger.info(`${describeEnd(raft)} restored ${named}`)
  return true
}

function describeEnd({ id, log }: Raft): string {
  const { term, index } = log.lastEntryId()
  return `${hex(id)} [commit: ${log.committed}, lastindex: ${index}, lastterm: ${term}]`
}
