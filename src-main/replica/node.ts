/**
 * The asynchronous face of RawNode. Calls come from anywhere and at any time; what they make raft want comes out as a
 * stream of Readys for one reader. There are no threads to guard against here: a call reaches the state machine at once,
 * and the reader of the stream is woken in a later turn, so that everything that arrived together becomes one Ready.
 */
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { ConfChange, ConfChangeV2, ConfState, NodeId } from '../raft/entry.ts'
import { nobody } from '../raft/entry.ts'
import { isLocal, isStorageThread, type Message } from '../raft/message.ts'
import type { BasicStatus, RawNode, Status, StepRefused } from '../raft/raw-node.ts'
import type { Ready } from '../raft/ready.ts'
import type { Log } from './ports.ts'

/** More ticks than this wait for nobody: a machine that slept must not live through its night in a burst. */
export const ticksWaitingMax = 128
/** Proposals that may wait for a leader at one time; the next is refused, for memory has an end. */
export const proposalsWaitingMax = 4_096

export type NodeRefused =
  | StepRefused
  | { readonly kind: 'stopped' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'too-many-waiting' }

interface WaitingProposal {
  go(): void
  stop(): void
}

export class Node {
  readonly #raw: RawNode
  readonly #log: Log
  readonly #waiting = new Set<WaitingProposal>()
  #ticks = 0
  #turnAsked = false
  #leader: NodeId = nobody
  /** False once a configuration without this member was applied: it may not propose any more. */
  #mayPropose = true
  #stopped = false
  #reader: ((next: IteratorResult<Ready>) => void) | null = null

  constructor(raw: RawNode, log: Log) {
    this.#raw = raw
    this.#log = log
    this.#leader = raw.basicStatus().softState.lead
  }

  /** One unit of time; a caller every 100 ms. Above `ticksWaitingMax` not yet worked off, ticks are dropped with a warning. */
  tick(): void {
    if (this.#stopped) return
    if (this.#ticks >= ticksWaitingMax) {
      this.#log.warn(`raft.node: ${this.#name()} A tick missed to fire. Node blocks too long!`)
      return
    }
    this.#ticks++
    this.#askTurn()
  }

  campaign(): Outcome<void, NodeRefused> {
    return this.#do(() => this.#raw.campaign())
  }

  /**
   * Proposes data for the log. While no leader is known it waits; it fails when the proposal was dropped, when `signal`
   * aborts and when the node stops. Success means "handed over", not "committed": proposals can be lost without notice.
   */
  async propose(data: Uint8Array, signal?: AbortSignal): Promise<Outcome<void, NodeRefused>> {
    const led = await this.#whenLed(signal)
    return led.ok ? this.#do(() => this.#raw.propose(data)) : led
  }

  async proposeConfChange(
    change: ConfChange | ConfChangeV2,
    signal?: AbortSignal,
  ): Promise<Outcome<void, NodeRefused>> {
    const led = await this.#whenLed(signal)
    return led.ok ? this.#do(() => this.#raw.proposeConfChange(change)) : led
  }

  /** The same at once: refused as dropped while there is no leader. */
  proposeNow(data: Uint8Array): Outcome<void, NodeRefused> {
    if (!this.#mayPropose) return fail({ kind: 'proposal-dropped' })
    return this.#do(() => this.#raw.propose(data))
  }

  /** Takes in a message from a member. Local types are ignored, as are answers of members that are not in the configuration. */
  step(message: Message): Outcome<void, NodeRefused> {
    if (isLocal(message.type) && !isStorageThread(message.from)) return ok(undefined)
    const stepped = this.#do(() => this.#raw.step(message))
    return !stepped.ok && stepped.error.kind === 'peer-not-found' ? ok(undefined) : stepped
  }

  /** Readys in order, for one reader. Ends when the node stops. */
  ready(): AsyncIterable<Ready> {
    return { [Symbol.asyncIterator]: () => ({ next: () => this.#next() }) }
  }

  /** The last Ready is worked off (synchronous storage writes only). */
  advance(): void {
    if (this.#stopped) return
    this.#raw.advance()
    this.#askTurn()
  }

  /** `index` is its entry's: what a snapshot has brought already is not done again. */
  applyConfChange(change: ConfChange | ConfChangeV2, index?: number): ConfState {
    const confState = this.#raw.applyConfChange(change, index)
    const id = this.#raw.basicStatus().id
    const known = [...confState.voters, ...confState.votersOutgoing, ...confState.learners]
    this.#mayPropose = known.includes(id)
    this.#askTurn()
    return confState
  }

  transferLeadership(transferee: NodeId): void {
    this.#do(() => ok(this.#raw.transferLeader(transferee)))
  }

  forgetLeader(): Outcome<void, NodeRefused> {
    return this.#do(() => this.#raw.forgetLeader())
  }

  readIndex(context: Uint8Array): void {
    this.#do(() => ok(this.#raw.readIndex(context)))
  }

  reportUnreachable(id: NodeId): void {
    this.#do(() => ok(this.#raw.reportUnreachable(id)))
  }

  reportSnapshot(id: NodeId, arrived: boolean): void {
    this.#do(() => ok(this.#raw.reportSnapshot(id, arrived)))
  }

  /** Null after the node has stopped. */
  status(): Status | null {
    return this.#stopped ? null : this.#raw.status()
  }

  basicStatus(): BasicStatus | null {
    return this.#stopped ? null : this.#raw.basicStatus()
  }

  /** Everything that waits fails with `stopped`, the stream ends. Doing it twice does nothing more. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    for (const proposal of [...this.#waiting]) proposal.stop()
    this.#reader?.({ done: true, value: undefined })
    this.#reader = null
  }

  #do(call: () => Outcome<void, StepRefused>): Outcome<void, NodeRefused> {
    if (this.#stopped) return fail({ kind: 'stopped' })
    const outcome = call()
    this.#askTurn()
    return outcome
  }

  #next(): Promise<IteratorResult<Ready>> {
    return new Promise((resolve) => {
      if (this.#stopped) return resolve({ done: true, value: undefined })
      this.#reader = resolve
      this.#askTurn()
    })
  }

  /** Everything that happens in this turn of the event loop ends up in one Ready. */
  #askTurn(): void {
    if (this.#turnAsked || this.#stopped) return
    this.#turnAsked = true
    queueMicrotask(() => {
      this.#turnAsked = false
      this.#turn()
    })
  }

  #turn(): void {
    if (this.#stopped) return
    for (; this.#ticks > 0; this.#ticks--) this.#raw.tick()
    if (this.#reader === null || !this.#raw.hasReady()) return
    const ready = this.#raw.ready()
    if (ready.softState !== null) this.#noteLeader(ready.softState.lead)
    const reader = this.#reader
    this.#reader = null
    reader({ done: false, value: ready })
  }

  #noteLeader(leader: NodeId): void {
    if (leader === this.#leader) return
    const { hardState } = this.#raw.basicStatus()
    const at = `at term ${hardState.term}`
    const [before, after] = [this.#leader.toString(16), leader.toString(16)]
    if (this.#leader === nobody) {
      this.#log.info(`raft.node: ${this.#name()} elected leader ${after} ${at}`)
    } else if (leader === nobody) {
      this.#log.info(`raft.node: ${this.#name()} lost leader ${before} ${at}`)
    } else {
      this.#log.info(`raft.node: ${this.#name()} changed leader from ${before} to ${after} ${at}`)
    }
    this.#leader = leader
    if (leader !== nobody) for (const proposal of [...this.#waiting]) proposal.go()
  }

  #whenLed(signal: AbortSignal | undefined): Promise<Outcome<void, NodeRefused>> {
    return new Promise((resolve) => {
      if (this.#stopped) return resolve(fail({ kind: 'stopped' }))
      if (signal?.aborted) return resolve(fail({ kind: 'cancelled' }))
      if (!this.#mayPropose) return resolve(fail({ kind: 'proposal-dropped' }))
      if (this.#leader !== nobody) return resolve(ok(undefined))
      if (this.#waiting.size >= proposalsWaitingMax) {
        return resolve(fail({ kind: 'too-many-waiting' }))
      }
      const settle = (outcome: Outcome<void, NodeRefused>): void => {
        this.#waiting.delete(waiting)
        signal?.removeEventListener('abort', cancel)
        resolve(outcome)
      }
      const cancel = (): void => settle(fail({ kind: 'cancelled' }))
      const waiting: WaitingProposal = {
        go: () => settle(ok(undefined)),
        stop: () => settle(fail({ kind: 'stopped' })),
      }
      this.#waiting.add(waiting)
      signal?.addEventListener('abort', cancel)
    })
  }

  #name(): string {
    return this.#raw.basicStatus().id.toString(16)
  }
}
