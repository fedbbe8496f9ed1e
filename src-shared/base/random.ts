/** Dice, passed in so that a test can own them. host/ has the real ones. */
export interface Random {
  /** A uniform integer in [0, bound); bound is 1 to 2^48 − 1, both inclusive. */
  below(bound: number): number
  /** `length` bytes from a source fit for keys. */
  bytes(length: number): Uint8Array
}
