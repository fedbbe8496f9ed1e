/**
 * Over 300 lines, for everything here shares the table of peers. What does not has files of its own: links are made in
 * introductions.ts and kept in peer.ts, addresses are dialler.ts and whereabouts.ts, snapshots are snapshot-traffic.ts.
 */
import { assert } from '../../src-shared/base/assert.ts'
import type { DeviceId } from '../../src-shared/base/ids.ts'
import { fail, type Outcome } from '../../src-shared/base/outcome.ts'
import type { MemberRecord } from '../../src-shared/members/member.ts'
import type { Message } from '../raft/message.ts'
import { decodeMessage, encodeMessage } from '../raft/wire/message.ts'
import { describeWireRefused } from '../raft/wire/refused.ts'
import type { SnapshotReader, Transport } from '../replica/ports.ts'
import { Dialler } from './dialler.ts'
import { type Answer, encodeFrame, type Frame, type SnapshotFrame } from './frame.ts'
import type { Bye, ByeReason, Hello } from './hello.ts'
import { Introductions } from './introductions.ts'
import { judgeMessage, removedBye } from './judge.ts'
import {
  asksInFlightMax,
  farewellMs,
  frameBytesMax,
  housekeepingMs,
  statusBytesMax,
} from './limits.ts'
import type { Link } from './link.ts'
import type { AskFailed, PeerNetworkOptions, StatusTable } from './network.ts'
import { Peer } from './peer.ts'
import type { SendClass } from './send-queue.ts'
import { SnapshotTraffic } from './snapshot-traffic.ts'
import { type Search, Whereabouts } from './whereabouts.ts'

/**
 * The way to the other members: one link to each, kept up by whoever notices first that it is missing. What it hands on
 * was said by the member that it names, to us, in our cluster; what it cannot deliver it reports and forgets, because
 * raft repeats what matters.
 */
export class PeerNetwork implements Transport {
  readonly #options: PeerNetworkOptions
  readonly #peers = new Map<DeviceId, Peer>()
  readonly #whereabouts = new Whereabouts()
  readonly #introductions: Introductions
  readonly #dialler: Dialler
  readonly #snapshots: SnapshotTraffic
  /** Questions of each member that we have not answered yet. */
  readonly #answering = new Map<DeviceId, number>()
  /** To be reported at the end of this turn. */
  readonly #unreachable = new Set<DeviceId>()
  #stopHousekeeping: () => void = () => undefined
  #isOpen = false

  constructor(options: PeerNetworkOptions) {
    this.#options = options
    const { clock, random } = options
    this.#introductions = new Introductions(options, hex(random.bytes(16)), {
      isSearching: () => this.#wanted() !== null,
      met: (link, hello, isNewLife) => this.#met(link, hello, isNewLife),
      refused: (bye, link) => this.#refused(bye, link),
    })
    this.#dialler = new Dialler({
      clock,
      random,
      wanted: () => this.#wanted(),
      isTaken: (text) => this.#isTaken(text),
      dial: (address) => this.#introductions.dial(address),
    })
    this.#snapshots = new SnapshotTraffic(options, (to, frame) => {
      this.#peers.get(to)?.sendFrame(frame.kind === 'chunk' ? 'chunk' : 'append', frame)
    })
  }

  /** Takes members in over the listener and begins to look for them. */
  start(): void {
    assert(!this.#isOpen, 'a network is started once')
    this.#isOpen = true
    const { listener, clock } = this.#options
    listener.admitMembers({
      knows: (pin) => this.#options.members().some((member) => member.pin === pin),
      take: (incoming) => this.#introductions.answer(incoming),
    })
    this.#stopHousekeeping = clock.every(housekeepingMs, () => {
      for (const peer of this.#peers.values()) peer.check()
    })
    this.membersChanged()
  }

  /** The member table has changed: newcomers are looked for, the removed are told so and cut off. */
  membersChanged(): void {
    if (!this.#isOpen) return
    for (const { id } of [...this.#peers.values()]) {
      const record = this.#record(id)
      if (record === undefined) this.cut(id, plainBye('unknown-member', null))
      else if (record.removedAt !== null) this.cut(id, removedBye(this.#selfId, record))
    }
    for (const { id } of this.#others()) this.#peer(id)
    this.#dialler.look()
  }

  /** Discovery or a person says that somebody may be there. */
  hint(address: string): void {
    this.#dialler.hint(address)
  }

  /** The machine slept or its network changed: old links prove nothing, and neither do old failures. */
  wake(): void {
    for (const peer of this.#peers.values()) peer.terminate('the machine was asleep')
    this.#dialler.forgetFailures()
  }

  send(message: Message): void {
    assert(message.type !== 'MsgSnap', 'a snapshot travels beside its message')
    const id = String(message.to)
    const frame = encodeFrame({ kind: 'raft', message: encodeMessage(message) })
    if (frame.length > frameBytesMax) {
      this.#options.log.error(`net: a ${message.type} of ${frame.length} bytes cannot be sent`)
      return this.#lostTo(id)
    }
    if (this.#peers.get(id)?.send(classOf(message), frame) !== true) this.#lostTo(id)
  }

  sendSnapshot(
    message: Message,
    reader: SnapshotReader,
    settled: (arrived: boolean) => void,
  ): void {
    assert(message.type === 'MsgSnap', 'beside a snapshot travels its own message')
    if (this.#isOpen && this.#peers.get(String(message.to))?.hasLink) {
      return this.#snapshots.send(message, reader, settled)
    }
    // Not in this turn: whoever sends is in the middle of something.
    const { log } = this.#options
    reader
      .close()
      .catch((error: unknown) => log.warn(`net: closing a snapshot: ${String(error)}`))
      .finally(() => settled(false))
  }

  /** Asks a member by name; every question is answered, if only by time. */
  ask(
    id: DeviceId,
    name: string,
    body: unknown,
    timeoutMs: number,
  ): Promise<Outcome<unknown, AskFailed>> {
    const peer = this.#peers.get(id)
    if (peer === undefined || !peer.hasLink) return Promise.resolve(fail({ kind: 'unreachable' }))
    if (peer.asks.isFull) return Promise.resolve(fail({ kind: 'too-many' }))
    const { id: number, answer } = peer.asks.open(timeoutMs)
    const frame = encodeFrame({ kind: 'ask', id: number, name, body: body ?? null })
    if (frame.length > frameBytesMax) peer.asks.fail(number, { kind: 'too-large' })
    else if (!peer.send('append', frame)) peer.asks.fail(number, { kind: 'too-many' })
    return answer
  }

  /** To everybody there is a link to. Never waits, never repeated. */
  broadcastStatus(table: StatusTable): void {
    const frame = encodeFrame({ kind: 'status', table })
    assert(frame.length <= statusBytesMax, 'a status table has at most a row per member')
    for (const peer of this.#peers.values()) peer.send('urgent', frame)
  }

  /** Ends the links to a device, telling it why. Whether it may come back is the member table's word. */
  cut(id: DeviceId, bye: Bye): void {
    this.#snapshots.cut(id)
    this.#peers.get(id)?.close(bye)
    const record = this.#record(id)
    if (record === undefined || record.removedAt !== null) this.#peers.delete(id)
  }

  /** There is a link to it that answers. */
  isOnline(id: DeviceId): boolean {
    return this.#peers.get(id)?.isOnline ?? false
  }

  /** ISO 8601 UTC; null: not since the start. */
  lastSeen(id: DeviceId): string | null {
    return this.#peers.get(id)?.lastSeen ?? null
  }

  /** Where a member was met or said that it listens, newest first. */
  addressesOf(id: DeviceId): readonly string[] {
    return this.#whereabouts.of(id)
  }

  /** Says goodbye to everybody. The listener stays; it belongs to the install. */
  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#stopHousekeeping()
    this.#dialler.close()
    this.#options.listener.admitMembers(null)
    this.#snapshots.close()
    this.#introductions.close()
    const bye = plainBye('closing', this.#selfId)
    await Promise.all([...this.#peers.values()].map((peer) => peer.leave(bye, farewellMs)))
  }

  get #selfId(): DeviceId {
    return this.#options.self.nodeId
  }

  #record(id: DeviceId): MemberRecord | undefined {
    return this.#options.members().find((member) => member.id === id)
  }

  #others(): readonly MemberRecord[] {
    const members = this.#options.members()
    return members.filter(({ id, removedAt }) => removedAt === null && id !== this.#selfId)
  }

  #peer(id: DeviceId): Peer {
    const known = this.#peers.get(id)
    if (known !== undefined) return known
    const peer = new Peer({
      id,
      self: this.#selfId,
      clock: this.#options.clock,
      ears: {
        frame: (from, frame, link) => this.#frame(from, frame, link),
        presence: (of, online) => this.#presence(of, online),
        relinked: (of) => this.#snapshots.relinked(of.id),
        lost: (of, reason) => this.#lost(of, reason),
      },
    })
    this.#peers.set(id, peer)
    return peer
  }

  // ---- who is where -----------------------------------------------------------------------------

  #met(link: Link, hello: Hello, isNewLife: boolean): void {
    const { id, session, addresses } = hello
    const at = link.isDialled ? [link.address, ...addresses] : addresses
    this.#whereabouts.met(id, session, at)
    const peer = this.#peer(id)
    if (isNewLife) {
      peer.asks.failAll('lost')
      this.#snapshots.restarted(id)
    }
    peer.attach(link, this.#selfId, isNewLife)
    this.#options.events.onHello(id, hello)
  }

  #search(): Search {
    return this.#whereabouts.search(this.#others(), (id) => this.isOnline(id))
  }

  /** Where the members that are missing may be; null: nobody is missing. */
  #wanted(): readonly string[] | null {
    return this.#isOpen ? this.#search().wanted : null
  }

  /** There is nobody to be looked for: we ourselves, or a member that is here. */
  #isTaken(text: string): boolean {
    const isOwn = this.#options.listener.addresses.includes(text)
    return isOwn || this.#search().taken.has(text)
  }

  #presence(peer: Peer, online: boolean): void {
    if (!this.#isOpen) return
    this.#options.log.info(`net: ${peer.id} is ${online ? 'here' : 'away'}`)
    this.#options.events.onPresence(peer.id, online)
    if (!online) this.#dialler.look()
  }

  #lost(peer: Peer, reason: string): void {
    this.#snapshots.lost(peer.id)
    if (!this.#isOpen) return
    this.#options.log.info(`net: lost ${peer.id}: ${reason}`)
    this.#lostTo(peer.id)
    this.#dialler.look()
  }

  /** Another device would not have us, or not any more. */
  #refused(bye: Bye, link: Link): void {
    if (!this.#isOpen || !refusals.has(bye.reason)) return
    const record = bye.from === null ? undefined : this.#record(bye.from)
    const isKnown = record?.removedAt === null && record.pin === link.proof.pin
    this.#options.events.onRefused(bye, isKnown)
  }

  // ---- frames -----------------------------------------------------------------------------------

  #frame(peer: Peer, frame: Frame, link: Link): void {
    const fault = this.#isOpen ? this.#take(peer, frame, link) : null
    if (fault === null) return
    this.#options.log.warn(`net: ${peer.id} sent ${fault}; closed`)
    link.refuse(fault)
  }

  /** Answers why the link must end, or null. */
  #take(peer: Peer, frame: Frame, link: Link): string | null {
    switch (frame.kind) {
      case 'raft':
        return this.#message(peer, frame.message)
      case 'status':
        this.#options.events.onStatus(peer.id, frame.table)
        return null
      case 'ask':
        this.#asked(peer, frame)
        return null
      case 'answer':
        peer.asks.answered(frame.id, frame.answer)
        return null
      case 'bye':
        this.#refused({ ...frame.bye, from: peer.id }, link)
        return null
      case 'hello':
        return 'a second hello'
      default:
        return this.#snapshotFrame(peer, frame)
    }
  }

  #message(peer: Peer, bytes: Uint8Array): string | null {
    const message = this.#judged(peer, bytes)
    if (!message.ok) return message.error
    if (message.value.type === 'MsgSnap') return 'a MsgSnap without its snapshot'
    this.#options.events.onMessage(message.value)
    return null
  }

  #snapshotFrame(peer: Peer, frame: SnapshotFrame): string | null {
    if (frame.kind !== 'offer') return this.#snapshots.received(peer.id, frame)
    const message = this.#judged(peer, frame.message)
    if (!message.ok) return message.error
    if (message.value.type !== 'MsgSnap') return `a snapshot with a ${message.value.type}`
    const { stream, size } = frame
    this.#snapshots.offered(peer.id, { stream, size, message: message.value })
    return null
  }

  #judged(peer: Peer, bytes: Uint8Array): Outcome<Message, string> {
    const decoded = decodeMessage(bytes)
    if (!decoded.ok) return fail(describeWireRefused(decoded.error))
    const fault = judgeMessage(decoded.value, BigInt(this.#selfId), BigInt(peer.id))
    return fault === null ? decoded : fail(fault)
  }

  #asked(peer: Peer, ask: Extract<Frame, { kind: 'ask' }>): void {
    const { events } = this.#options
    const open = this.#answering.get(peer.id) ?? 0
    if (open >= asksInFlightMax) return answerTo(peer, ask.id, fail(busy))
    this.#answering.set(peer.id, open + 1)
    events
      .onAsk(peer.id, ask.name, ask.body)
      .then((answer) => answerTo(peer, ask.id, answer))
      .catch((error: unknown) => events.onBroken(error))
      .finally(() => this.#answering.set(peer.id, (this.#answering.get(peer.id) ?? 1) - 1))
  }

  /** Told at the end of the turn, once: whoever sends is in the middle of something. */
  #lostTo(id: DeviceId): void {
    this.#unreachable.add(id)
    if (this.#unreachable.size > 1) return
    queueMicrotask(() => {
      const lost = [...this.#unreachable]
      this.#unreachable.clear()
      if (this.#isOpen) for (const each of lost) this.#options.events.onUnreachable(each)
    })
  }
}

/** Goodbyes that mean us, not the link. */
const refusals: ReadonlySet<ByeReason> = new Set([
  'foreign-cluster',
  'unknown-member',
  'removed',
  'clone',
  'wrong-key',
])

const busy = { kind: 'busy', message: 'This device has too much to do.' }
const tooLarge = { kind: 'too-large', message: 'The answer is too large.' }

function answerTo(peer: Peer, id: number, answer: Answer): void {
  const frame = encodeFrame({ kind: 'answer', id, answer })
  if (frame.length <= frameBytesMax) peer.send('append', frame)
  else peer.sendFrame('append', { kind: 'answer', id, answer: fail(tooLarge) })
}

/** Elections and acknowledgements are small and urgent; what carries entries waits behind them. */
function classOf(message: Message): SendClass {
  return message.type === 'MsgApp' || message.type === 'MsgProp' ? 'append' : 'urgent'
}

function plainBye(reason: ByeReason, from: DeviceId | null): Bye {
  return { reason, from, index: null, by: null }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
