/** A rule of ours was broken: a bug. Nobody catches it; the member stops, for stale beats wrong. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken'
}

/** Holds the code to a claim. The claim is the message, so write it as the sentence that must be true. */
export function assert(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new InvariantBroken(claim)
}

/** The default of an exhaustive switch: the compiler refuses a case that was forgotten. */
export function unreachable(value: never): never {
  throw new InvariantBroken(`unreachable: ${JSON.stringify(value)}`)
}
