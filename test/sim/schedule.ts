import { crc32 } from 'node:zlib'
import { Agenda, type Life } from './agenda.ts'

/** Virtual time: what happens, and a running hash of it, by which a run is known again. */
export class Schedule {
  readonly #agenda = new Agenda()
  #now = 0
  #events = 0
  #hash = 0

  /** Microseconds since the beginning. */
  get now(): number {
    return this.#now
  }

  get events(): number {
    return this.#events
  }

  get hash(): number {
    return this.#hash
  }

  after(microseconds: number, what: string, life: Life | null, run: () => void): void {
    this.#agenda.plan(this.#now + microseconds, what, life, run)
  }

  /** Something of a run that must be the same in the next run of the same seed. */
  note(text: string | Uint8Array): void {
    this.#hash = crc32(text, this.#hash)
  }

  /**
   * Lets the next thing happen and all that follows from it at once; false when nothing is left. A turn of the event loop
   * comes only when no promise waits to go on any more, so what a run does depends on no clock but this one.
   */
  async step(): Promise<boolean> {
    const next = this.#agenda.next()
    if (next === undefined) return false
    const { life } = next
    if (life !== null && !life.isAlive) return true
    this.#now = Math.max(this.#now, next.at)
    if (life !== null && life.pausedUntil > this.#now) {
      this.#agenda.putOff(next, life.pausedUntil)
      return true
    }
    this.#events++
    this.note(`${this.#now} ${next.what} ${life?.id ?? ''}`)
    next.run()
    await new Promise((resolve) => setImmediate(resolve))
    return true
  }
}
