/** Something that will happen at a moment of virtual time, in microseconds. */
export interface Happening {
  readonly at: number
  /** Of two at one moment the one that was planned first comes first. */
  readonly order: number
  readonly what: string
  readonly run: () => void
  /** Whose it is: it falls away with a process that has died, and waits for one that is paused. */
  readonly life: Life | null
}

/** One process from its start to its end. */
export interface Life {
  readonly id: number
  isAlive: boolean
  /** Nothing of it happens before this moment. */
  pausedUntil: number
}

/** What is to come, soonest first: a binary heap. */
export class Agenda {
  readonly #heap: Happening[] = []
  #order = 0

  get length(): number {
    return this.#heap.length
  }

  plan(at: number, what: string, life: Life | null, run: () => void): void {
    this.#push({ at, order: this.#order++, what, run, life })
  }

  /** The same, later; it keeps its place among those that are put off to the same moment. */
  putOff(happening: Happening, at: number): void {
    this.#push({ ...happening, at })
  }

  next(): Happening | undefined {
    const first = this.#heap[0]
    const last = this.#heap.pop()
    if (first === undefined || last === undefined || first === last) return first
    this.#sink(last)
    return first
  }

  #push(happening: Happening): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(happening)
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || isBefore(parent, happening)) break
      heap[at] = parent
      at = above
    }
    heap[at] = happening
  }

  #sink(happening: Happening): void {
    const heap = this.#heap
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      const [left, right] = [heap[below], heap[below + 1]]
      if (left === undefined) break
      if (right !== undefined && isBefore(right, left)) below++
      const child = heap[below]
      if (child === undefined || isBefore(happening, child)) break
      heap[at] = child
      at = below
    }
    heap[at] = happening
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
