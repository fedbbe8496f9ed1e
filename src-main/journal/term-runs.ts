import type { Entry } from '../raft/entry.ts'

/** The terms of the entries in the log: each run reaches to the next one, the last to the end. */
export type TermRuns = readonly { readonly from: number; readonly term: number }[]

export function runsOf(entries: readonly Entry[]): TermRuns {
  let runs: TermRuns = []
  for (const entry of entries) runs = withEntry(runs, entry)
  return runs
}

/** Null when the log does not hold the index; the caller knows where it ends. */
export function termAt(runs: TermRuns, index: number): number | null {
  return runs.findLast((run) => run.from <= index)?.term ?? null
}

/** With one more entry, after which nothing follows. */
export function withEntry(runs: TermRuns, { index, term }: Entry): TermRuns {
  const last = runs.at(-1)
  if (last !== undefined && last.from <= index && last.term === term) return runs
  return [...runs.filter((run) => run.from < index), { from: index, term }]
}
