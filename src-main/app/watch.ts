import type { Clock } from '../../src-shared/base/clock.ts'

interface Waiting {
  readonly holds: () => boolean
  settle(held: boolean): void
}

/** Waiting for something to become true, by being told when it may have. */
export class Watch {
  readonly #clock: Clock
  readonly #waiting = new Set<Waiting>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** True as soon as it holds, false after `ms` or when the watch is closed. */
  until(holds: () => boolean, ms: number): Promise<boolean> {
    if (holds()) return Promise.resolve(true)
    return new Promise((resolve) => {
      const waiting: Waiting = {
        holds,
        settle: (held) => {
          if (!this.#waiting.delete(waiting)) return
          stopClock()
          resolve(held)
        },
      }
      const stopClock = this.#clock.after(ms, () => waiting.settle(false))
      this.#waiting.add(waiting)
    })
  }

  /** Something moved. */
  poke(): void {
    for (const waiting of [...this.#waiting]) if (waiting.holds()) waiting.settle(true)
  }

  close(): void {
    for (const waiting of [...this.#waiting]) waiting.settle(false)
  }
}
