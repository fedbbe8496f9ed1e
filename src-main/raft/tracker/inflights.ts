import { assert } from '../../../src-shared/base/assert.ts'

/** How much may be under way to one peer at once. */
export interface InflightsLimit {
  /** Messages with entries; an integer above 0 lets any through. */
  readonly messages: number
  /** Bytes of payload, a soft limit: the message that reaches it still goes. Infinity: none. */
  readonly bytes: number
}

const firstCapacity = 4

/**
 * The appends that were sent to a peer and not yet acknowledged, oldest first: the index of the
 * last entry of each, and its bytes. A ring that grows as it fills, since most peers never need the
 * whole window.
 */
export class Inflights {
  readonly #limit: InflightsLimit
  #indexes: number[] = []
  #sizes: number[] = []
  #start = 0
  #count = 0
  #bytes = 0

  constructor(limit: InflightsLimit) {
    this.#limit = limit
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#bytes
  }

  isFull(): boolean {
    return this.#count >= this.#limit.messages || this.#bytes >= this.#limit.bytes
  }

  /** `lastIndex` is that of the message's last entry, and greater than any before. */
  add(lastIndex: number, bytes: number): void {
    assert(!this.isFull(), 'nothing is added to a full window of messages in flight')
    if (this.#count === this.#indexes.length) this.#grow()
    const at = (this.#start + this.#count) % this.#indexes.length
    this.#indexes[at] = lastIndex
    this.#sizes[at] = bytes
    this.#count++
    this.#bytes += bytes
  }

  /**
   * Frees every message whose last entry is at or before `index`; an index that frees none is stale
   * and harmless.
   */
  freeUpTo(index: number): void {
    while (this.#count > 0 && (this.#indexes[this.#start] ?? 0) <= index) {
      this.#bytes -= this.#sizes[this.#start] ?? 0
      this.#start = (this.#start + 1) % this.#indexes.length
      this.#count--
    }
  }

  clear(): void {
    this.#start = 0
    this.#count = 0
    this.#bytes = 0
  }

  /** A copy that later changes of this one do not reach. */
  copy(): Inflights {
    const copy = new Inflights(this.#limit)
    for (let place = 0; place < this.#count; place++) {
      const at = (this.#start + place) % this.#indexes.length
      copy.#indexes.push(this.#indexes[at] ?? 0)
      copy.#sizes.push(this.#sizes[at] ?? 0)
    }
    copy.#count = this.#count
    copy.#bytes = this.#bytes
    return copy
  }

  #grow(): void {
    const capacity = Math.min(Math.max(firstCapacity, this.#count * 2), this.#limit.messages)
    const indexes: number[] = []
    const sizes: number[] = []
    for (let place = 0; place < capacity; place++) {
      const at = (this.#start + place) % Math.max(1, this.#count)
      indexes.push(place < this.#count ? (this.#indexes[at] ?? 0) : 0)
      sizes.push(place < this.#count ? (this.#sizes[at] ?? 0) : 0)
    }
    this.#indexes = indexes
    this.#sizes = sizes
    this.#start = 0
  }
}
