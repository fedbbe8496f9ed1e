import { assert } from '../../src-shared/base/assert.ts'
import type { Entry, NodeId } from './entry.ts'
import { payloadSize } from './log/entry-size.ts'
import { hex, type Raft, send } from './raft.ts'
import type { Leader } from './role.ts'
import { describeProgress } from './tracker/describe.ts'
import {
  appendSent,
  becomeSnapshot,
  commitSent,
  isPaused,
  type Progress,
} from './tracker/progress.ts'

/** A leader's log, and how it gets to the others (paper §5.3). */

/** Appends to our own log. False, with nothing changed, if too much is uncommitted already. */
export function appendEntries(raft: Raft, leader: Leader, entries: readonly Entry[]): boolean {
  if (!reserve(raft, leader, payloadSize(entries))) {
    raft.logger.warn(
      `${hex(raft.id)} appending new entries to log would exceed uncommitted entry size limit; ` +
        'dropping proposal',
    )
    return false
  }
  const first = raft.log.lastIndex() + 1
  const { term } = raft
  const index = raft.log.append(
    entries.map(({ type, data }, place) => ({ type, term, index: first + place, data })),
  )
  // We count among those who have it only once our own disk has it (thesis §10.2.1).
  send(raft, 'MsgAppResp', { to: raft.id, index })
  return true
}

/**
 * A large proposal is taken while nothing else waits, or it never could be. Empty entries are
 * always taken: the one that opens a leadership, and the one that leaves a joint configuration.
 */
function reserve(raft: Raft, leader: Leader, size: number): boolean {
  const total = leader.uncommittedSize + size
  const exceeds = total > raft.settings.maxUncommittedEntriesSize
  if (leader.uncommittedSize > 0 && size > 0 && exceeds) return false
  leader.uncommittedSize = total
  return true
}

/**
 * What is applied no longer counts. The sum may fall short of what is there, never below nothing.
 */
export function releaseUncommitted(leader: Leader, size: number): void {
  leader.uncommittedSize = Math.max(0, leader.uncommittedSize - size)
}

/**
 * Commits what a quorum has. Counting copies proves nothing for an entry of an earlier term: a
 * rival may still overwrite it. It commits only in the wake of one of ours (paper §5.4.2, figure
 * 8).
 */
export function commitByQuorum(raft: Raft, leader: Leader): boolean {
  return raft.log.maybeCommit({ term: raft.term, index: leader.tracker.committed() })
}

export function broadcastAppends(raft: Raft, leader: Leader): void {
  for (const [id, progress] of leader.tracker.progress) {
    if (id !== raft.id) sendAppend(raft, id, progress)
  }
}

/** Heartbeats tell of the commit index, as far as the peer is known to have the log. */
export function broadcastHeartbeats(
  raft: Raft,
  leader: Leader,
  context: Uint8Array | null = leader.reads.context(),
): void {
  for (const [to, progress] of leader.tracker.progress) {
    if (to === raft.id) continue
    // Not beyond `match`: the rest of its log may be another one than ours.
    const commit = Math.min(progress.match, raft.log.committed)
    send(raft, 'MsgHeartbeat', { to, commit, context })
    commitSent(progress, commit)
  }
}

/** Sends what comes next for this peer, or nothing but the commit index. */
export function sendAppend(raft: Raft, to: NodeId, progress: Progress): void {
  maybeSendAppend(raft, to, progress, 'also empty')
}

/** True if something was sent. `only entries` sends no append without any. */
export function maybeSendAppend(
  raft: Raft,
  to: NodeId,
  progress: Progress,
  what: 'also empty' | 'only entries',
): boolean {
  if (isPaused(progress)) return false
  const index = progress.next - 1
  const logTerm = raft.log.term(index)
  if (!logTerm.ok) return maybeSendSnapshot(raft, to, progress)
  // With the window full an empty append still goes: if all that is in flight was lost, its answer
  // is what clears the window.
  const isFull = progress.state === 'replicate' && progress.inflights.isFull()
  const found = isFull ? noEntries : raft.log.entries(progress.next, raft.settings.maxSizePerMsg)
  const entries = found.ok ? found.value : []
  if (entries.length === 0 && what === 'only entries') return false
  if (!found.ok) return maybeSendSnapshot(raft, to, progress)
  const commit = raft.log.committed
  send(raft, 'MsgApp', { to, index, logTerm: logTerm.value, entries, commit })
  appendSent(progress, entries.length, payloadSize(entries))
  commitSent(progress, commit)
  return true
}

const noEntries: { readonly ok: true; readonly value: readonly Entry[] } = { ok: true, value: [] }

/** The peer needs entries that are gone: it gets what they amounted to (paper §7). */
function maybeSendSnapshot(raft: Raft, to: NodeId, progress: Progress): boolean {
  const { logger, log } = raft
  const self = hex(raft.id)
  const peer = hex(to)
  if (!progress.recentActive) {
    logger.debug(`ignore sending snapshot to ${peer} since it is not recently active`)
    return false
  }
  const found = log.snapshot()
  if (!found.ok) {
    logger.debug(
      `${self} failed to send snapshot to ${peer} because snapshot is temporarily unavailable`,
    )
    return false
  }
  const snapshot = found.value
  const { index, term } = snapshot.metadata
  assert(index > 0, 'a log that starts after its beginning has a snapshot')
  logger.debug(
    `${self} [firstindex: ${log.firstIndex()}, commit: ${log.committed}] sent snapshot` +
      `[index: ${index}, term: ${term}] to ${peer} [${describeProgress(progress)}]`,
  )
  becomeSnapshot(progress, index)
  logger.debug(
    `${self} paused sending replication messages to ${peer} [${describeProgress(progress)}]`,
  )
  send(raft, 'MsgSnap', { to, snapshot })
  return true
}
