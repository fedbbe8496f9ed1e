import { assert } from '../../../src-shared/base/assert.ts'

/**
 * How far the state machine has come, and how much is on its way to it: a driver that is slow to
 * apply is not handed more than it said it can hold.
 */
export class Applying {
  readonly #sizeMax: number
  #applied: number
  #handedOut: number
  #size = 0
  #paused = false

  constructor(applied: number, sizeMax: number) {
    this.#applied = applied
    this.#handedOut = applied
    this.#sizeMax = sizeMax
  }

  /** The last index that is in the state machine. */
  get applied(): number {
    return this.#applied
  }

  /** The last index that was handed out for it; the ones up to here are not handed out again. */
  get handedOut(): number {
    return this.#handedOut
  }

  /** Bytes on the wire that may still be handed out. */
  get room(): number {
    const room = this.#sizeMax - this.#size
    assert(room > 0, 'entries are handed out only while there is room for them')
    return room
  }

  get paused(): boolean {
    return this.#paused
  }

  /**
   * Pauses when no room is left, and also when the entries were cut short by the size: the next one
   * would not have fitted.
   */
  handOut(last: number, size: number, isCut: boolean): void {
    this.#handedOut = last
    this.#size += size
    this.#paused = this.#size >= this.#sizeMax || isCut
  }

  applyTo(index: number, size: number): void {
    assert(index >= this.#applied, '[L3] the state machine never goes back')
    this.#applied = index
    this.#handedOut = Math.max(this.#handedOut, index)
    // A snapshot frees what was never counted for it: the sum may fall short, never below nothing.
    this.#size = Math.max(0, this.#size - size)
    this.#paused = this.#size >= this.#sizeMax
  }
}
