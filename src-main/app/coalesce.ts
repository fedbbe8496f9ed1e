import type { Clock } from '../../src-shared/base/clock.ts'

/** At most so many of one kind of event reach a window in a second: what comes in between is joined to the next. */
export const eventsPerSecondMax = 20
const gapMs = 1_000 / eventsPerSecondMax

/** Runs a job soon after it is asked for: the first time at the end of this turn, then once in a gap however often it is asked. */
export class Coalesced {
  readonly #clock: Clock
  readonly #job: () => void
  #asked = false
  #lastAt = Number.NEGATIVE_INFINITY
  #cancel: (() => void) | null = null
  #closed = false

  constructor(clock: Clock, job: () => void) {
    this.#clock = clock
    this.#job = job
  }

  ask(): void {
    if (this.#asked || this.#closed) return
    this.#asked = true
    const wait = Math.max(0, this.#lastAt + gapMs - this.#clock.now())
    this.#cancel = this.#clock.after(wait, () => {
      this.#asked = false
      this.#lastAt = this.#clock.now()
      this.#job()
    })
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
  }
}
