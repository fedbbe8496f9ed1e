import { assert } from '../../src-shared/base/assert.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { objectionTo } from './admit.ts'
import { becomeFollower } from './become.ts'
import { confStateOf } from './confchange/restore.ts'
import { asV2 } from './confchange/transition.ts'
import { type Config, settingsOf } from './config.ts'
import type { ConfChange, ConfChangeV2, ConfState, Entry, NodeId } from './entry.ts'
import { applyConfChange } from './membership.ts'
import { type Message, newMessage } from './message.ts'
import { hardStateOf, type Raft } from './raft.ts'
import {
  answersTo,
  hasReady,
  mayApplyUnstable,
  peekReady,
  type Ready,
  softStateOf,
  type Told,
} from './ready.ts'
import type { StepRefused } from './refused.ts'
import { newRaft } from './start.ts'
import { type BasicStatus, basicStatusOf, type Status, statusOf } from './status.ts'
import { step } from './step.ts'
import { tick } from './tick.ts'
import { encodeConfChange, encodeConfChangeV2 } from './wire/conf-change.ts'

export type { StepRefused } from './refused.ts'
export type { BasicStatus, Status } from './status.ts'

/** A founding member; `context` is the application's, and comes with its entry. */
export interface Peer {
  readonly id: NodeId
  readonly context: Uint8Array | null
}

export type BootstrapRefused = 'no-peers' | 'log-not-empty'

/**
 * One member as a state machine. Ticks, proposals and messages go in, a Ready comes out: what to
 * write, to send and to apply. The driver does that and says so. Nothing here waits or looks at a
 * clock, and nothing is done twice.
 */
export class RawNode {
  readonly #raft: Raft
  #told: Told
  /** What the storage will have answered once the Ready that is out is worked off. */
  #answers: readonly Message[] = []

  /** Throws for a config that contradicts itself; `settingsOf` tells the reason beforehand. */
  constructor(config: Config) {
    const settings = settingsOf(config)
    if (!settings.ok) assert(false, settings.error.claim)
    this.#raft = newRaft(settings.value)
    this.#told = { softState: softStateOf(this.#raft), hardState: hardStateOf(this.#raft) }
  }

  /** One unit of time has passed. */
  tick(): void {
    tick(this.#raft)
  }

  /** Begins an election now, as after a timeout. */
  campaign(): Outcome<void, StepRefused> {
    return step(this.#raft, newMessage('MsgHup', { from: this.#raft.id }))
  }

  /** Success means that it is in a leader's log or on its way there: it may still be lost. */
  propose(data: Uint8Array): Outcome<void, StepRefused> {
    return this.#propose({ type: 'EntryNormal', term: 0, index: 0, data })
  }

  /** As `propose`; once it is committed, the driver decides, and calls `applyConfChange`. */
  proposeConfChange(change: ConfChange | ConfChangeV2): Outcome<void, StepRefused> {
    const entry: Entry =
      change.kind === 'v1'
        ? { type: 'EntryConfChange', term: 0, index: 0, data: encodeConfChange(change) }
        : { type: 'EntryConfChangeV2', term: 0, index: 0, data: encodeConfChangeV2(change) }
    return this.#propose(entry)
  }

  /**
   * Puts a committed change into force and answers the new configuration. To be called for every
   * entry with one, in the order of the log. Throws for a change that cannot be applied.
   *
   * `index` is that of its entry. With asynchronous storage writes a driver may still be applying
   * entries when a snapshot that holds them is taken in: such a change is in force already, and
   * nothing may follow on it twice.
   */
  applyConfChange(change: ConfChange | ConfChangeV2, index = Number.POSITIVE_INFINITY): ConfState {
    const raft = this.#raft
    return index <= raft.restoredTo
      ? confStateOf(raft.configuration)
      : applyConfChange(raft, asV2(change))
  }

  /** Takes in a message from another member or from a storage thread. */
  step(message: Message): Outcome<void, StepRefused> {
    const objection = objectionTo(this.#raft, message)
    return objection === null ? step(this.#raft, message) : fail(objection)
  }

  hasReady(): boolean {
    return hasReady(this.#raft, this.#told)
  }

  /** What `ready` would hand out; it stays there. */
  peek(): Ready {
    return peekReady(this.#raft, this.#told)
  }

  /**
   * Hands out what is to be done. With synchronous storage writes, `advance` comes before the next.
   */
  ready(): Ready {
    const ready = this.peek()
    this.#accept(ready)
    return ready
  }

  /** The Ready that is out is worked off. Only with synchronous storage writes. */
  advance(): void {
    assert(
      !this.#raft.settings.asyncStorageWrites,
      'with asynchronous storage writes the responses are stepped instead of advancing',
    )
    const answers = this.#answers
    this.#answers = []
    for (const answer of answers) step(this.#raft, answer)
  }

  /** Asks for a ReadState with this context: it may never come, then ask again. */
  readIndex(context: Uint8Array): void {
    const entries: readonly Entry[] = [{ type: 'EntryNormal', term: 0, index: 0, data: context }]
    step(this.#raft, newMessage('MsgReadIndex', { entries }))
  }

  /** Asks the leader to hand over to `to`. */
  transferLeader(to: NodeId): void {
    step(this.#raft, newMessage('MsgTransferLeader', { from: to }))
  }

  /** A follower votes again at once for whom it likes; ignored with lease-based reads. */
  forgetLeader(): Outcome<void, StepRefused> {
    return step(this.#raft, newMessage('MsgForgetLeader', {}))
  }

  /** The last message to this member was not sent. */
  reportUnreachable(id: NodeId): void {
    step(this.#raft, newMessage('MsgUnreachable', { from: id }))
  }

  /** What became of the snapshot that was sent to this member. To be called for each. */
  reportSnapshot(id: NodeId, arrived: boolean): void {
    step(this.#raft, newMessage('MsgSnapStatus', { from: id, reject: !arrived }))
  }

  status(): Status {
    return statusOf(this.#raft)
  }

  basicStatus(): BasicStatus {
    return basicStatusOf(this.#raft)
  }

  /**
   * Founds a group of these members on an empty storage, with one entry for each. Every founder
   * does the same with the same list; whoever joins later does not.
   */
  bootstrap(peers: readonly Peer[]): Outcome<void, BootstrapRefused> {
    const raft = this.#raft
    if (peers.length === 0) return fail('no-peers')
    if (raft.settings.storage.lastIndex() !== 0) return fail('log-not-empty')
    becomeFollower(raft, 1, 0n)
    const type = 'ConfChangeAddNode'
    const entries = peers.map(({ id, context }, place): Entry => {
      const data = encodeConfChange({ kind: 'v1', id: 0n, type, nodeId: id, context })
      return { type: 'EntryConfChange', term: 1, index: place + 1, data }
    })
    raft.log.append(entries)
    raft.log.commitTo(entries.length)
    // In force at once, so that an election can begin; applied again when they come out as
    // committed.
    for (const { id } of peers) {
      const changes = [{ type, nodeId: id }] as const
      const transition = 'ConfChangeTransitionAuto'
      applyConfChange(raft, { kind: 'v2', transition, changes, context: null })
    }
    return ok(undefined)
  }

  /** For scripted scenarios: until the next change of role or term, dice do not matter. */
  pinElectionTimeout(ticks: number): void {
    this.#raft.electionTimeout = ticks
  }

  #propose(entry: Entry): Outcome<void, StepRefused> {
    const { id } = this.#raft
    return step(this.#raft, newMessage('MsgProp', { from: id, entries: [entry] }))
  }

  #accept(ready: Ready): void {
    const raft = this.#raft
    this.#told = {
      softState: ready.softState ?? this.#told.softState,
      hardState: ready.hardState ?? this.#told.hardState,
    }
    if (!raft.settings.asyncStorageWrites) {
      assert(this.#answers.length === 0, 'a Ready is worked off before the next one is taken')
      this.#answers = answersTo(raft, ready)
    }
    raft.messages = []
    raft.promises = []
    raft.readStates = []
    raft.log.unstable.acceptInProgress()
    raft.log.acceptApplying(ready.committedEntries, mayApplyUnstable(raft))
  }
}
