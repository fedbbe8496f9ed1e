/**
 * One membership: this device in one group, from its files to its place among the others. Everything is made here and
 * wired here, in the order in which it starts; `close` is the same list upside down. A device that joins another group
 * closes one of these and opens another.
 *
 * Over 300 lines, for it is the wiring and nothing else: what each part does is in a file of its own.
 */
import type { DeviceId, NoteId } from '../../src-shared/base/ids.ts'
import { type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { encodeMemberContext } from '../../src-shared/members/context.ts'
import type { Applied } from '../../src-shared/notes/apply-entry.ts'
import type { Identity } from '../identity/identity.ts'
import { DiskFailed } from '../journal/disk.ts'
import type { Bye } from '../net/hello.ts'
import type { NetworkEvents } from '../net/network.ts'
import { PeerNetwork } from '../net/peer-network.ts'
import type { ConfState } from '../raft/entry.ts'
import type { Message } from '../raft/message.ts'
import { Replica, type ReplicaEvents } from '../replica/replica.ts'
import { NotesByIndex } from './by-index.ts'
import { Courier } from './courier.ts'
import { Documents } from './documents.ts'
import { Group } from './group.ts'
import { GroupChanges } from './group-changes.ts'
import { Ladder } from './ladder.ts'
import { type MachineEvents, StateMachine } from './machine.ts'
import type { MemberOptions, Removal } from './member-options.ts'
import { NotesView } from './notes-view.ts'
import { electionTicks, makeRaft, tickMs } from './raft-settings.ts'
import { type RecoverRefused, type Recovery, recover } from './recover.ts'
import { Roster } from './roster.ts'
import { Standing } from './standing.ts'
import { clone, diskTroubles, haltedBy, isLasting, outdated, type Trouble } from './trouble.ts'
import { Watch } from './watch.ts'

/** How long a start waits for what was agreed before to be applied; then it shows what it has. */
export const replayMs = 30_000
/** How long a close writes notes to their files; what is left is rebuilt at the next start. */
export const storeCloseMs = 300
/** How long a leader that closes waits for its successor. */
export const handOverMs = 1_000

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
  readonly #changes: GroupChanges
  readonly machine: StateMachine
  readonly replica: Replica
  readonly network: PeerNetwork
  readonly ladder: Ladder
  readonly roster: Roster
  readonly standing: Standing
  readonly courier: Courier
  readonly documents: Documents
  readonly group: Group
  readonly view: NotesView
  readonly watch: Watch
  readonly byIndex = new NotesByIndex()
  #trouble: Trouble | null = null
  #leader: DeviceId | null = null
  #stopTicks: () => void = () => undefined
  #removal: Removal | null = null
  /** The files of the notes know the state as it was; from then on they are told what changes. */
  #isStoreBased = false
  #isClosed = false
  #isLeaving = false

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
      holdsAll: (id) => this.standing.holdsAll(id),
    })
    this.standing = new Standing({
      selfId,
      ladder: this.ladder,
      byIndex: this.byIndex,
      raft: () => this.replica.status(),
      applied: () => machine.index,
      present: () => this.roster.memberIds(),
      isOnline: (id) => this.network.isOnline(id),
      broadcast: (table) => this.network.broadcastStatus(table),
      notes: (ids) => options.events.notes(ids),
      status: () => options.events.status(),
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
    this.courier = this.#makeCourier()
    this.documents = this.#makeDocuments()
    this.#changes = this.#makeChanges()
    this.group = this.#makeGroup()
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
    this.#files.store.reconcile(this.machine.state.notes.values(), this.machine.index)
    this.#isStoreBased = true
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

  /** Another membership takes over: nothing more is taken in here. */
  beginLeaving(): void {
    this.#isLeaving = true
  }

  get isLeaving(): boolean {
    return this.#isLeaving
  }

  /** First and last index of the log on this device. */
  get logExtent(): { readonly first: number; readonly last: number } {
    const { storage } = this.#files
    return { first: storage.firstIndex(), last: storage.lastIndex() }
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
    this.#trouble = haltedBy(error)
    this.#options.log.error(`app: ${this.#trouble.message}`)
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
    await Promise.all([
      this.#closed('outbox', outbox.close()),
      this.#closed('notes', store.close(storeCloseMs)),
      this.#closed('journal', journal.close()),
    ])
  }

  async #closed(what: string, closing: Promise<void>): Promise<void> {
    await closing.catch((error: unknown) => {
      this.#options.log.error(
        `app: closing the ${what}: ${error instanceof Error ? error.message : error}`,
      )
    })
  }

  // ---- wiring ------------------------------------------------------------------------------------------------------

  #makeCourier(): Courier {
    return new Courier({
      outbox: this.#files.outbox,
      clock: this.#options.clock,
      propose: (entry) => this.replica.propose(entry),
      blocked: (why) => this.#blocked(why),
      failed: (error) => this.halt(error),
      idle: (open) => this.documents.letGo(open),
    })
  }

  #makeDocuments(): Documents {
    const { identity, clock, random, log, events, versionFloor } = this.#options
    const ports = {
      client: identity.nodeId,
      state: () => this.machine.state,
      courier: this.courier,
      clock,
      random,
      stepped: events.stepped,
      changed: (id: NoteId) => events.notes([id]),
      gaveUp: (id: NoteId, reason: string) => log.warn(`app: note ${id}: ${reason}`),
    }
    return new Documents(ports, Math.max(versionFloor, identity.bootCounter * 2 ** 32))
  }

  #makeChanges(): GroupChanges {
    return new GroupChanges({
      selfId: this.selfId,
      leaderId: () => this.#leader,
      members: () => this.roster.members(),
      record: (id) => this.machine.state.members.get(id),
      roles: () => this.#roles(),
      read: (ticksMax) => this.replica.read(ticksMax),
      propose: (change) => this.replica.proposeConfChange(change),
      transferTo: (id) => this.replica.transferLeadership(BigInt(id)),
      watch: this.watch,
    })
  }

  #makeGroup(): Group {
    return new Group({
      selfId: this.selfId,
      leaderId: () => this.#leader,
      members: () => this.roster.members(),
      record: (id) => this.machine.state.members.get(id),
      answerHere: (name, body) => this.#changes.answer(this.selfId, name, body),
      ask: (to, name, body, ms) => this.network.ask(to, name, body, ms),
      proposeEntry: (entry) => this.replica.propose(entry),
      isRemoved: () => this.isRemoved,
      wall: () => this.#options.clock.wall(),
      watch: this.watch,
    })
  }

  #makeReplica(): Replica {
    const { identity, random, log } = this.#options
    const { storage, journal, applied, confState } = this.#files
    const founder = this.#options.beginning.kind === 'found' ? this.#ownContext() : null
    const raw = makeRaft({ id: identity.nodeId, storage, applied, random, log, founder })
    const ports = { journal, transport: this.network, machine: this.machine, log }
    const nonce = random.bytes(8)
    const events = this.#replicaEvents()
    return new Replica({ raw, storage, ports, events, nonce, confState, applied })
  }

  #ownContext(): Uint8Array {
    const { identity, addresses } = this.#options
    const { nodeId: id, name, credential } = identity
    const { pin } = credential
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
        if (from === this.#leader) this.standing.hear(table)
      },
      onAsk: (from, name, body) => this.#changes.answer(from, name, body),
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
      this.#files.store.reconcile(this.machine.state.notes.values(), metadata.index)
      this.#options.events.notes(this.machine.state.notes.keys())
      this.#membersChanged([], metadata.confState)
    },
    outdated: (version, index) => {
      this.#options.log.error(`app: entry ${index} has format ${version}: an update is needed`)
      this.#trouble = outdated
      this.#options.events.status()
    },
  }

  // ---- what happens ------------------------------------------------------------------------------------------------

  #applied(applied: Applied, index: number): void {
    this.documents.applied(applied)
    if (applied.kind === 'device') this.#options.events.status()
    if (applied.kind !== 'note' || applied.result.kind !== 'applied') return
    const { store } = this.#files
    const { command, note } = applied
    const { noteId } = command
    if (note === null) {
      this.byIndex.remove(noteId)
      if (this.#isStoreBased) store.gone(noteId, index)
    } else {
      if (note.index === index) this.byIndex.touch(noteId, index)
      if (this.#isStoreBased) store.reflect(note)
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
      this.standing.tell()
      this.#changes.settleRoles()
    }
    if (this.ladder.tick(2 * electionTicks)) this.#options.events.status()
  }

  #roles(): ReturnType<Roster['roles']> {
    const status = this.replica.status()
    if (status === null || this.#leader !== this.selfId) return null
    return this.roster.roles(status)
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
    this.#trouble = clone
    this.#fallSilent()
    this.#options.events.status()
  }

  #blocked(why: 'full' | 'read-only' | null): void {
    if (isLasting(this.#trouble)) return
    this.#trouble = why === null ? null : diskTroubles[why]
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
}
