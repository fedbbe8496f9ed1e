import type { Clock } from '../../src-shared/base/clock.ts'
import type { Credential } from '../identity/credential.ts'
import type { PeerListener } from '../net/listener.ts'
import { tlsChannel } from '../net/tls-channel.ts'
import type { Log } from '../replica/ports.ts'

export interface ListeningPorts {
  readonly clock: Clock
  readonly log: Log
  readonly listener: PeerListener
  /** The key with which others may reach this device now; null: nobody has a reason to. */
  wanted(): Credential | null
  /** It has opened or closed. */
  moved(): void
}

/** A port that is not wanted any more stays open so long: who was removed just now hears of it over what is still open. */
export const lingerMs = 2_000
/** When the port could not be opened. */
export const retryMs = 5_000

/**
 * Keeps the port open exactly while it is wanted: by the members of a group, or by whoever reads the code. A group of one
 * that shows no code listens nowhere.
 */
export class Listening {
  readonly #ports: ListeningPorts
  #now: Credential | null = null
  #moving: Promise<void> | null = null
  #stopTimer: (() => void) | null = null
  #isClosed = false

  constructor(ports: ListeningPorts) {
    this.#ports = ports
  }

  get isOpen(): boolean {
    return this.#now !== null
  }

  /** Somebody may be wanted in, or not any more. Resolves when the port is as it is wanted, or could not be. */
  look(): Promise<void> {
    if (this.#moving !== null) return this.#moving
    if (this.#isClosed || this.#stopTimer !== null || !this.#isOff()) return Promise.resolve()
    if (this.#ports.wanted() === null) {
      this.#later(lingerMs)
      return Promise.resolve()
    }
    return this.#move()
  }

  /** As `look`, at once: a person waits for it. */
  async hurry(): Promise<boolean> {
    this.#stopTimer?.()
    this.#stopTimer = null
    await this.look()
    while (this.#moving !== null) await this.#moving
    return this.isOpen && !this.#isOff()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#stopTimer?.()
    await this.#moving
    this.#now = null
    await this.#ports.listener.close()
  }

  #isOff(): boolean {
    return this.#ports.wanted()?.pin !== this.#now?.pin
  }

  #move(): Promise<void> {
    this.#moving = this.#step().finally(() => {
      this.#moving = null
      this.#ports.moved()
      if (this.#isClosed || !this.#isOff() || this.#stopTimer !== null) return
      if (this.#ports.wanted() === null) this.#later(lingerMs)
      else void this.#move()
    })
    return this.#moving
  }

  async #step(): Promise<void> {
    const { clock, listener, log, wanted } = this.#ports
    this.#now = null
    await listener.close()
    const credential = wanted()
    if (credential === null || this.#isClosed) return
    const started = await listener.start(tlsChannel(clock, credential))
    if (started.ok) {
      this.#now = credential
      return
    }
    log.warn(`app: the port cannot be opened: ${started.error.message}`)
    this.#later(retryMs)
  }

  #later(ms: number): void {
    this.#stopTimer = this.#ports.clock.after(ms, () => {
      this.#stopTimer = null
      if (!this.#isClosed && this.#isOff()) void this.#move()
    })
  }
}
