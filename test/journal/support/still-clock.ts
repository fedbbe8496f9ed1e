import type { Clock } from '../../../src-shared/base/clock.ts'

/** A clock on which nothing is ever due until the test says so. */
export class StillClock implements Clock {
  readonly #due = new Set<() => void>()

  now(): number {
    return 0
  }

  wall(): string {
    return '2026-01-01T00:00:00.000Z'
  }

  after(_ms: number, call: () => void): () => void {
    this.#due.add(call)
    return () => this.#due.delete(call)
  }

  every(ms: number, call: () => void): () => void {
    return this.after(ms, call)
  }

  /** Everything that waits is called, once. */
  ring(): void {
    const due = [...this.#due]
    this.#due.clear()
    for (const call of due) call()
  }
}
