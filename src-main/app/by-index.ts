import { assert } from '../../src-shared/base/assert.ts'
import type { NoteId } from '../../src-shared/base/ids.ts'

/** Outdated places kept before the order is rewritten, as a multiple of the notes there are. */
const outdatedRatioMax = 2
const outdatedMin = 1_024

interface Place {
  readonly id: NoteId
  readonly index: number
}

/**
 * Notes in the order of their last command. Log indexes only grow, so a changed note goes to the end and its old place is
 * left behind; asking what lies beyond an index walks back from the end, and costs what lies beyond it.
 */
export class NotesByIndex {
  readonly #index = new Map<NoteId, number>()
  #places: Place[] = []

  get total(): number {
    return this.#index.size
  }

  touch(id: NoteId, index: number): void {
    const last = this.#places.at(-1)
    assert(last === undefined || index >= last.index, 'a note is touched by a later entry only')
    if (this.#index.get(id) === index) return
    this.#index.set(id, index)
    this.#places.push({ id, index })
    this.#tidy()
  }

  remove(id: NoteId): void {
    this.#index.delete(id)
    this.#tidy()
  }

  /** All notes anew, in any order. */
  reset(notes: Iterable<Place>): void {
    this.#places = [...notes].sort((a, b) => a.index - b.index)
    this.#index.clear()
    for (const { id, index } of this.#places) this.#index.set(id, index)
  }

  /** The newest index of any note; 0 when there are none. */
  newest(): number {
    for (let at = this.#places.length - 1; at >= 0; at--) {
      const place = this.#places[at]
      if (place !== undefined && this.#isCurrent(place)) return place.index
    }
    return 0
  }

  /** Ids of the notes whose last command has an index in (after, upTo], newest first. */
  between(after: number, upTo: number): readonly NoteId[] {
    const found: NoteId[] = []
    for (let at = this.#places.length - 1; at >= 0; at--) {
      const place = this.#places[at]
      if (place === undefined || place.index <= after) break
      if (place.index <= upTo && this.#isCurrent(place)) found.push(place.id)
    }
    return found
  }

  /** How many notes a member holds completely that holds the log up to `index`. */
  heldAt(index: number): number {
    return this.total - this.between(index, Number.POSITIVE_INFINITY).length
  }

  #isCurrent(place: Place): boolean {
    return this.#index.get(place.id) === place.index
  }

  #tidy(): void {
    const bound = outdatedMin + outdatedRatioMax * this.#index.size
    if (this.#places.length - this.#index.size <= bound) return
    this.#places = this.#places.filter((place) => this.#isCurrent(place))
  }
}
