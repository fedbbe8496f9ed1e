import type { DeviceId } from '../../src-shared/base/ids.ts'
import type { Message } from '../raft/message.ts'
import { encodeMessage } from '../raft/wire/message.ts'
import type { SnapshotReader } from '../replica/ports.ts'
import type { SnapshotFrame } from './frame.ts'
import type { PeerNetworkOptions } from './network.ts'
import { SnapshotIntake } from './snapshot-intake.ts'
import { SnapshotSender } from './snapshot-sender.ts'

/** Snapshots on their way, in both directions: at most one to each member, at most one from anybody. */
export class SnapshotTraffic {
  readonly #options: PeerNetworkOptions
  readonly #reply: (to: DeviceId, frame: SnapshotFrame) => void
  readonly #senders = new Map<DeviceId, SnapshotSender>()
  readonly #intake: SnapshotIntake
  #nextStream = 1

  constructor(options: PeerNetworkOptions, reply: (to: DeviceId, frame: SnapshotFrame) => void) {
    const { clock, log, events } = options
    this.#options = options
    this.#reply = reply
    this.#intake = new SnapshotIntake({
      clock,
      log,
      receive: (from, message) => events.receiveSnapshot(from, message),
      arrived: (message, staged) => events.onSnapshot(message, staged),
      reply,
    })
  }

  /** Streams to a member; an older stream to the same one gives way. */
  send(message: Message, reader: SnapshotReader, settled: (arrived: boolean) => void): void {
    const id = String(message.to)
    const { clock, log } = this.#options
    this.#senders.get(id)?.cancel('another takes its place')
    const sender = new SnapshotSender({
      stream: this.#nextStream++,
      message: encodeMessage(message),
      reader,
      clock,
      log,
      send: (frame) => this.#reply(id, frame),
      settled: (arrived) => {
        if (this.#senders.get(id) === sender) this.#senders.delete(id)
        settled(arrived)
      },
    })
    this.#senders.set(id, sender)
    sender.offer()
  }

  /** Frames to this member go over another link now. */
  relinked(id: DeviceId): void {
    this.#senders.get(id)?.offer()
  }

  lost(id: DeviceId): void {
    this.#senders.get(id)?.pause()
  }

  /** It was started anew: what it was sending us died with it. What we send it begins again when it asks. */
  restarted(id: DeviceId): void {
    this.#intake.forget(id)
  }

  /** It is no member any more. */
  cut(id: DeviceId): void {
    this.#senders.get(id)?.cancel('its receiver was cut off')
    this.#intake.forget(id)
  }

  offered(from: DeviceId, offer: { stream: number; size: number; message: Message }): void {
    this.#intake.offer({ from, ...offer })
  }

  /** Answers why the link must end, or null. */
  received(from: DeviceId, frame: Exclude<SnapshotFrame, { kind: 'offer' }>): string | null {
    if (frame.kind === 'chunk') return this.#intake.chunk(from, frame)
    const sender = this.#senders.get(from)
    // Of a stream that we gave up: it crossed with our next offer.
    if (sender?.stream !== frame.stream) return null
    if (frame.kind === 'ack') sender.acknowledged(frame.offset, frame.isRewind)
    else sender.done(frame.arrived, frame.reason)
    return null
  }

  close(): void {
    for (const sender of [...this.#senders.values()]) sender.cancel('closing')
    this.#intake.close()
  }
}
