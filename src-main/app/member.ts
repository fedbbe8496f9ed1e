/**
 * One membership: this device in one group, from its files to its place among the others. Everything is made here and
 * wired here, in the order in which it starts; `close` is the same list upside down. A device that joins another group
 * closes one of these and opens another.
 *
 * Over 300 lines, for it is the wiring and nothing else: what each part does is in a file of its own.
 */
import { assert } from '../../src-shared/base/assert.ts'
import type { Clock } from '../../src-shared/base/clock.ts'
import type { DeviceId, NoteId } from '../../src-shared/base/ids.ts'
import { type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { Random } from '../../src-shared/base/random.ts'
import type { UpdatesFrom, WindowId } from '../../src-shared/ipc/contract.ts'
import { encodeMemberContext } from '../../src-shared/members/context.ts'
import type { MemberRecord } from '../../src-shared/members/member.ts'
import type { Applied } from '../../src-shared/notes/apply-entry.ts'
import type { Identity } from '../identity/identity.ts'
import { type Disk, DiskFailed } from '../journal/disk.ts'
import type { SecureChannel } from '../net/channel.ts'
import type { Bye } from '../net/hello.ts'
import type { NetworkEvents, StatusTable } from '../net/network.ts'
import { PeerNetwork } from '../net/peer-network.ts'
import type { ConfState } from '../raft/entry.ts'
import type { Message } from '../raft/message.ts'
import { RawNode } from '../raft/raw-node.ts'
import type { Log } from '../replica/ports.ts'
import { Replica, type ReplicaEvents } from '../replica/replica.ts'
import { NotesByIndex } from './by-index.ts'
import { Courier } from './courier.ts'
import { Documents } from './documents.ts'
import type { MemberDoor } from './door.ts'
import { Group } from './group.ts'
import { Ladder } from './ladder.ts'
import { type MachineEvents, StateMachine } from './machine.ts'
import { NotesView } from './notes-view.ts'
import { type RecoverRefused, type Recovery, recover } from './recover.ts'
import { Roster } from './roster.ts'
import { Watch } from './watch.ts'

export const tickMs = 100
/** An election after 1 to 2 s of silence; five heartbeats fit into the shorter. */
export const electionTicks = 10
export const heartbeatTicks = 2
/** A leader tells where everybody stands when it changed, and this often all the same, in ticks. */
export const statusTicks = 5
/** Of entries, on the wire, in one append. */
export const appendBytesMax = 256 * 1024
export const committedBytesMax = 1024 * 1024
/** What a leader takes in before it is committed: the longest command of several devices at once. */
export const uncommittedBytesMax = 64 * 1024 * 1024
export const appendsInFlightMax = 256
export const bytesInFlightMax = 4 * 1024 * 1024
/** How long a start waits for what was agreed before to be applied; then it shows what it has. */
export const replayMs = 30_000
/** How long a leader that closes waits for its successor. */
export const handOverMs = 1_000

export interface MemberOptions {
  /** Where this membership lives. */
  readonly disk: Disk
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly version: string
  readonly identity: Identity
  /** Of ours, and the pin of our key: what a founder enters itself with. */
  readonly addresses: () => readonly string[]
  readonly pin: string | null
  /** How it begins where there is no log yet: alone, or with those who invited it. */
  readonly beginning:
    | { readonly kind: 'found' }
    | { readonly kind: 'join'; readonly members: readonly MemberRecord[] }
  readonly door: MemberDoor
  readonly channel: SecureChannel
  readonly events: MemberEvents
  /** Above every version that a window may remember. */
  readonly versionFloor: number
}

export interface MemberEvents {
  /** Notes whose line in the list may have changed. */
  notes(ids: Iterable<NoteId>): void
  /** Anything in the status may have changed. */
  status(): void
  stepped(steps: UpdatesFrom, windows: readonly WindowId[]): void
  applied(id: NoteId, rev: number): void
  /** The configuration names this device: it is a member by committed change. */
  joined(): void
  /** This device was removed; it must not act in this group any more. */
  removed(removal: Removal): void
}

export interface Removal {
  /** Of the entry that removed us; 0: not known. */
  readonly index: number
  readonly by: DeviceId | null
}

/** Why this device takes no part, or takes nothing in; `message` is for a person. */
export interface Trouble {
  /** halted: for good. outdated: until it is updated. full, read-only: until the disk has space. clone: its data runs twice. */
  readonly kind: 'halted' | 'outdated' | 'full' | 'read-only' | 'clone'
  readonly message: string
}

export async function openMember(options: MemberOptions): Promise<Outcome<Member, RecoverRefused>> {
  let member: Member | null = null
  const machine = new StateMachine({
    applied: (applied, index) => member?.machineEvents.applied(applied, index),
    settled: () => member?.machineEvents.settled(),
    members: (change, confState, index) => member?.machineEvents.members(change, confState, index),
    restored: (metadata) => member?.machineEvents.restored(metadata),
    outdated: (version, index) => member?.machineEvents.outdated(version, index),
  })
  const { disk, clock, random, log } = options
  const recovered = await recover({ disk, clock, random, log, machine })
  if (!recovered.ok) return recovered
  member = new Member(options, machine, recovered.value)
  return ok(member)
}

export class Member {
  readonly #options: MemberOptions
  readonly #files: Recovery
  readonly machine: StateMachine
  readonly replica: Replica
  readonly network: PeerNetwork
  readonly ladder: Ladder
  readonly roster: Roster
  readonly courier: Courier
  readonly documents: Documents
  readonly group: Group
  readonly view: NotesView
  readonly watch: Watch
  readonly byIndex = new NotesByIndex()
  #trouble: Trouble | null = null
  #leader: DeviceId | null = null
  #stopTicks: () => void = () => undefined
  #sinceStatus = 0
  #toldTable = ''
  #isStoreReady = false
  #removal: Removal | null = null
  #isClosed = false

  constructor(options: MemberOptions, machine: StateMachine, files: Recovery) {
    this.#options = options
    this.#files = files
    this.machine = machine
    const { identity, clock, random, log } = options
    const selfId = identity.nodeId
    this.watch = new Watch(clock)
    this.ladder = new Ladder(selfId)
    this.roster = new Roster({
      selfId,
      table: () => machine.state.members,
      index: () => machine.index,
      confState: () => this.replica.confState,
      seeds: options.beginning.kind === 'join' ? options.beginning.members : [],
      isLinked: (id) => this.network.isOnline(id),
      row: (id) => this.ladder.row(id),
      holdsAll: (id) => this.#holdsAll(id),
    })
    this.network = new PeerNetwork({
      self: { ...identity, version: options.version },
      members: () => this.roster.addressBook(),
      listener: options.door,
      channel: options.channel,
      clock,
      random,
      log,
      events: this.#networkEvents(),
    })
    this.replica = this.#makeReplica()
    this.courier = new Courier({
      outbox: files.outbox,
      clock,
      propose: (entry) => this.replica.propose(entry),
      blocked: (why) => this.#blocked(why),
      failed: (error) => this.halt(error),
      idle: (open) => this.documents.letGo(open),
    })
    this.documents = new Documents(
      {
        client: selfId,
        state: () => machine.state,
        courier: this.courier,
        clock,
        random,
        stepped: (steps, windows) => options.events.stepped(steps, windows),
        changed: (id) => options.events.notes([id]),
        gaveUp: (id, reason) => log.warn(`app: note ${id}: ${reason}`),
      },
      Math.max(options.versionFloor, identity.bootCounter * 2 ** 32),
    )
    this.group = new Group({
      selfId,
      leaderId: () => this.#leader,
      members: () => this.roster.members(),
      record: (id) => machine.state.members.get(id),
      roles: () => this.#roles(),
      read: (ticksMax) => this.replica.read(ticksMax),
      propose: (change) => this.replica.proposeConfChange(change),
      proposeEntry: (entry) => this.replica.propose(entry),
      wall: () => clock.wall(),
      transferTo: (id) => this.replica.transferLeadership(BigInt(id)),
      ask: (to, name, body, ms) => this.network.ask(to, name, body, ms),
      isRemoved: () => this.isRemoved,
      watch: this.watch,
    })
    this.view = new NotesView({
      state: () => machine.state,
      documents: this.documents,
      ladder: this.ladder,
      clock,
      group: () => ({ members: this.roster.memberIds(), applied: machine.index }),
    })
    this.byIndex.reset(machine.state.notes.values())
    this.#removal = this.#buriedHere()
  }

  /**
   * Begins to take part; resolves when what was agreed before is applied. With a removal only what is here is shown, and
   * nothing is said to anybody.
   */
  async start(removal: Removal | null = null): Promise<void> {
    this.#removal ??= removal
    const agreed = this.#files.storage.initialState().hardState.commit
    this.replica.start()
    await this.watch.until(() => this.machine.index >= agreed || this.#trouble !== null, replayMs)
    this.documents.resume(this.#files.pending)
    void this.#fillStore()
    if (this.isRemoved) return
    this.network.start()
    this.#stopTicks = this.#options.clock.every(tickMs, () => this.#tick())
    this.#lookAround()
  }

  get selfId(): DeviceId {
    return this.#options.identity.nodeId
  }

  get identity(): Identity {
    return this.#options.identity
  }

  get leaderId(): DeviceId | null {
    return this.#leader
  }

  get trouble(): Trouble | null {
    return this.#trouble
  }

  get isRemoved(): boolean {
    return this.#removal !== null
  }

  /** Who removed this device, by name where it is known; null: it is a member. */
  get removal(): Removal | null {
    return this.#removal
  }

  /** First and last index of the log on this device. */
  get logExtent(): { readonly first: number; readonly last: number } {
    const { storage } = this.#files
    return { first: storage.firstIndex(), last: storage.lastIndex() }
  }

  /** Notes whose last change no other present member is known to hold. */
  heldOnlyHere(): number {
    let elsewhere = 0
    for (const id of this.roster.memberIds()) {
      if (id !== this.selfId) elsewhere = Math.max(elsewhere, this.ladder.row(id)?.match ?? 0)
    }
    return this.byIndex.between(elsewhere, Number.POSITIVE_INFINITY).length
  }

  get notices(): readonly string[] {
    return this.#files.notices
  }

  /** This device left, or was told that it was removed: it falls silent, and stays readable. */
  retire(removal: Removal): void {
    if (this.#removal !== null) return
    this.#removal = removal
    this.#options.log.warn(`app: removed from the group at ${removal.index}`)
    this.#fallSilent()
    this.#options.events.removed(removal)
    this.#options.events.status()
    this.watch.poke()
  }

  /** Nothing of this membership may be trusted to go on: it stops for good, and says why. */
  halt(error: unknown): void {
    if (this.#trouble?.kind === 'halted' || this.#isClosed) return
    const why = error instanceof Error ? error.message : String(error)
    this.#options.log.error(`app: stopped for good: ${why}`)
    const isDisk = error instanceof DiskFailed
    const cause = isDisk ? 'The disk failed' : 'Quire met a fault of its own'
    const message = `${cause}, so this device takes nothing in any more (${why}). What was saved is kept; start Quire again to check it.`
    this.#trouble = { kind: 'halted', message }
    this.#fallSilent()
    this.#options.events.status()
  }

  /** The machine goes to sleep: what was typed is made durable, leadership goes to somebody who stays awake. */
  async sleeping(): Promise<void> {
    await this.documents.flush().catch(() => undefined) // the courier has told what went wrong
    await this.#handOver()
  }

  woke(): void {
    this.network.wake()
  }

  /** Leadership first, then everything in the reverse order of the start. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    await this.documents.flush().catch(() => undefined) // what could not be saved has been told
    await this.#handOver()
    this.#isClosed = true
    this.#fallSilent()
    this.watch.close()
    const stopping = this.replica.stop()
    this.machine.release()
    await stopping
    await this.network.close()
    const { journal, outbox, store } = this.#files
    for (const file of [outbox, store, journal]) {
      await file.close().catch((error: unknown) => {
        this.#options.log.error(`app: closing: ${error instanceof Error ? error.message : error}`)
      })
    }
  }

  // ---- wiring ------------------------------------------------------------------------------------------------------

  #makeReplica(): Replica {
    const { identity, random, log } = this.#options
    const { storage, journal, applied, confState } = this.#files
    const raw = new RawNode({
      id: BigInt(identity.nodeId),
      electionTick: electionTicks,
      heartbeatTick: heartbeatTicks,
      storage,
      random,
      logger: log,
      applied,
      asyncStorageWrites: true,
      maxSizePerMsg: appendBytesMax,
      maxCommittedSizePerReady: committedBytesMax,
      maxUncommittedEntriesSize: uncommittedBytesMax,
      maxInflightMsgs: appendsInFlightMax,
      maxInflightBytes: bytesInFlightMax,
      checkQuorum: true,
      preVote: true,
      stepDownOnRemoval: true,
    })
    if (this.#options.beginning.kind === 'found' && storage.lastIndex() === 0) {
      const founded = raw.bootstrap([{ id: BigInt(identity.nodeId), context: this.#ownContext() }])
      assert(founded.ok, 'a group of one is founded on an empty log')
    }
    const ports = { journal, transport: this.network, machine: this.machine, log }
    const nonce = random.bytes(8)
    const events = this.#replicaEvents()
    return new Replica({ raw, storage, ports, events, nonce, confState, applied })
  }

  #ownContext(): Uint8Array {
    const { identity, addresses, pin } = this.#options
    const { nodeId: id, name } = identity
    return encodeMemberContext({ id, name, addresses: addresses(), pin, by: id })
  }

  #replicaEvents(): ReplicaEvents {
    return {
      changed: () => this.#lookAround(),
      blocked: (why) => this.#blocked(why),
      halted: (error) => this.halt(error),
    }
  }

  #networkEvents(): NetworkEvents {
    return {
      onMessage: (message) => this.replica.receive(message),
      onUnreachable: (id) => this.replica.reportUnreachable(BigInt(id)),
      onStatus: (from, table) => {
        if (from === this.#leader) this.#hear(table)
      },
      onAsk: (from, name, body) => this.group.answer(from, name, body),
      onHello: (_from, hello) => {
        if (this.roster.learn(hello.members)) this.network.membersChanged()
        this.#options.events.status()
      },
      onPresence: () => {
        this.watch.poke()
        this.#options.events.status()
      },
      onRefused: (bye, known) => this.#refused(bye, known),
      onClone: (id) => this.#options.log.warn(`app: the identity of ${id} is used twice`),
      receiveSnapshot: (_from, message) => this.#receiveSnapshot(message),
      onSnapshot: (message, staged) => this.replica.receiveSnapshot(message, staged),
      onBroken: (error) => this.halt(error),
    }
  }

  /** What the machine tells while it applies; everything in here is quick. */
  readonly machineEvents: MachineEvents = {
    applied: (applied, index) => this.#applied(applied, index),
    settled: () => {
      this.documents.settle()
      this.watch.poke()
    },
    members: (change, confState) => this.#membersChanged(change.removed, confState),
    restored: (metadata) => {
      this.byIndex.reset(this.machine.state.notes.values())
      this.documents.restored()
      this.network.membersChanged()
      if (this.#isStoreReady)
        this.#files.store.reconcile(this.machine.state.notes.values(), metadata.index)
      this.#options.events.notes(this.machine.state.notes.keys())
      this.#membersChanged([], metadata.confState)
    },
    outdated: (version, index) => {
      this.#options.log.error(`app: entry ${index} has format ${version}: an update is needed`)
      const message =
        'Another device runs a newer version of Quire. Update Quire on this device to see what is new; your edits are kept here meanwhile.'
      this.#trouble = { kind: 'outdated', message }
      this.#options.events.status()
    },
  }

  // ---- what happens ------------------------------------------------------------------------------------------------

  #applied(applied: Applied, index: number): void {
    this.documents.applied(applied)
    if (applied.kind === 'device') this.#options.events.status()
    if (applied.kind !== 'note' || applied.result.kind !== 'applied') return
    const { command, note } = applied
    const { noteId } = command
    if (note === null) {
      this.byIndex.remove(noteId)
      if (this.#isStoreReady) this.#files.store.gone(noteId, index)
    } else {
      if (note.index === index) this.byIndex.touch(noteId, index)
      if (this.#isStoreReady) this.#files.store.reflect(note)
    }
    this.#options.events.applied(noteId, note?.rev ?? applied.result.rev)
    this.#options.events.notes([noteId])
  }

  #membersChanged(removed: readonly DeviceId[], confState: ConfState): void {
    const { clock, events } = this.#options
    this.watch.poke()
    events.status()
    const self = BigInt(this.selfId)
    if (confState.voters.includes(self) || confState.learners.includes(self)) events.joined()
    const removal = this.#buriedHere()
    if (removal === null && removed.length === 0) return this.network.membersChanged()
    // Not within the apply that tells of it: who asked for it is answered first, and the others hear of the commit.
    clock.after(tickMs, () => {
      if (removal !== null) this.retire(removal)
      else this.network.membersChanged()
    })
  }

  #buriedHere(): Removal | null {
    const record = this.machine.state.members.get(this.selfId)
    if (record === undefined || record.removedAt === null) return null
    return { index: record.removedAt, by: record.removedBy }
  }

  /** Leader, role or indices may have moved. */
  #lookAround(): void {
    const status = this.replica.basicStatus()
    const lead = status === null || status.softState.lead === 0n ? null : status.softState.lead
    const leader = lead === null ? null : String(lead)
    if (leader !== this.#leader) {
      this.#leader = leader
      this.#options.log.info(`app: ${leader ?? 'nobody'} leads`)
      if (leader === null) this.ladder.forget()
      this.courier.led(leader !== null)
    }
    const isIdle = leader === null && status?.softState.raftState === 'StateFollower'
    if (isIdle && !this.isRemoved && this.#isAlone()) this.replica.campaign()
    this.watch.poke()
    this.#options.events.status()
  }

  /** A group of one need not wait for anybody. */
  #isAlone(): boolean {
    const { voters, votersOutgoing } = this.replica.confState
    const isOnly = voters.length === 1 && votersOutgoing.length === 0
    return isOnly && voters[0] === BigInt(this.selfId)
  }

  #tick(): void {
    this.replica.tick()
    this.courier.tick()
    if (this.#leader === this.selfId) {
      this.#tellStatus()
      this.group.settleRoles()
    }
    if (this.ladder.tick(2 * electionTicks)) this.#options.events.status()
  }

  /** Where everybody stands, as the leader knows it first hand. */
  #tellStatus(): void {
    const table = this.#statusTable()
    if (table === null) return
    this.#hear(table)
    const text = JSON.stringify(table)
    this.#sinceStatus++
    if (text === this.#toldTable && this.#sinceStatus < statusTicks) return
    this.#sinceStatus = 0
    this.#toldTable = text
    this.network.broadcastStatus(table)
  }

  #statusTable(): StatusTable | null {
    const status = this.replica.status()
    if (status === null || status.progress.size === 0) return null
    const { term, commit } = status.basic.hardState
    const rows = [...status.progress].map(([nodeId, { match }]) => {
      const id = String(nodeId)
      return { id, match, online: id === this.selfId || this.network.isOnline(id) }
    })
    return { term, commit, rows }
  }

  #hear(table: StatusTable): void {
    const wasKnown = this.ladder.isKnown
    const moved = this.ladder.hear(table)
    if (moved !== null) this.#options.events.notes(this.byIndex.between(moved.from, moved.to))
    if (moved !== null || !wasKnown) this.#options.events.status()
  }

  #roles(): ReturnType<Roster['roles']> {
    const status = this.replica.status()
    if (status === null || this.#leader !== this.selfId) return null
    return this.roster.roles(status)
  }

  #holdsAll(id: DeviceId): boolean {
    return this.ladder.holds(id, this.byIndex.newest(), this.machine.index)
  }

  async #receiveSnapshot(message: Message): ReturnType<NetworkEvents['receiveSnapshot']> {
    const metadata = message.snapshot?.metadata
    if (metadata === undefined || metadata.index <= this.replica.applied) return null
    try {
      return await this.#files.journal.receiveSnapshot(metadata)
    } catch (error) {
      const isPassing =
        error instanceof DiskFailed && (error.failure === 'full' || error.failure === 'read-only')
      if (!isPassing) throw error
      return null // the leader tries again, and by then there may be space
    }
  }

  #refused(bye: Bye, known: boolean): void {
    this.#options.log.warn(`app: refused by ${bye.from ?? 'a stranger'}: ${bye.reason}`)
    if (!known) return
    if (bye.reason === 'removed') this.retire({ index: bye.index ?? 0, by: bye.by })
    if (bye.reason !== 'clone') return
    const message =
      'The data of this device is in use twice, perhaps as a copy on another machine. This one stands still; its notes stay readable. Add it again with a new code.'
    this.#trouble = { kind: 'clone', message }
    this.#fallSilent()
    this.#options.events.status()
  }

  #blocked(why: 'full' | 'read-only' | null): void {
    if (
      this.#trouble !== null &&
      this.#trouble.kind !== 'full' &&
      this.#trouble.kind !== 'read-only'
    ) {
      return
    }
    this.#trouble = why === null ? null : { kind: why, message: diskWords[why] }
    this.#options.events.status()
  }

  #fallSilent(): void {
    this.#stopTicks()
    this.courier.stop()
    if (this.#isClosed) return
    const closing = async (): Promise<void> => {
      const stopping = this.replica.stop()
      this.machine.release()
      await stopping
      await this.network.close()
    }
    closing().catch((error: unknown) => this.#options.log.error(`app: closing: ${error}`))
  }

  async #handOver(): Promise<void> {
    const status = this.replica.status()
    if (status === null || this.#leader !== this.selfId) return
    const best = this.roster.successor(status)
    if (best === null) return
    this.replica.transferLeadership(best)
    await this.watch.until(() => this.#leader !== this.selfId, handOverMs)
  }

  /** The files of the notes are behind everything: they are looked through while the member works already. */
  async #fillStore(): Promise<void> {
    const { store } = this.#files
    try {
      await store.load(() => undefined)
    } catch (error) {
      this.#options.log.error(`store: ${error instanceof Error ? error.message : error}`)
      return
    }
    if (this.#isClosed) return
    store.reconcile(this.machine.state.notes.values(), this.machine.index)
    this.#isStoreReady = true
  }
}

const diskWords = {
  full: 'The disk of this device is full. Nothing is saved until it has space again; what is on the screen is kept in memory.',
  'read-only':
    'The disk of this device cannot be written to. Nothing is saved until it can; what is on the screen is kept in memory.',
} as const
