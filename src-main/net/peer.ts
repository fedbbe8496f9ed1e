import type { Clock } from '../../src-shared/base/clock.ts'
import type { DeviceId } from '../../src-shared/base/ids.ts'
import { Asks } from './asks.ts'
import { encodeFrame, type Frame } from './frame.ts'
import type { Bye } from './hello.ts'
import {
  linksPerPeerMax,
  pingMs,
  silentMs,
  socketBytesMax,
  suspectMs,
  unansweredMs,
} from './limits.ts'
import type { Link } from './link.ts'
import { type SendClass, SendQueue } from './send-queue.ts'

export interface PeerEars {
  frame(peer: Peer, frame: Frame, link: Link): void
  /** It has a link that answers, or none any more. */
  presence(peer: Peer, online: boolean): void
  /** Frames go over another link now. What was on its way over the one before may be lost. */
  relinked(peer: Peer): void
  /** The last link is gone. */
  lost(peer: Peer, reason: string): void
}

/**
 * Another member, as far as the network knows it: the links to it, what waits to be sent, what it was asked.
 *
 * Both sides may dial, so for a moment there can be two links. The side with the lower id decides: it keeps the newest
 * and closes the other, saying so. The newest, because a device dials only while it has no link that answers: the older
 * one is dead on its side. The other side never closes for this reason, so the two cannot each close the other's.
 */
export class Peer {
  readonly id: DeviceId
  readonly asks: Asks
  readonly #clock: Clock
  readonly #ears: PeerEars
  readonly #isDecider: boolean
  readonly #queue = new SendQueue()
  /** The last is the one that is sent on. */
  #links: Link[] = []
  #isPumpPlanned = false
  #isPresent = false
  #heardAt = 0
  /** Since when something that we sent has gone without any sign of life. */
  #unansweredSince: number | null = null
  #pingedAt: number | null = null
  #lastSeen: string | null = null
  #left: () => void = () => undefined

  constructor(options: { id: DeviceId; self: DeviceId; clock: Clock; ears: PeerEars }) {
    this.id = options.id
    this.#clock = options.clock
    this.#ears = options.ears
    this.#isDecider = BigInt(options.self) < BigInt(options.id)
    this.asks = new Asks(options.clock)
  }

  get hasLink(): boolean {
    return this.#links.length > 0
  }

  /** It has a link, and nothing that we said has gone unanswered for long. */
  get isOnline(): boolean {
    return this.#isPresent
  }

  /** Wall time when it was last heard; null: never since the start. */
  get lastSeen(): string | null {
    return this.#isPresent ? this.#clock.wall() : this.#lastSeen
  }

  /** A link whose hello was welcome. `isNewLife`: the device was started anew, so its older links are dead. */
  attach(link: Link, self: DeviceId, isNewLife: boolean): void {
    const older = this.#links
    this.#links = [...older, link]
    link.listen({
      heard: () => this.#heard(),
      frame: (frame) => this.#ears.frame(this, frame, link),
      closed: (reason) => this.#closed(link, reason),
    })
    for (const old of older) {
      if (isNewLife) old.terminate('its device was started anew')
      else if (this.#isDecider) {
        old.close({ reason: 'superseded', from: self, index: null, by: null })
      }
    }
    if (older.length >= linksPerPeerMax) older[0]?.terminate('too many links')
    this.#heard()
    this.#ears.relinked(this)
    this.#plan()
  }

  /** False: it is not sent, for there is no way or no room. */
  send(kind: SendClass, frame: Uint8Array): boolean {
    if (!this.hasLink || !this.#queue.push(kind, frame)) return false
    this.#plan()
    return true
  }

  sendFrame(kind: SendClass, frame: Frame): boolean {
    return this.send(kind, encodeFrame(frame))
  }

  /** Once a second: looks after links on which nothing is heard. */
  check(): void {
    if (!this.hasLink) return
    const now = this.#clock.now()
    if (now - this.#heardAt >= silentMs) return this.terminate('silent')
    const unanswered = this.#unansweredSince === null ? 0 : now - this.#unansweredSince
    if (this.#pingedAt === null) {
      if (now - this.#heardAt < pingMs && unanswered < unansweredMs) return
      this.#pingedAt = now
      for (const link of this.#links) link.ping()
    } else if (now - this.#pingedAt >= suspectMs - unansweredMs) this.#show(false)
  }

  close(bye: Bye): void {
    for (const link of this.#links) link.close(bye)
  }

  /** Says goodbye; resolves when the last link is gone, which is cut after `ms`. */
  async leave(bye: Bye, ms: number): Promise<void> {
    if (!this.hasLink) return
    const gone = new Promise<void>((settle) => {
      this.#left = settle
    })
    this.close(bye)
    const stopClock = this.#clock.after(ms, () => this.terminate('no answer to our goodbye'))
    await gone
    stopClock()
  }

  terminate(reason: string): void {
    for (const link of [...this.#links]) link.terminate(reason)
  }

  #heard(): void {
    this.#heardAt = this.#clock.now()
    this.#unansweredSince = null
    this.#pingedAt = null
    if (!this.#isPresent) this.#show(true)
  }

  #show(isPresent: boolean): void {
    if (this.#isPresent === isPresent || (isPresent && !this.hasLink)) return
    if (!isPresent) this.#lastSeen = this.#clock.wall()
    this.#isPresent = isPresent
    this.#ears.presence(this, isPresent)
  }

  #closed(link: Link, reason: string): void {
    const wasActive = this.#links.at(-1) === link
    this.#links = this.#links.filter((each) => each !== link)
    if (this.hasLink) {
      if (wasActive) this.#ears.relinked(this)
      return this.#plan()
    }
    this.#queue.clear()
    this.#unansweredSince = null
    this.#pingedAt = null
    this.asks.failAll('lost')
    this.#show(false)
    this.#ears.lost(this, reason)
    this.#left()
  }

  /** At the end of this turn, so that what a turn says to one peer leaves together. */
  #plan(): void {
    if (this.#isPumpPlanned) return
    this.#isPumpPlanned = true
    queueMicrotask(() => {
      this.#isPumpPlanned = false
      this.#pump()
    })
  }

  #pump(): void {
    const link = this.#links.at(-1)
    if (link === undefined || !link.isOpen) return
    link.cork()
    while (link.bufferedBytes < socketBytesMax) {
      const frame = this.#queue.shift()
      if (frame === null) break
      this.#unansweredSince ??= this.#clock.now()
      link.send(frame, () => this.#plan())
    }
    link.uncork()
  }
}
