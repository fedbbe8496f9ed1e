/**
 * Turns the crank: reads raft's Readys and has them done, with the disk, the network and the state machine each at its own
 * pace (asynchronous storage writes, thesis §10.2.1). A message leaves at once, unless it promises something that must be
 * on disk first: then raft has put it behind the write, as a response of the append (thesis §3.8).
 *
 * Two queues, one worker each. What arrives while the disk is busy becomes the next batch, with one fsync for all of it.
 */
import { assert } from '../../src-shared/base/assert.ts'
import { fail, type Outcome } from '../../src-shared/base/outcome.ts'
import type { ConfChangeV2, ConfState, Entry, HardState, NodeId } from '../raft/entry.ts'
import type { MemoryStorage } from '../raft/log/memory-storage.ts'
import type { Message } from '../raft/message.ts'
import type { BasicStatus, RawNode, Status } from '../raft/raw-node.ts'
import type { Ready } from '../raft/ready.ts'
import { decodedConfChange } from './conf-change.ts'
import { Node, type NodeRefused } from './node.ts'
import type { Journal, Log, Machine, StagedSnapshot, Transport } from './ports.ts'
import { type ReadRefused, Reads } from './reads.ts'
import { type SnapshotLimits, Snapshots } from './snapshots.ts'

/** Ticks after which a commit index that only memory knows is written, so that a restart alone in the dark still shows what was agreed. */
export const commitFlushTicks = 3
/** Ticks between two attempts to go on after the disk was full. */
export const fullDiskRetryTicks = 10

export interface ReplicaPorts {
  readonly journal: Journal
  readonly transport: Transport
  readonly machine: Machine
  readonly log: Log
}

export interface ReplicaEvents {
  /** Role, leader, term, commit or applied index moved. */
  changed(): void
  /** The disk is full: nothing is acknowledged until it has space again (null). */
  blocked(why: 'full' | 'read-only' | null): void
  /** This member never moves again: a failed disk or a broken invariant. */
  halted(error: Error): void
}

export interface ReplicaOptions {
  readonly raw: RawNode
  readonly storage: MemoryStorage
  readonly ports: ReplicaPorts
  readonly events: ReplicaEvents
  /** Eight bytes that no former life of this member had. */
  readonly nonce: Uint8Array
  /** The configuration and the index that the machine stands at: from the snapshot it was restored from. */
  readonly confState: ConfState
  readonly applied: number
  /** The real ones when not given. */
  readonly snapshotLimits?: SnapshotLimits
}

type Append = Extract<Message, { type: 'MsgStorageAppend' }>
type Apply = Extract<Message, { type: 'MsgStorageApply' }>

export class Replica {
  readonly #node: Node
  readonly #storage: MemoryStorage
  readonly #ports: ReplicaPorts
  readonly #events: ReplicaEvents
  readonly #reads: Reads
  readonly #snapshots: Snapshots
  readonly #appends: Append[] = []
  readonly #applies: Apply[] = []
  /** Received snapshots by index, waiting for raft's word. */
  readonly #staged = new Map<number, StagedSnapshot>()
  #appending: Promise<void> | null = null
  #applying: Promise<void> | null = null
  #confState: ConfState
  #applied: number
  #stopped = false
  /** Why nothing is acknowledged just now, and the ticks until the next attempt. */
  #blocked: 'full' | 'read-only' | null = null
  #retryIn = 0
  /** What was last handed to the journal, and a newer commit index that it has not got yet. */
  #saved: HardState
  #owedCommit = 0
  #owedTicks = 0
  #running: Promise<void> | null = null

  constructor(options: ReplicaOptions) {
    this.#node = new Node(options.raw, options.ports.log)
    this.#storage = options.storage
    this.#ports = options.ports
    this.#events = options.events
    this.#confState = options.confState
    this.#applied = options.applied
    this.#saved = options.storage.initialState().hardState
    this.#reads = new Reads(options.nonce, options.applied, (context) =>
      this.#node.readIndex(context),
    )
    this.#snapshots = new Snapshots({
      journal: options.ports.journal,
      transport: options.ports.transport,
      storage: options.storage,
      log: options.ports.log,
      limits: options.snapshotLimits,
      fresh: () => this.snapshot(),
      report: (id, arrived) => this.#node.reportSnapshot(id, arrived),
      failed: (error) => this.#halt(error),
    })
  }

  /** Begins to work off Readys; call once. */
  start(): void {
    assert(this.#running === null, 'a replica is started once')
    this.#running = this.#run()
  }

  /** 100 ms have passed. */
  tick(): void {
    if (this.#stopped) return
    this.#node.tick()
    this.#reads.tick()
    if (this.#retryIn > 0) this.#retryIn--
    if (this.#owedCommit > 0 && ++this.#owedTicks >= commitFlushTicks) this.#flushCommit()
    this.#kickAppend()
  }

  /** A message from a member whose sender was checked. */
  receive(message: Message): void {
    const stepped = this.#node.step(message)
    if (!stepped.ok && stepped.error.kind !== 'stopped') {
      this.#ports.log.debug(`replica: refused ${message.type}: ${stepped.error.kind}`)
    }
  }

  /** A whole snapshot has arrived beside its message. It becomes ours when raft accepts it, else it is thrown away. */
  receiveSnapshot(message: Message, staged: StagedSnapshot): void {
    const awaited = new Set(this.#appends.map((append) => append.snapshot?.metadata.index))
    // Those that raft did not ask for by now it has refused: it answers a message in the turn it gets it.
    for (const index of [...this.#staged.keys()]) if (!awaited.has(index)) this.#discard(index)
    this.#staged.set(staged.metadata.index, staged)
    this.receive(message)
  }

  /** Hands data to the leader, or refuses: `proposal-dropped` while there is none. The fate shows when it is applied. */
  propose(data: Uint8Array): Outcome<void, NodeRefused> {
    return this.#node.proposeNow(data)
  }

  proposeConfChange(
    change: ConfChangeV2,
    signal?: AbortSignal,
  ): Promise<Outcome<void, NodeRefused>> {
    return this.#node.proposeConfChange(change, signal)
  }

  /** See Reads.read. */
  read(ticksMax: number): Promise<Outcome<number, ReadRefused>> {
    return this.#stopped ? Promise.resolve(fail({ kind: 'stopped' })) : this.#reads.read(ticksMax)
  }

  campaign(): void {
    this.#node.campaign()
  }

  transferLeadership(to: NodeId): void {
    this.#node.transferLeadership(to)
  }

  reportUnreachable(id: NodeId): void {
    this.#node.reportUnreachable(id)
  }

  /** Null once stopped. */
  status(): Status | null {
    return this.#node.status()
  }

  /** Cheaper than `status`: without the others' progress. */
  basicStatus(): BasicStatus | null {
    return this.#node.basicStatus()
  }

  get confState(): ConfState {
    return this.#confState
  }

  get applied(): number {
    return this.#applied
  }

  /** Takes a snapshot now if anything was applied since the last one. Resolves when it is durable. */
  async snapshot(): Promise<void> {
    // While the machine works its state may be ahead of the applied index.
    while (this.#applying !== null) await this.#applying
    if (this.#stopped) return
    await this.#snapshots.take(this.#applied, this.#confState, this.#ports.machine.freeze())
  }

  /** Stops taking work, lets the disk and the machine finish what they have begun. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#node.stop()
    this.#reads.stop()
    await Promise.allSettled([this.#running, this.#appending, this.#applying])
    if (this.#owedCommit > 0) {
      this.#flushCommit()
      await this.#appending
    }
    await this.#snapshots.settled()
    for (const index of [...this.#staged.keys()]) this.#discard(index)
  }

  async #run(): Promise<void> {
    try {
      for await (const ready of this.#node.ready()) this.#route(ready)
    } catch (error) {
      this.#halt(error)
    }
  }

  #route(ready: Ready): void {
    for (const message of ready.messages) {
      if (message.type === 'MsgStorageAppend') this.#appends.push(message)
      else if (message.type === 'MsgStorageApply') this.#applies.push(message)
      else if (message.type === 'MsgSnap') this.#snapshots.send(message)
      else this.#ports.transport.send(message)
    }
    for (const read of ready.readStates) this.#reads.confirm(read.requestContext, read.index)
    this.#kickAppend()
    this.#kickApply()
    if (ready.softState !== null || ready.hardState !== null) this.#events.changed()
  }

  #kickAppend(): void {
    if (this.#appending !== null || this.#appends.length === 0 || this.#stopped) return
    if (this.#retryIn > 0) return
    this.#appending = this.#appendAll()
      .catch((error) => this.#appendFailed(error))
      .finally(() => this.#appendDone())
  }

  /** One round of the disk: everything that waits, one fsync, then the promises that waited for it. */
  async #appendAll(): Promise<void> {
    const cut = this.#appends.findIndex((append) => append.snapshot !== null)
    const first = this.#appends[0]
    if (cut === 0 && first !== undefined) {
      await this.#install(first)
      this.#appends.shift()
      return this.#settleAppends([first])
    }
    const batch = this.#appends.slice(0, cut === -1 ? undefined : cut)
    if (batch.some((append) => this.#mustSync(append))) await this.#save(batch)
    else this.#owe(batch)
    this.#appends.splice(0, batch.length)
    for (const append of batch) {
      const hardState = hardStateOf(append)
      if (hardState !== null) this.#storage.setHardState(hardState)
      if (append.entries.length > 0) this.#storage.append(append.entries)
    }
    this.#settleAppends(batch)
  }

  /** Any leader can tell the commit index again; a term, a vote and an entry are promises. */
  #mustSync(append: Append): boolean {
    const hardState = hardStateOf(append)
    if (append.entries.length > 0) return true
    if (hardState === null) return false
    return hardState.term !== this.#saved.term || hardState.vote !== this.#saved.vote
  }

  async #save(batch: readonly Append[]): Promise<void> {
    const { journal } = this.#ports
    await Promise.all(
      batch.map((append) => journal.save(this.#hardStateFor(append), append.entries)),
    )
    for (const append of batch) this.#saved = hardStateOf(append) ?? this.#saved
  }

  /** An append without a hard state still carries the commit index that was left unwritten before it. */
  #hardStateFor(append: Append): HardState | null {
    const own = hardStateOf(append)
    const owed = this.#owedCommit
    this.#owedCommit = 0
    return own !== null || owed === 0 ? own : { ...this.#saved, commit: owed }
  }

  #owe(batch: readonly Append[]): void {
    for (const { commit } of batch) {
      if (commit === 0) continue
      this.#owedCommit = commit
      this.#owedTicks = 0
    }
  }

  #flushCommit(): void {
    if (this.#appending !== null || this.#retryIn > 0) return
    this.#appending = this.#saveCommit(this.#owedCommit)
      .catch((error) => this.#appendFailed(error))
      .finally(() => this.#appendDone())
  }

  async #saveCommit(commit: number): Promise<void> {
    const hardState = { ...this.#saved, commit }
    await this.#ports.journal.save(hardState, [])
    this.#saved = hardState
    if (this.#owedCommit === commit) this.#owedCommit = 0
    this.#unblock()
  }

  #appendDone(): void {
    this.#appending = null
    this.#kickAppend()
  }

  #unblock(): void {
    if (this.#blocked === null) return
    this.#blocked = null
    this.#events.blocked(null)
  }

  #settleAppends(batch: readonly Append[]): void {
    this.#unblock()
    for (const append of batch) this.#respond(append.responses)
  }

  /** The state of another member replaces ours: its file first, then the log starts after it, then the hard state. */
  async #install(append: Append): Promise<void> {
    const { journal, machine } = this.#ports
    const { snapshot } = append
    assert(snapshot !== null, 'only an append with a snapshot is installed')
    const { metadata } = snapshot
    while (this.#applying !== null) await this.#applying
    await this.#snapshots.settled()
    const staged = this.#staged.get(metadata.index)
    // Without a staged one this is a second attempt, after the disk was full behind the first one's installing.
    const reader =
      staged === undefined ? await journal.openSnapshot() : await journal.installSnapshot(staged)
    const isIt = reader !== null && reader.metadata.index === metadata.index
    assert(isIt, 'raft accepts only a snapshot that has arrived whole')
    this.#staged.delete(metadata.index)
    await this.#save([append])
    await machine.restore(reader.metadata, reader.records())
    await reader.close()
    const applied = this.#storage.applySnapshot(snapshot)
    assert(applied.ok, 'an accepted snapshot is newer than the log')
    const hardState = hardStateOf(append)
    if (hardState !== null) this.#storage.setHardState(hardState)
    this.#snapshots.installed(metadata)
    this.#confState = metadata.confState
    this.#moveApplied(metadata.index)
  }

  #appendFailed(error: unknown): void {
    const failure = failureOf(error)
    if (failure !== 'full' && failure !== 'read-only') return this.#halt(error)
    // Nothing was acknowledged and the batch is still ours; raft only sees a slow disk. A leader hands over: others have space.
    this.#retryIn = fullDiskRetryTicks
    if (this.#blocked !== failure) this.#events.blocked(failure)
    this.#blocked = failure
    this.#handOver()
  }

  #handOver(): void {
    const status = this.#node.status()
    if (status === null || status.basic.softState.raftState !== 'StateLeader') return
    let best: { id: NodeId; match: number } | null = null
    for (const [id, progress] of status.progress) {
      if (id === status.basic.id || progress.isLearner || !progress.recentActive) continue
      if (best === null || progress.match > best.match) best = { id, match: progress.match }
    }
    if (best !== null) this.#node.transferLeadership(best.id)
  }

  #kickApply(): void {
    if (this.#applying !== null || this.#applies.length === 0 || this.#stopped) return
    this.#applying = this.#applyAll()
      .catch((error) => this.#halt(error))
      .finally(() => {
        this.#applying = null
        this.#kickApply()
      })
  }

  async #applyAll(): Promise<void> {
    for (let apply = this.#applies.shift(); apply !== undefined; apply = this.#applies.shift()) {
      await this.#applyEntries(apply.entries)
      if (this.#stopped) return
      this.#respond(apply.responses)
      const last = apply.entries.at(-1)
      if (last !== undefined) this.#moveApplied(last.index)
      this.#snapshots.applied(apply.entries)
      this.#snapshots.maybeTake(this.#applied, this.#confState, this.#ports.machine)
    }
  }

  async #applyEntries(entries: readonly Entry[]): Promise<void> {
    let run: Entry[] = []
    for (const entry of entries) {
      if (entry.type === 'EntryNormal') {
        run.push(entry)
        continue
      }
      if (run.length > 0) await this.#ports.machine.apply(run)
      run = []
      const change = decodedConfChange(entry)
      this.#confState = this.#node.applyConfChange(change, entry.index)
      await this.#ports.machine.applyConfChange(entry, change, this.#confState)
    }
    if (run.length > 0) await this.#ports.machine.apply(run)
  }

  #moveApplied(index: number): void {
    this.#applied = index
    this.#reads.applied(index)
    this.#events.changed()
  }

  /** What waited for the disk or the machine: to ourselves at once, to the others by the network. */
  #respond(responses: readonly Message[]): void {
    const self = this.#node.basicStatus()?.id
    if (self === undefined) return
    for (const response of responses) {
      if (response.to === self) this.#node.step(response)
      else this.#ports.transport.send(response)
    }
  }

  #discard(index: number): void {
    const staged = this.#staged.get(index)
    this.#staged.delete(index)
    if (staged === undefined) return
    staged.discard().catch((error: unknown) => this.#halt(error))
  }

  /** After a failure that nobody may retry this replica never moves again: stale beats wrong. */
  #halt(error: unknown): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#node.stop()
    this.#reads.stop()
    this.#events.halted(error instanceof Error ? error : new Error(String(error)))
  }
}

/** A full or read-only disk passes; everything else is final. The port names its failure in a field. */
function failureOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'failure' in error ? error.failure : null
}

function hardStateOf(append: Append): HardState | null {
  const { term, vote, commit } = append
  return term === 0 && vote === 0n && commit === 0 ? null : { term, vote, commit }
}
