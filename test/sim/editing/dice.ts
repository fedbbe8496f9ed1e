/** Dice of a seed: the same seed rolls the same for ever (xorshift128, Marsaglia 2003, seeded by splitmix). */
export class Dice {
  readonly #state = new Uint32Array(4)

  constructor(seed: number) {
    let z = seed >>> 0
    for (let at = 0; at < 4; at++) {
      z = (z + 0x9e3779b9) >>> 0
      let x = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
      x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
      this.#state[at] = (x ^ (x >>> 16)) >>> 0 || 1
    }
  }

  /** A whole number in [0, bound). */
  below(bound: number): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#state
    const t = a ^ (a << 11)
    const next = (d ^ (d >>> 19) ^ (t ^ (t >>> 8))) >>> 0
    this.#state.set([b, c, d, next])
    return next % bound
  }

  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }
}
