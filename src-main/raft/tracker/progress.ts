import { assert } from '../../../src-shared/base/assert.ts'
import { Inflights, type InflightsLimit } from './inflights.ts'

/**
 * How the leader sends to a peer. `probe`: it does not know where their logs meet and asks with one
 * append at a time. `replicate`: it knows, and streams ahead of the answers. `snapshot`: the peer
 * needs entries that are gone.
 */
export type ProgressState = 'probe' | 'replicate' | 'snapshot'

/**
 * What the leader knows of one peer's log. Changed only by the functions of this file, and
 * `recentActive` by the leader.
 */
export interface Progress {
  /** The last index known to be in the peer's log as in ours (matchIndex, paper figure 2). */
  match: number
  /**
   * The next index to send (nextIndex, paper figure 2); runs ahead of the answers in `replicate`.
   * Always above `match`.
   */
  next: number
  /**
   * The highest commit index sent to the peer. Lowered with `next`, since an append that was lost
   * told it nothing.
   */
  sentCommit: number
  state: ProgressState
  /** The index of the snapshot under way in `snapshot`, else 0. */
  pendingSnapshot: number
  /** Whether the peer was heard since the last quorum check. */
  recentActive: boolean
  /** No further append until the peer answers anything at all. */
  appendsPaused: boolean
  /** Has entries sent to it and no vote (thesis §4.2.1). */
  isLearner: boolean
  readonly inflights: Inflights
}

export interface NewProgress {
  readonly next: number
  readonly isLearner: boolean
  readonly limit: InflightsLimit
}

/**
 * A new peer counts as just heard: adding one must not depose the leader at the next quorum check.
 */
export function newProgress({ next, isLearner, limit }: NewProgress): Progress {
  assert(next >= 1, 'a progress starts with next at 1 or above')
  return {
    match: 0,
    next,
    sentCommit: 0,
    state: 'probe',
    pendingSnapshot: 0,
    recentActive: true,
    appendsPaused: false,
    isLearner,
    inflights: new Inflights(limit),
  }
}

/** Starts over from what is certain; after a snapshot, from behind it, as if it had arrived. */
export function becomeProbe(progress: Progress): void {
  const { pendingSnapshot } = progress // 0 in any other state
  enter(progress, 'probe')
  progress.next = Math.max(progress.match, pendingSnapshot) + 1
  lowerSentCommit(progress)
}

export function becomeReplicate(progress: Progress): void {
  enter(progress, 'replicate')
  progress.next = progress.match + 1
}

/** Nothing is sent while the snapshot is under way; it carries its own commit index. */
export function becomeSnapshot(progress: Progress, snapshotIndex: number): void {
  enter(progress, 'snapshot')
  progress.pendingSnapshot = snapshotIndex
  progress.next = snapshotIndex + 1
  progress.sentCommit = snapshotIndex
}

/** An append with `entries` entries of `bytes` payload in all left for the peer. */
export function appendSent(progress: Progress, entries: number, bytes: number): void {
  assert(progress.state !== 'snapshot', 'no append is sent while a snapshot is under way')
  if (progress.state === 'probe') {
    if (entries > 0) progress.appendsPaused = true
    return
  }
  if (entries > 0) {
    // Optimistic: the next append follows on without waiting for the answer to this one.
    progress.next += entries
    progress.inflights.add(progress.next - 1, bytes)
  }
  // With the window full this append was a probe: the next one waits for an answer.
  progress.appendsPaused = progress.inflights.isFull()
}

/**
 * Whether telling the peer of `commit` can raise its own commit index: it can commit no more than
 * it has been sent, so once that much was told, more helps nothing.
 */
export function canRaiseCommit(progress: Progress, commit: number): boolean {
  return commit > progress.sentCommit && progress.sentCommit < progress.next - 1
}

export function commitSent(progress: Progress, commit: number): void {
  progress.sentCommit = commit
}

/** The peer holds our log up to `index`. False if that was known: an old or repeated answer. */
export function acknowledged(progress: Progress, index: number): boolean {
  if (index <= progress.match) return false
  progress.match = index
  progress.next = Math.max(progress.next, index + 1)
  progress.appendsPaused = false
  return true
}

/**
 * The peer refused an append after `rejected` and says its log can meet ours at `hint` or before
 * (paper §5.3). False, with nothing changed, when the refusal cannot be of the latest append:
 * messages may be repeated and overtake one another.
 */
export function refused(progress: Progress, rejected: number, hint: number): boolean {
  if (progress.state === 'replicate') {
    if (rejected <= progress.match) return false
    progress.next = progress.match + 1
    lowerSentCommit(progress)
    return true
  }
  if (rejected !== progress.next - 1) return false
  progress.next = Math.max(Math.min(rejected, hint + 1), progress.match + 1)
  lowerSentCommit(progress)
  progress.appendsPaused = false
  return true
}

export function isPaused(progress: Progress): boolean {
  return progress.state === 'snapshot' || progress.appendsPaused
}

/** A copy that later changes of this one do not reach. */
export function copyProgress(progress: Progress): Progress {
  return { ...progress, inflights: progress.inflights.copy() }
}

function enter(progress: Progress, state: ProgressState): void {
  progress.appendsPaused = false
  progress.pendingSnapshot = 0
  progress.state = state
  progress.inflights.clear()
}

function lowerSentCommit(progress: Progress): void {
  progress.sentCommit = Math.min(progress.sentCommit, progress.next - 1)
}
