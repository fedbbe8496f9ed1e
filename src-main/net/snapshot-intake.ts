import type { Clock } from '../../src-shared/base/clock.ts'
import type { DeviceId } from '../../src-shared/base/ids.ts'
import type { Message } from '../raft/message.ts'
import type { Log, SnapshotReceiver, StagedSnapshot } from '../replica/ports.ts'
import type { SnapshotFrame } from './frame.ts'
import { snapshotCorruptionsMax, snapshotIdleMs } from './limits.ts'

export interface SnapshotIntakeOptions {
  readonly clock: Clock
  readonly log: Log
  readonly receive: (from: DeviceId, message: Message) => Promise<SnapshotReceiver | null>
  readonly arrived: (message: Message, staged: StagedSnapshot) => void
  readonly reply: (to: DeviceId, frame: SnapshotFrame) => void
}

export interface Offer {
  readonly from: DeviceId
  readonly stream: number
  readonly size: number
  /** The MsgSnap, judged already. */
  readonly message: Message
}

interface Intake extends Offer {
  receiver: SnapshotReceiver | null
  /** The next offset to take in; everything before is written or in the queue of writes. */
  expected: number
  /** We asked for `expected` again: what is still on the way from before is dropped. */
  isRewinding: boolean
  corruptions: number
  /** Writes in order, one after the other. */
  writes: Promise<void>
  stopClock: () => void
}

/** Takes in one snapshot at a time: only a leader sends them, and the one of the highest term is the leader. */
export class SnapshotIntake {
  readonly #options: SnapshotIntakeOptions
  #intake: Intake | null = null
  /** The last one that arrived whole: its sender may not have heard that. */
  #arrived: Offer | null = null

  constructor(options: SnapshotIntakeOptions) {
    this.#options = options
  }

  /** A snapshot is offered, for the first time or again over another link. */
  offer(offer: Offer): void {
    const before = this.#intake
    if (this.#arrived !== null && isSame(this.#arrived, offer)) return this.#done(offer, true, '')
    if (before !== null && isSame(before, offer)) return this.#rewind(before)
    if (before !== null && before.message.term > offer.message.term) {
      return this.#done(offer, false, 'a newer leader sends one')
    }
    if (before !== null) this.#drop(before, 'another is offered')
    const intake: Intake = {
      ...offer,
      receiver: null,
      expected: 0,
      isRewinding: false,
      corruptions: 0,
      writes: Promise.resolve(),
      stopClock: () => undefined,
    }
    this.#intake = intake
    this.#progress(intake)
    intake.writes = this.#open(intake)
  }

  /** Answers why the link must end, or null. */
  chunk(from: DeviceId, frame: Extract<SnapshotFrame, { kind: 'chunk' }>): string | null {
    const intake = this.#intake
    // Not ours any more: it crossed with our refusal.
    if (intake === null || intake.from !== from || intake.stream !== frame.stream) return null
    if (intake.receiver === null) return 'a chunk that nobody asked for'
    if (frame.offset !== intake.expected) {
      if (!intake.isRewinding) this.#rewind(intake)
      return null
    }
    if (!frame.isIntact) return this.#corrupted(intake)
    const end = frame.offset + frame.bytes.length
    if (end > intake.size) return 'a chunk beyond the end of the snapshot'
    intake.isRewinding = false
    intake.expected = end
    this.#progress(intake)
    const { receiver } = intake
    this.#then(intake, async () => {
      await receiver.write(frame.offset, frame.bytes)
      if (this.#intake !== intake) return
      this.#options.reply(from, {
        kind: 'ack',
        stream: intake.stream,
        offset: end,
        isRewind: false,
      })
      if (end === intake.size) await this.#finish(intake, receiver)
    })
    return null
  }

  /** Its sender is no member any more, or has started anew: nothing more will come. */
  forget(from: DeviceId): void {
    if (this.#intake?.from === from) this.#drop(this.#intake, 'its sender is gone')
    if (this.#arrived?.from === from) this.#arrived = null
  }

  close(): void {
    if (this.#intake !== null) this.#drop(this.#intake, 'closing')
  }

  async #open(intake: Intake): Promise<void> {
    try {
      const receiver = await this.#options.receive(intake.from, intake.message)
      if (this.#intake !== intake) return await receiver?.discard()
      if (receiver === null) return this.#refuse(intake, 'not wanted')
      intake.receiver = receiver
      if (intake.size === 0) await this.#finish(intake, receiver)
      else this.#rewind(intake)
    } catch (error) {
      this.#refuse(intake, `it cannot be taken in: ${String(error)}`)
    }
  }

  #then(intake: Intake, step: () => Promise<void>): void {
    intake.writes = intake.writes
      .then(() => (this.#intake === intake ? step() : undefined))
      .catch((error: unknown) => this.#refuse(intake, `it cannot be taken in: ${String(error)}`))
  }

  async #finish(intake: Intake, receiver: SnapshotReceiver): Promise<void> {
    const staged = await receiver.finish()
    if (this.#intake !== intake) return await staged.discard()
    intake.stopClock()
    this.#intake = null
    this.#arrived = intake
    this.#done(intake, true, '')
    this.#options.arrived(intake.message, staged)
  }

  #rewind(intake: Intake): void {
    if (intake.receiver === null) return // It answers once it is open.
    intake.isRewinding = true
    const { stream, expected, from } = intake
    this.#options.reply(from, { kind: 'ack', stream, offset: expected, isRewind: true })
  }

  #corrupted(intake: Intake): null {
    intake.corruptions += 1
    if (intake.corruptions >= snapshotCorruptionsMax) this.#refuse(intake, 'damaged on the way')
    else this.#rewind(intake)
    return null
  }

  #refuse(intake: Intake, reason: string): void {
    if (this.#intake !== intake) return
    this.#done(intake, false, reason)
    this.#drop(intake, reason)
  }

  #done(offer: Offer, arrived: boolean, reason: string): void {
    this.#options.reply(offer.from, { kind: 'done', stream: offer.stream, arrived, reason })
  }

  /** What was written of it is thrown away, after the write that is under way. */
  #drop(intake: Intake, reason: string): void {
    const { log } = this.#options
    log.info(`net: dropped a snapshot from ${intake.from} at ${intake.expected}: ${reason}`)
    intake.stopClock()
    this.#intake = null
    const { receiver } = intake
    if (receiver === null) return
    intake.writes
      .then(() => receiver.discard())
      .catch((error: unknown) => log.warn(`net: discarding a snapshot: ${String(error)}`))
  }

  #progress(intake: Intake): void {
    intake.stopClock()
    intake.stopClock = this.#options.clock.after(snapshotIdleMs, () =>
      this.#refuse(intake, 'no progress'),
    )
  }
}

function isSame(a: Offer, b: Offer): boolean {
  const before = a.message.snapshot?.metadata
  const now = b.message.snapshot?.metadata
  if (a.from !== b.from || a.stream !== b.stream || a.size !== b.size) return false
  return before?.index === now?.index && before?.term === now?.term
}
