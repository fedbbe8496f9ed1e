import type { NodeId } from '../entry.ts'

/** Distinct voters in ascending order. More than half of them decide (paper §5.1). */
export type Majority = readonly NodeId[]

/** How far a voter is known to have come; undefined when nothing is known of it. */
export type AckedBy = (voter: NodeId) => number | undefined

/** What a voter said; undefined while it has said nothing. */
export type VoteOf = (voter: NodeId) => boolean | undefined

export type VoteResult = 'won' | 'lost' | 'pending'

/** The fewest voters that any other majority must share one with. */
export function quorumSize(voters: number): number {
  return Math.floor(voters / 2) + 1
}

/**
 * The largest index that more than half have reached; a voter of whom nothing is known counts as 0.
 * An empty majority holds nothing back: Infinity, so that joined with another one it is neutral.
 * `scratch` is overwritten; a caller on the hot path keeps one, and nothing is allocated.
 */
export function committedByMajority(
  voters: Majority,
  ackedBy: AckedBy,
  scratch: number[] = [],
): number {
  const count = voters.length
  if (count === 0) return Number.POSITIVE_INFINITY
  // An insertion sort: a handful of voters, nearly in order from one call to the next.
  let known = 0
  for (const voter of voters) {
    const acked = ackedBy(voter) ?? 0
    let at = known++
    while (at > 0 && (scratch[at - 1] ?? 0) > acked) {
      scratch[at] = scratch[at - 1] ?? 0
      at--
    }
    scratch[at] = acked
  }
  return scratch[count - quorumSize(count)] ?? 0
}

/**
 * Lost as soon as those who have not refused are too few to win. An empty majority has always won.
 */
export function voteOfMajority(voters: Majority, voteOf: VoteOf): VoteResult {
  if (voters.length === 0) return 'won'
  const wanted = quorumSize(voters.length)
  let granted = 0
  let open = 0
  for (const voter of voters) {
    const vote = voteOf(voter)
    if (vote === undefined) open++
    else if (vote) granted++
  }
  if (granted >= wanted) return 'won'
  return granted + open >= wanted ? 'pending' : 'lost'
}
