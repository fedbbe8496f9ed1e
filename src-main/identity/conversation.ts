import type { Clock } from '../../src-shared/base/clock.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { PairingLink } from './pairing.ts'
import { decodePairing, encodePairing, type PairingMessage } from './pairing-message.ts'

/** Messages that came before anybody asked for them; more is not how pairing goes. */
export const unreadMax = 4

export type Silence = 'gone' | 'timed-out' | 'malformed'

/** One side's view of the exchange: say something, wait for the next thing, for so long and no longer. */
export class Conversation {
  readonly link: PairingLink
  readonly #clock: Clock
  readonly #unread: PairingMessage[] = []
  #waiting: ((heard: Outcome<PairingMessage, Silence>) => void) | null = null
  #over: Silence | null = null
  #closed: () => void = () => undefined
  /** Resolves when the link is gone. */
  readonly closed: Promise<void>

  constructor(link: PairingLink, clock: Clock) {
    this.link = link
    this.#clock = clock
    this.closed = new Promise((settle) => {
      this.#closed = settle
    })
    link.listen({
      message: (bytes) => this.#heard(bytes),
      closed: () => {
        this.#end('gone')
        this.#closed()
      },
    })
  }

  say(message: PairingMessage): void {
    this.link.send(encodePairing(message))
  }

  /** The next message, heard already or within `ms`. After an error there is nothing more to hear. */
  async next(ms: number): Promise<Outcome<PairingMessage, Silence>> {
    const message = this.#unread.shift()
    if (message !== undefined) return ok(message)
    if (this.#over !== null) return fail(this.#over)
    let stopClock = () => {}
    const heard = await new Promise<Outcome<PairingMessage, Silence>>((settle) => {
      this.#waiting = settle
      stopClock = this.#clock.after(ms, () => this.#end('timed-out'))
    })
    stopClock()
    return heard
  }

  close(): void {
    this.link.close()
  }

  #heard(bytes: Uint8Array): void {
    if (this.#over !== null) return
    const message = decodePairing(bytes)
    if (message === null || this.#unread.length >= unreadMax) return this.#end('malformed')
    if (this.#waiting === null) this.#unread.push(message)
    else this.#answer(ok(message))
  }

  #end(why: Silence): void {
    this.#over ??= why
    this.#answer(fail(this.#over))
    if (why !== 'gone') this.link.close()
  }

  #answer(heard: Outcome<PairingMessage, Silence>): void {
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.(heard)
  }
}
