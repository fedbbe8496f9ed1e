import type { ConfState } from '../../../src-main/raft/entry.ts'
import type { Accuse, Checker, Witnessed } from './witness.ts'

interface Told {
  readonly term: number
  readonly commit: number
  readonly confState: ConfState
}

/** What a leader commits is durable on a majority, of both configurations while they overlap (paper §5.3, thesis §4.3). */
export function committedIsDurable(
  accuse: Accuse,
  members: () => ReadonlyMap<number, Witnessed>,
): Checker {
  const told = new Map<number, Told>()

  function isHeld(confState: ConfState, commit: number, term: number): boolean {
    return [confState.voters, confState.votersOutgoing].every((half) => {
      const holds = (id: bigint) => members().get(Number(id))?.durable.log.covers(commit, term)
      return half.length === 0 || half.filter(holds).length * 2 > half.length
    })
  }

  return {
    ready(member, { hardState }) {
      if (hardState === null) return
      const { id, term, isLeader } = member
      const before = told.get(id)
      const { commit } = hardState
      const confState = member.confState()
      told.set(id, { term, commit, confState })
      if (!isLeader || (before?.term === term && before.commit >= commit)) return
      const entryTerm = member.believed.termAt(commit)
      // A leader commits by counting only what is of its own term (paper §5.4.2): a new one repeats an old commit index.
      if (entryTerm !== term) {
        if (before !== undefined && commit > before.commit && entryTerm !== undefined) {
          accuse('only entries of the own term are counted', `${id} commits ${commit} in ${term}`)
        }
        return
      }
      // A configuration may have taken its place between the counting and this Ready.
      const either = [confState, before?.confState ?? confState]
      if (either.some((each) => isHeld(each, commit, term))) return
      accuse('what is committed is durable on a majority', `${id} commits ${commit} in ${term}`)
    },
  }
}
