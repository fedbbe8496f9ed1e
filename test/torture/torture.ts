export type Effort = 'short' | 'full' | 'long'

/** What every torture gets and gives. */
export interface TortureOptions {
  readonly seed: number
  /** short: seconds, as a part of the tests. full: a few minutes. long: as long as it takes. */
  readonly effort: Effort
  say(line: string): void
}

export interface TortureResult {
  /** Counts of what was tried, in the order they are printed. */
  readonly counts: Readonly<Record<string, number>>
  /** What was silently wrong or lost; the first few in words. */
  readonly failures: readonly string[]
}

export const failuresShownMax = 20

/** Collects failures without filling the memory with them. */
export class Failures {
  readonly shown: string[] = []
  count = 0

  add(words: string): void {
    this.count += 1
    if (this.shown.length < failuresShownMax) this.shown.push(words)
  }
}
