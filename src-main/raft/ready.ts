import type { Snapshot } from './entry.ts'
import { appendThread, applyThread, type Entry, type HardState, type NodeId } from './entry.ts'
import { type Message, newMessage } from './message.ts'
import { hardStateOf, leaderOf, type Raft } from './raft.ts'
import type { ReadState } from './read-only.ts'
import { type RaftState, raftStateOf } from './role.ts'

/** What is only good to know. */
export interface SoftState {
  readonly lead: NodeId
  readonly raftState: RaftState
}

/** What raft wants done. Null and empty: nothing of that kind. */
export interface Ready {
  readonly softState: SoftState | null
  /** To be durable before any message of this Ready leaves (thesis §3.8). */
  readonly hardState: HardState | null
  readonly readStates: readonly ReadState[]
  /** To be written, over any suffix from the first of them on, before any message leaves. */
  readonly entries: readonly Entry[]
  /** To be written in the place of the whole log. */
  readonly snapshot: Snapshot | null
  /** To be applied, in order; they are durable on a quorum. */
  readonly committedEntries: readonly Entry[]
  /**
   * To be sent. With asynchronous storage writes they leave at once, and the work above comes again
   * as messages to the storage threads, each with the responses to deliver when it is done.
   */
  readonly messages: readonly Message[]
  /** Whether the writes of this Ready must be on disk, or may be lost with the machine. */
  readonly mustSync: boolean
}

/** What the last Ready said, and what is news against it. */
export interface Told {
  readonly softState: SoftState
  readonly hardState: HardState
}

export function softStateOf(raft: Raft): SoftState {
  return { lead: leaderOf(raft), raftState: raftStateOf(raft.role) }
}

export function hasReady(raft: Raft, told: Told): boolean {
  return (
    isSoftStateNew(raft, told) ||
    isHardStateNew(raft, told) ||
    raft.log.unstable.nextSnapshot() !== null ||
    raft.messages.length > 0 ||
    raft.promises.length > 0 ||
    raft.log.unstable.hasNextEntries() ||
    raft.log.hasNextCommitted(mayApplyUnstable(raft)) ||
    raft.readStates.length > 0
  )
}

/** Looks, and takes nothing. */
export function peekReady(raft: Raft, told: Told): Ready {
  const { log, term, vote } = raft
  const entries = log.unstable.nextEntries()
  const work: Work = {
    hardState: isHardStateNew(raft, told) ? hardStateOf(raft) : null,
    entries,
    snapshot: log.unstable.nextSnapshot(),
    committedEntries: log.nextCommitted(mayApplyUnstable(raft)),
  }
  const before = told.hardState
  return {
    softState: isSoftStateNew(raft, told) ? softStateOf(raft) : null,
    ...work,
    readStates: raft.readStates,
    messages: messagesFor(raft, work),
    // The commit index alone can be told again by any leader.
    mustSync: entries.length > 0 || term !== before.term || vote !== before.vote,
  }
}

/** With one Ready at a time, entries are on disk before they are applied anyhow. */
export function mayApplyUnstable({ settings }: Raft): boolean {
  return !settings.asyncStorageWrites
}

/** What to step when a Ready is worked off: what the storage threads would have answered. */
export function answersTo(raft: Raft, ready: Ready): readonly Message[] {
  const answers = raft.promises.filter(({ to }) => to === raft.id)
  if (awaitsAppend(raft, ready)) answers.push(appendResponse(raft, ready))
  if (ready.committedEntries.length > 0) answers.push(applyResponse(raft, ready))
  return answers
}

type Work = Pick<Ready, 'hardState' | 'entries' | 'snapshot' | 'committedEntries'>

function messagesFor(raft: Raft, work: Work): readonly Message[] {
  if (!raft.settings.asyncStorageWrites) {
    const others = raft.promises.filter(({ to }) => to !== raft.id)
    return [...raft.messages, ...others]
  }
  const messages = [...raft.messages]
  const { hardState, entries, snapshot, committedEntries } = work
  const writes = hardState !== null || entries.length > 0 || snapshot !== null
  if (writes || raft.promises.length > 0) messages.push(appendRequest(raft, work))
  if (committedEntries.length > 0) messages.push(applyRequest(raft, work))
  return messages
}

/**
 * Promises wait for this write even if it writes nothing: they may be about one still under way.
 */
function appendRequest(raft: Raft, work: Work): Message {
  const { hardState, entries, snapshot } = work
  const responses = awaitsAppend(raft, work)
    ? [...raft.promises, appendResponse(raft, work)]
    : raft.promises
  return newMessage('MsgStorageAppend', {
    to: appendThread,
    from: raft.id,
    term: hardState?.term ?? 0,
    vote: hardState?.vote ?? 0n,
    commit: hardState?.commit ?? 0,
    entries,
    snapshot,
    responses,
  })
}

function awaitsAppend(raft: Raft, { snapshot }: Work): boolean {
  return raft.log.unstable.length > 0 || snapshot !== null
}

/**
 * It names the end of the whole log and our term, not just what this write holds: an entry may be
 * replaced and come back while writes of both are under way, and only the answer to the last write
 * of a term proves that what we hold now is what the disk holds.
 */
function appendResponse(raft: Raft, { snapshot }: Work): Message {
  const last = raft.log.unstable.length > 0 ? raft.log.lastEntryId() : { index: 0, term: 0 }
  return newMessage('MsgStorageAppendResp', {
    to: raft.id,
    from: appendThread,
    term: raft.term,
    index: last.index,
    logTerm: last.term,
    snapshot,
  })
}

function applyRequest(raft: Raft, work: Work): Message {
  return newMessage('MsgStorageApply', {
    to: applyThread,
    from: raft.id,
    entries: work.committedEntries,
    responses: [applyResponse(raft, work)],
  })
}

function applyResponse(raft: Raft, { committedEntries }: Work): Message {
  return newMessage('MsgStorageApplyResp', {
    to: raft.id,
    from: applyThread,
    entries: committedEntries,
  })
}

function isSoftStateNew(raft: Raft, { softState }: Told): boolean {
  return leaderOf(raft) !== softState.lead || raftStateOf(raft.role) !== softState.raftState
}

function isHardStateNew({ term, vote, log }: Raft, { hardState }: Told): boolean {
  return term !== hardState.term || vote !== hardState.vote || log.committed !== hardState.commit
}
