import type { Clock } from '../../src-shared/base/clock.ts'
import type { Random } from '../../src-shared/base/random.ts'
import { type Address, formatAddress, parseAddress } from './address.ts'
import { addressesMax, dialsInFlightMax, redialMsMax, redialMsMin } from './limits.ts'

export interface DiallerOptions {
  readonly clock: Clock
  readonly random: Random
  /** Where the members that are missing may be; null: nobody is missing. */
  readonly wanted: () => readonly string[] | null
  /** Somebody who is not missing lives there. */
  readonly isTaken: (text: string) => boolean
  /** Resolves true when a member was met there. */
  readonly dial: (address: Address) => Promise<boolean>
}

interface Attempts {
  readonly address: Address
  failures: number
  /** By the clock; not before. */
  nextAt: number
  isBusy: boolean
}

/**
 * Tries every address at which a missing member may be, side by side, each at its own pace. An address is only a hint:
 * whoever answers there says who it is. Waits grow to a few seconds, with jitter so that two devices that lost each
 * other do not knock in step for ever.
 */
export class Dialler {
  readonly #options: DiallerOptions
  readonly #attempts = new Map<string, Attempts>()
  /** What discovery or a person suggested; the oldest gives way. */
  readonly #hints = new Set<string>()
  #stopTimer: () => void = () => undefined
  #inFlight = 0
  #isClosed = false

  constructor(options: DiallerOptions) {
    this.#options = options
  }

  /** Something may be there, right now: no waiting for an address that has just announced itself. */
  hint(text: string): void {
    const parsed = parseAddress(text)
    if (!parsed.ok) return
    const key = formatAddress(parsed.value)
    this.#hints.delete(key)
    this.#hints.add(key)
    for (const oldest of this.#hints) {
      if (this.#hints.size <= addressesMax) break
      this.#hints.delete(oldest)
    }
    const attempts = this.#attempts.get(key)
    if (attempts !== undefined) attempts.failures = 0
    if (attempts !== undefined) attempts.nextAt = Math.min(attempts.nextAt, this.#soon())
    this.look()
  }

  /** The network changed or the machine woke: what failed before says nothing about now. */
  forgetFailures(): void {
    for (const attempts of this.#attempts.values()) {
      attempts.failures = 0
      attempts.nextAt = 0
    }
    this.look()
  }

  /** Starts what is due; call when somebody went missing or an address may be new. */
  look(): void {
    if (this.#isClosed) return
    this.#stopTimer()
    const now = this.#options.clock.now()
    let earliest = Number.POSITIVE_INFINITY
    for (const attempts of this.#candidates(now)) {
      if (attempts.isBusy) continue
      if (attempts.nextAt > now) earliest = Math.min(earliest, attempts.nextAt)
      else if (this.#inFlight < dialsInFlightMax) void this.#try(attempts)
    }
    if (earliest === Number.POSITIVE_INFINITY) return
    this.#stopTimer = this.#options.clock.after(earliest - now, () => this.look())
  }

  close(): void {
    this.#isClosed = true
    this.#stopTimer()
  }

  #candidates(now: number): readonly Attempts[] {
    const wanted = this.#options.wanted()
    const texts = wanted === null ? [] : [...wanted, ...this.#hints]
    const chosen = new Map<string, Attempts>()
    for (const text of texts) {
      const parsed = parseAddress(text)
      if (!parsed.ok || chosen.size >= addressesMax) continue
      const key = formatAddress(parsed.value)
      if (this.#options.isTaken(key)) continue
      const known = this.#attempts.get(key)
      chosen.set(key, known ?? { address: parsed.value, failures: 0, nextAt: 0, isBusy: false })
    }
    for (const [key, attempts] of this.#attempts) {
      // A wait that has not run out outlives the wish: a link that breaks at once must not be redialled at once.
      if (!chosen.has(key) && !attempts.isBusy && attempts.nextAt <= now) this.#attempts.delete(key)
    }
    for (const [key, attempts] of chosen) this.#attempts.set(key, attempts)
    return [...chosen.values()]
  }

  async #try(attempts: Attempts): Promise<void> {
    attempts.isBusy = true
    this.#inFlight += 1
    const met = await this.#options.dial(attempts.address)
    this.#inFlight -= 1
    attempts.isBusy = false
    attempts.failures = met ? 0 : attempts.failures + 1
    attempts.nextAt = this.#options.clock.now() + this.#wait(attempts.failures)
    this.look()
  }

  #soon(): number {
    return this.#options.clock.now() + this.#wait(0)
  }

  /** Half of it fixed, half of it dice. */
  #wait(failures: number): number {
    const whole = Math.min(redialMsMax, redialMsMin * 2 ** Math.min(failures, 16))
    return whole / 2 + this.#options.random.below(Math.floor(whole / 2) + 1)
  }
}
