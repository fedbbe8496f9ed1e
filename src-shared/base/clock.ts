/** Time, passed in so that a test can own it. host/ has the real one. */
export interface Clock {
  /** Monotonic milliseconds since some fixed moment. */
  now(): number
  /** Wall time, ISO 8601 UTC with milliseconds: shown, carried as data, never compared. */
  wall(): string
  /** Calls once after at least `ms` milliseconds; the answer cancels. */
  after(ms: number, call: () => void): () => void
  /** Calls every `ms` milliseconds; calls that were missed (a sleeping laptop) are dropped, not made up for; the answer stops. */
  every(ms: number, call: () => void): () => void
}
