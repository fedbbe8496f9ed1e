import { becomeFollower } from './become.ts'
import type { Settings } from './config.ts'
import { type HardState, nobody } from './entry.ts'
import { RaftLog } from './log/raft-log.ts'
import { restoreConfState } from './membership.ts'
import { hex, type Raft, votersOf } from './raft.ts'
import { emptyMembership } from './tracker/configuration.ts'

/**
 * A member as it wakes up: with what its storage remembers, as a follower of nobody (paper §5.2).
 */
export function newRaft(settings: Settings): Raft {
  const { id, storage, logger, maxCommittedSizePerReady } = settings
  const raft: Raft = {
    id,
    settings,
    logger,
    log: new RaftLog({ storage, logger, applyingSizeMax: maxCommittedSizePerReady }),
    term: 0,
    vote: nobody,
    role: { kind: 'follower', leader: nobody },
    configuration: emptyMembership.configuration,
    restoredTo: 0,
    electionElapsed: 0,
    electionTimeout: settings.electionTick,
    messages: [],
    promises: [],
    readStates: [],
    postponedReads: [],
  }
  const { hardState, confState } = storage.initialState()
  restoreConfState(raft, confState)
  load(raft, hardState)
  if (settings.applied > 0) raft.log.appliedTo(settings.applied, 0)
  becomeFollower(raft, raft.term, nobody)
  logger.info(describeStart(raft))
  return raft
}

function load(raft: Raft, { term, vote, commit }: HardState): void {
  if (term === 0 && vote === nobody && commit === 0) return
  raft.log.loadCommit(commit)
  raft.term = term
  raft.vote = vote
}

function describeStart(raft: Raft): string {
  const { log, term } = raft
  const last = log.lastEntryId()
  return (
    `newRaft ${hex(raft.id)} [peers: [${votersOf(raft).map(hex).join(',')}], term: ${term}, ` +
    `commit: ${log.committed}, applied: ${log.applied}, lastindex: ${last.index}, ` +
    `lastterm: ${last.term}]`
  )
}
