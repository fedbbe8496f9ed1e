import { assert } from '../../../src-shared/base/assert.ts'
import type { Entry } from '../entry.ts'
import { countWithin } from './entry-size.ts'

/**
 * Entries without gaps from some index on [L1]: appended and cut at the end, dropped at the front.
 * Each costs the same however many there are: dropping only moves the start, and the room in front
 * is given back once it is half of the whole. What is handed out is a copy and never changes [B90].
 */
export class EntryRun {
  #entries: Entry[] = []
  /** The place in `#entries` of the first one that counts. */
  #start = 0
  #first: number

  constructor(first: number) {
    this.#first = first
  }

  /** The index of the first entry, or of the next one to come when there is none. */
  get first(): number {
    return this.#first
  }

  get length(): number {
    return this.#entries.length - this.#start
  }

  /** One behind `first` when there is no entry. */
  get last(): number {
    return this.#first + this.length - 1
  }

  has(index: number): boolean {
    return index >= this.#first && index <= this.last
  }

  /** Zero for an index that is not here. */
  termAt(index: number): number {
    return this.#entries[this.#start + index - this.#first]?.term ?? 0
  }

  push(entries: readonly Entry[]): void {
    let next = this.last + 1
    for (const entry of entries) {
      assert(entry.index === next, '[L1] indexes have no gaps')
      this.#entries.push(entry)
      next++
    }
  }

  /** Forgets everything and starts again before `first`. */
  restart(first: number): void {
    this.#entries = []
    this.#start = 0
    this.#first = first
  }

  /** Removes `index` and everything after it. */
  cutFrom(index: number): void {
    assert(index >= this.#first && index <= this.last + 1, 'a cut lies within the run')
    this.#entries.length = this.#start + index - this.#first
  }

  /** Removes everything before `index`, which may be one after the last. */
  dropBefore(index: number): void {
    assert(index >= this.#first && index <= this.last + 1, 'a drop lies within the run')
    this.#start += index - this.#first
    this.#first = index
    if (this.#start * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#start)
      this.#start = 0
    }
  }

  /**
   * The entries from `low` up to, not including, `high`, as many as fit: at least one of several.
   */
  slice(low: number, high: number, sizeMax: number): Entry[] {
    assert(low >= this.#first && low <= high, 'a slice begins within the run')
    assert(high <= this.last + 1, 'a slice ends within the run')
    const from = this.#start + low - this.#first
    const count = countWithin(this.#entries, { from, to: from + high - low }, sizeMax)
    return this.#entries.slice(from, from + count)
  }
}
