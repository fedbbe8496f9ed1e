import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { asV2 } from './confchange/transition.ts'
import { describeConfChange } from './describe.ts'
import type { ConfChangeV2, Entry } from './entry.ts'
import { nobody } from './entry.ts'
import { hex, isMember, type Raft } from './raft.ts'
import { dropped, malformed, type Stepped, taken } from './refused.ts'
import { appendEntries, broadcastAppends } from './replicate.ts'
import type { Leader } from './role.ts'
import { isJoint } from './tracker/configuration.ts'
import { describeConfiguration } from './tracker/describe.ts'
import { decodeConfChange, decodeConfChangeV2 } from './wire/conf-change.ts'
import { describeWireRefused } from './wire/refused.ts'

/** Puts what was proposed into the leader's log and sends it on, or takes none of it. */
export function propose(raft: Raft, leader: Leader, entries: readonly Entry[]): Stepped {
  // A leader that a change has removed still leads for a while, but takes nothing new.
  if (!isMember(raft, raft.id)) return dropped
  if (leader.transferee !== nobody) {
    raft.logger.debug(
      `${hex(raft.id)} [term ${raft.term}] transfer leadership to ${hex(leader.transferee)} ` +
        'is in progress; dropping proposal',
    )
    return dropped
  }
  const changes: (ConfChangeV2 | null)[] = []
  for (const entry of entries) {
    const decoded = changeIn(entry)
    if (!decoded.ok) return malformed(decoded.error)
    changes.push(decoded.value)
  }
  const pendingBefore = leader.pendingConfIndex
  const admitted = entries.map((entry, place) =>
    admit(raft, leader, { entry, change: changes[place] ?? null, place }),
  )
  if (!appendEntries(raft, leader, admitted)) {
    leader.pendingConfIndex = pendingBefore
    return dropped
  }
  broadcastAppends(raft, leader)
  return taken
}

/**
 * The way out of a joint configuration that leaves by itself: a change of nothing (thesis §4.3).
 */
export function proposeLeaveJoint(raft: Raft, leader: Leader): Stepped {
  return propose(raft, leader, [{ type: 'EntryConfChangeV2', term: 0, index: 0, data: null }])
}

interface Candidacy {
  readonly entry: Entry
  readonly change: ConfChangeV2 | null
  readonly place: number
}

/** An entry as it is, or an empty one in the place of a change that may not be made now. */
function admit(raft: Raft, leader: Leader, { entry, change, place }: Candidacy): Entry {
  if (change === null) return entry
  const objection = objectionTo(raft, leader, change)
  if (objection !== null && !raft.settings.disableConfChangeValidation) {
    const configuration = describeConfiguration(raft.configuration)
    raft.logger.info(
      `${hex(raft.id)} ignoring conf change ${describeConfChange(change)} ` +
        `at config ${configuration}: ${objection}`,
    )
    return { type: 'EntryNormal', term: 0, index: 0, data: null }
  }
  leader.pendingConfIndex = raft.log.lastIndex() + place + 1
  return entry
}

/**
 * One change at a time, and only from a configuration that it can start from (thesis §4.1, §4.3).
 */
function objectionTo(raft: Raft, leader: Leader, change: ConfChangeV2): string | null {
  const joint = isJoint(raft.configuration)
  const leaves = change.changes.length === 0
  if (leader.pendingConfIndex > raft.log.applied) {
    return (
      `possible unapplied conf change at index ${leader.pendingConfIndex} ` +
      `(applied to ${raft.log.applied})`
    )
  }
  if (joint && !leaves) return 'must transition out of joint config first'
  if (!joint && leaves) return 'not in joint state; refusing empty conf change'
  return null
}

/** Null for an entry that changes no configuration. */
function changeIn({ type, data }: Entry): Outcome<ConfChangeV2 | null, string> {
  if (type === 'EntryNormal') return ok(null)
  const bytes = data ?? new Uint8Array(0)
  const decoded = type === 'EntryConfChange' ? decodeConfChange(bytes) : decodeConfChangeV2(bytes)
  if (!decoded.ok) return fail(`a configuration change: ${describeWireRefused(decoded.error)}`)
  return ok(asV2(decoded.value))
}
