import { assert } from '../../src-shared/base/assert.ts'
import { type NodeId, nobody } from './entry.ts'
import { ascending } from './quorum/joint.ts'
import { hex, type Raft } from './raft.ts'
import { ReadOnly } from './read-only.ts'
import type { Leader } from './role.ts'
import type { Configuration } from './tracker/configuration.ts'
import type { InflightsLimit } from './tracker/inflights.ts'
import { becomeReplicate, newProgress, type Progress } from './tracker/progress.ts'
import { ProgressTracker } from './tracker/progress-tracker.ts'

/** The changes of role (paper figure 4). Whatever the old role knew ends with it. */

export function becomeFollower(raft: Raft, term: number, leader: NodeId): void {
  startOver(raft, term)
  raft.role = { kind: 'follower', leader }
  raft.logger.info(`${hex(raft.id)} became follower at term ${raft.term}`)
}

/** It only asks: neither its term nor its vote moves, nor its clock (thesis §9.6). */
export function becomePreCandidate(raft: Raft): void {
  assert(raft.role.kind !== 'leader', 'a leader becomes a follower before it campaigns')
  raft.role = { kind: 'candidate', isPre: true, votes: new Map() }
  raft.logger.info(`${hex(raft.id)} became pre-candidate at term ${raft.term}`)
}

export function becomeCandidate(raft: Raft): void {
  assert(raft.role.kind !== 'leader', 'a leader becomes a follower before it campaigns')
  startOver(raft, raft.term + 1)
  raft.vote = raft.id
  raft.role = { kind: 'candidate', isPre: false, votes: new Map() }
  raft.logger.info(`${hex(raft.id)} became candidate at term ${raft.term}`)
}

/** The caller appends the empty entry with which a leadership begins (paper §8). */
export function becomeLeader(raft: Raft): Leader {
  const { role } = raft
  assert(role.kind === 'candidate', 'only a candidate becomes a leader')
  startOver(raft, raft.term)
  const tracker = new ProgressTracker()
  tracker.switchTo({
    configuration: raft.configuration,
    progress: freshProgress(raft, raft.configuration),
  })
  const own = tracker.progressOf(raft.id)
  if (own !== undefined) {
    own.match = raft.log.lastIndex()
    becomeReplicate(own)
    own.recentActive = true
  }
  const leader: Leader = {
    kind: 'leader',
    tracker,
    reads: new ReadOnly(raft.id),
    heartbeatElapsed: 0,
    transferee: nobody,
    // There may be a change among the entries it found; looking for it could mean reading them all.
    pendingConfIndex: raft.log.lastIndex(),
    uncommittedSize: 0,
  }
  raft.role = leader
  return leader
}

/**
 * What a leader knows of the others at first, and any other member always: nothing. Each would be
 * probed behind the end of our log (nextIndex, paper figure 2), and counts as heard once it was.
 */
export function freshProgress(
  raft: Raft,
  { voters, learners }: Configuration,
): ReadonlyMap<NodeId, Progress> {
  const limit = inflightsLimit(raft)
  const next = raft.log.lastIndex() + 1
  const progress = new Map<NodeId, Progress>()
  for (const id of ascending([...voters.incoming, ...voters.outgoing, ...learners])) {
    const fresh = newProgress({ next, isLearner: learners.includes(id), limit })
    fresh.recentActive = false
    progress.set(id, fresh)
  }
  return progress
}

export function inflightsLimit({ settings }: Raft): InflightsLimit {
  return { messages: settings.maxInflightMsgs, bytes: settings.maxInflightBytes }
}

function startOver(raft: Raft, term: number): void {
  assert(term >= raft.term, '[T1] a term is never left for an earlier one')
  if (term !== raft.term) {
    raft.term = term
    raft.vote = nobody
  }
  raft.electionElapsed = 0
  // Drawn anew, so that two members that met in a split vote part again (paper §5.2).
  const { electionTick, random } = raft.settings
  raft.electionTimeout = electionTick + random.below(electionTick)
}
