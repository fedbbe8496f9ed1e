import type { NodeId } from '../entry.ts'
import type { AckedBy, Majority } from './majority.ts'

interface Row {
  readonly voter: NodeId
  readonly acked: number | undefined
}

/**
 * A picture of who has come how far: one row per voter in ascending order, the longer its bar the
 * further it is. Voters level with each other have bars of one length; `?` is a voter of whom
 * nothing is known.
 */
export function describeMajority(voters: Majority, ackedBy: AckedBy): string {
  if (voters.length === 0) return '<empty majority quorum>'
  const rows = voters.map((voter) => ({ voter, acked: ackedBy(voter) }))
  const bars = barsOf(rows)
  const lines = rows.map(({ voter, acked }) => {
    const bar = bars.get(voter) ?? 0
    const blanks = ' '.repeat(voters.length - bar)
    const picture =
      acked === undefined ? `?${' '.repeat(voters.length)}` : `${'x'.repeat(bar)}>${blanks}`
    return `${picture} ${describeIndex(acked ?? 0).padStart(5)}    (id=${voter.toString(16)})\n`
  })
  return `${' '.repeat(voters.length)}    idx\n${lines.join('')}`
}

export function describeIndex(index: number): string {
  return index === Number.POSITIVE_INFINITY ? '∞' : String(index)
}

function barsOf(rows: readonly Row[]): ReadonlyMap<NodeId, number> {
  const behindFirst = [...rows].sort((one, other) => (one.acked ?? 0) - (other.acked ?? 0))
  const bars = new Map<NodeId, number>()
  let bar = 0
  behindFirst.forEach(({ voter, acked }, place) => {
    const before = behindFirst[place - 1]
    if (before !== undefined && (acked ?? 0) > (before.acked ?? 0)) bar = place
    bars.set(voter, bar)
  })
  return bars
}
