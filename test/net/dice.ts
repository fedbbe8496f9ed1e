import type { Random } from '../../src-shared/base/random.ts'

/** Dice that fall the same way for the same seed (xorshift32). */
export function dice(seed: number): Random {
  let state = seed * 2_654_435_761 || 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  return {
    below: (bound) => Math.floor((next() / 2 ** 32) * bound),
    bytes: (length) => Uint8Array.from({ length }, () => next() & 255),
  }
}
