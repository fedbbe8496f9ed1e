import type { HardState } from '../raft/entry.ts'
import { nobody } from '../raft/entry.ts'
import type { Recovered } from '../replica/ports.ts'
import { lastIndexOf, lastTermOf } from './replay.ts'
import type { Survey } from './survey.ts'

/** What raft starts from. */
export function recoveredFrom(survey: Survey): Recovered {
  const { replay } = survey.log
  const snapshot = survey.chains[0]?.[0]?.metadata ?? null
  const start = snapshot?.index ?? 0
  return {
    hardState: settledHardState(survey),
    snapshot,
    entries: replay.entries.slice(start - replay.base),
  }
}

/**
 * A crash may fall between a snapshot or entries and the hard state that goes with them. Nothing was
 * promised in that term by then, or its vote would be here; so the term is raised and the vote is
 * free. What a snapshot covers was committed, and no more than the log holds can be.
 */
function settledHardState({ log: { replay } }: Survey): HardState {
  const newest = replay.shelf[0]
  const { hardState } = replay
  const term = Math.max(hardState.term, lastTermOf(replay), newest?.term ?? 0)
  const commit = Math.max(hardState.commit, newest?.index ?? 0)
  const vote = term > hardState.term ? nobody : hardState.vote
  return { term, vote, commit: Math.min(commit, Math.max(lastIndexOf(replay), newest?.index ?? 0)) }
}
