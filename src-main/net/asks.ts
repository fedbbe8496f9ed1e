import type { Clock } from '../../src-shared/base/clock.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { Answer } from './frame.ts'
import { askMsMax, asksInFlightMax } from './limits.ts'
import type { AskFailed } from './network.ts'

interface Pending {
  settle(outcome: Outcome<unknown, AskFailed>): void
  stopClock(): void
}

/** Questions to one peer that are still open: bounded in number and in time, each settled exactly once. */
export class Asks {
  readonly #clock: Clock
  readonly #pending = new Map<number, Pending>()
  #nextId = 1

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isFull(): boolean {
    return this.#pending.size >= asksInFlightMax
  }

  /** Gives the id to send under, and the promise of its answer. */
  open(timeoutMs: number): { id: number; answer: Promise<Outcome<unknown, AskFailed>> } {
    const id = this.#nextId
    this.#nextId = id === 2 ** 32 - 1 ? 1 : id + 1
    const answer = new Promise<Outcome<unknown, AskFailed>>((settle) => {
      const ms = Math.min(timeoutMs, askMsMax)
      const stopClock = this.#clock.after(ms, () => this.#settle(id, fail({ kind: 'timed-out' })))
      this.#pending.set(id, { settle, stopClock })
    })
    return { id, answer }
  }

  /** An answer that nobody waits for any more is dropped. */
  answered(id: number, answer: Answer): void {
    const outcome = answer.ok
      ? ok(answer.value)
      : fail({ kind: 'refused' as const, refusal: answer.error })
    this.#settle(id, outcome)
  }

  failAll(kind: 'lost' | 'unreachable'): void {
    for (const id of [...this.#pending.keys()]) this.#settle(id, fail({ kind }))
  }

  fail(id: number, error: AskFailed): void {
    this.#settle(id, fail(error))
  }

  #settle(id: number, outcome: Outcome<unknown, AskFailed>): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    this.#pending.delete(id)
    pending.stopClock()
    pending.settle(outcome)
  }
}
