import { assert } from '../../src-shared/base/assert.ts'
import { becomeFollower, freshProgress, inflightsLimit } from './become.ts'
import { type Changed, changeSimply, enterJoint, leaveJoint } from './confchange/changer.ts'
import type { ChangeBasis } from './confchange/draft.ts'
import { describeRefused } from './confchange/refused.ts'
import { confStateOf, isSameConfState, restore } from './confchange/restore.ts'
import { transitionOf } from './confchange/transition.ts'
import { type ConfChangeV2, type ConfState, nobody } from './entry.ts'
import { isVoter } from './quorum/joint.ts'
import { hex, isLearner, isMember, type Raft } from './raft.ts'
import { afterCommit, releaseReads } from './reads.ts'
import { broadcastAppends, commitByQuorum, maybeSendAppend } from './replicate.ts'
import type { Leader } from './role.ts'
import type { Membership } from './tracker/configuration.ts'
import { describeConfiguration } from './tracker/describe.ts'

/**
 * A committed change of the configuration takes effect where it is applied (thesis §4.1 has it take
 * effect where it is appended; see README). One that cannot be applied stops the member: what is
 * committed is applied by everybody alike or not at all.
 */
export function applyConfChange(raft: Raft, change: ConfChangeV2): ConfState {
  const changed = changeOf(raft, change)
  if (!changed.ok) {
    assert(false, `a committed change can be applied: ${describeRefused(changed.error)}`)
  }
  return switchTo(raft, changed.value)
}

/** The configuration that a snapshot or an earlier life recorded. */
export function restoreConfState(raft: Raft, confState: ConfState): void {
  const basis = { lastIndex: raft.log.lastIndex(), limit: inflightsLimit(raft) }
  const restored = restore(basis, confState)
  if (!restored.ok) {
    assert(false, `a recorded configuration can be restored: ${describeRefused(restored.error)}`)
  }
  const now = switchTo(raft, restored.value)
  assert(isSameConfState(confState, now), 'a restored configuration is the recorded one')
}

function changeOf(raft: Raft, change: ConfChangeV2): Changed {
  const { role, configuration } = raft
  const progress =
    role.kind === 'leader' ? role.tracker.progress : freshProgress(raft, configuration)
  const basis: ChangeBasis = {
    membership: { configuration, progress },
    lastIndex: raft.log.lastIndex(),
    limit: inflightsLimit(raft),
  }
  const transition = transitionOf(change)
  switch (transition.kind) {
    case 'simple':
      return changeSimply(basis, change.changes)
    case 'enter-joint':
      return enterJoint(basis, transition.autoLeave, change.changes)
    case 'leave-joint':
      return leaveJoint(basis)
  }
}

function switchTo(raft: Raft, membership: Membership): ConfState {
  raft.configuration = membership.configuration
  const { role } = raft
  if (role.kind === 'leader') role.tracker.switchTo(membership)
  const described = describeConfiguration(raft.configuration)
  raft.logger.info(`${hex(raft.id)} switched to configuration ${described}`)
  const confState = confStateOf(raft.configuration)
  if (role.kind === 'leader') adoptAsLeader(raft, role)
  return confState
}

function adoptAsLeader(raft: Raft, leader: Leader): void {
  if (!isMember(raft, raft.id) || isLearner(raft)) {
    // Otherwise it goes on leading a group that it does not count in, until it hears of another
    // leader (thesis §4.2.2).
    if (raft.settings.stepDownOnRemoval) becomeFollower(raft, raft.term, nobody)
    return
  }
  if (commitByQuorum(raft, leader)) {
    // A smaller quorum may have had more than the larger one.
    afterCommit(raft, leader)
    broadcastAppends(raft, leader)
  } else {
    // New members need not wait for the next heartbeat.
    for (const [id, progress] of leader.tracker.progress) {
      if (id !== raft.id) maybeSendAppend(raft, id, progress, 'only entries')
    }
  }
  // Nor may a smaller quorum be waited for any longer than it takes.
  releaseReads(raft, leader)
  if (!isVoter(raft.configuration.voters, leader.transferee)) leader.transferee = nobody
}
