import type { Message } from '../../src-main/raft/message.ts'
import { decodeMessage, encodeMessage } from '../../src-main/raft/wire/message.ts'
import type {
  SnapshotReader,
  SnapshotReceiver,
  StagedSnapshot,
} from '../../src-main/replica/ports.ts'
import { assert } from '../../src-shared/base/assert.ts'
import type { Life } from './agenda.ts'
import type { Dice } from './editing/dice.ts'
import type { Profile } from './profile.ts'
import type { Schedule } from './schedule.ts'
import { Transfer } from './transfer.ts'

/** A healed network is no slower than this, or nobody could lead. */
const calmMsMax = 100

/** A process as the network knows it. */
export interface Station {
  readonly life: Life
  receive(message: Message): void
  unreachable(id: number): void
  /** Null: not wanted. */
  intake(message: Message): Promise<SnapshotReceiver | null>
  arrived(message: Message, staged: StagedSnapshot): void
}

export interface NetworkOptions {
  readonly schedule: Schedule
  readonly dice: Dice
  readonly profile: Profile
  station(id: number): Station | null
  /** A message is about to leave. */
  sent(from: number, message: Message): void
  isTroubled(): boolean
}

/** Between every two members two ways, each of which loses, doubles, delays, reorders and is cut as it likes. Carries bytes. */
export class Network {
  readonly #options: NetworkOptions
  readonly #cut = new Set<string>()
  readonly #lastArrival = new Map<string, number>()
  #transfers: Transfer[] = []
  /** For stories: what becomes of a message on its way; null: it is lost. */
  censor: (message: Message) => Message | null = (message) => message

  constructor(options: NetworkOptions) {
    this.#options = options
  }

  cut(from: number, to: number): void {
    this.#cut.add(`${from} ${to}`)
  }

  heal(from: number, to: number): void {
    this.#cut.delete(`${from} ${to}`)
  }

  healAll(): void {
    this.#cut.clear()
  }

  isOpen(from: number, to: number): boolean {
    return !this.#cut.has(`${from} ${to}`)
  }

  send(station: Station, sent: Message): void {
    const { life } = station
    if (!life.isAlive) return
    const { dice, profile, schedule, isTroubled } = this.#options
    this.#options.sent(life.id, sent)
    const message = this.censor(sent)
    if (message === null) return
    const to = Number(message.to)
    if (!this.isOpen(life.id, to) || this.#options.station(to) === null) {
      // Half of the broken ways are known to be broken.
      if (dice.chance(50)) schedule.after(1, 'unreachable', life, () => station.unreachable(to))
      return
    }
    if (isTroubled() && dice.chance(profile.lossPercent)) return
    const bytes = encodeMessage(message)
    schedule.note(bytes)
    const copies = isTroubled() && dice.chance(profile.duplicatePercent) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      schedule.after(this.delay(life.id, to), 'arrives', null, () =>
        this.#deliver(life.id, to, bytes),
      )
    }
  }

  /** Streams a snapshot; `settled` is called once as long as the sender lives. */
  sendSnapshot(
    station: Station,
    message: Message,
    stream: { reader: SnapshotReader; settled: (arrived: boolean) => void },
  ): void {
    const { life } = station
    if (!life.isAlive) return
    this.#options.sent(life.id, message)
    const to = Number(message.to)
    const target = this.isOpen(life.id, to) ? this.#options.station(to) : null
    const transfer = new Transfer({
      ...stream,
      message,
      sender: station,
      target,
      wait: (then) => this.#options.schedule.after(this.delay(life.id, to), 'chunk', null, then),
      isOpen: () => this.isOpen(life.id, to),
    })
    this.#transfers = this.#transfers.filter((each) => !each.isOver)
    // A member takes in one at a time.
    for (const other of this.#transfers) if (other.target === target) other.end(false)
    this.#transfers.push(transfer)
    transfer.begin()
  }

  /** A process has ended: what was streamed to it or from it ends. */
  died(life: Life): void {
    for (const transfer of this.#transfers) {
      if (transfer.sender.life === life || transfer.target?.life === life) transfer.end(false)
    }
    this.#transfers = this.#transfers.filter((each) => !each.isOver)
  }

  delay(from: number, to: number): number {
    const { dice, profile, schedule, isTroubled } = this.#options
    const most =
      1_000 * (isTroubled() ? profile.delayMsMax : Math.min(profile.delayMsMax, calmMsMax))
    const drawn = 20 + dice.below(dice.chance(10) ? most : Math.ceil(most / 5))
    if (!profile.isOrdered) return drawn
    const way = `${from} ${to}`
    const at = Math.max(schedule.now + drawn, (this.#lastArrival.get(way) ?? 0) + 1)
    this.#lastArrival.set(way, at)
    return at - schedule.now
  }

  #deliver(from: number, to: number, bytes: Uint8Array): void {
    const station = this.#options.station(to)
    if (station === null || !this.isOpen(from, to)) return
    const { life } = station
    const { schedule } = this.#options
    if (life.pausedUntil > schedule.now) {
      const wait = life.pausedUntil - schedule.now
      schedule.after(wait, 'waited', null, () => this.#deliver(from, to, bytes))
      return
    }
    const decoded = decodeMessage(bytes)
    assert(decoded.ok, 'what was encoded can be decoded')
    station.receive(decoded.value)
  }
}
