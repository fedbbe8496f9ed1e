import type { Accuse, Checker } from './witness.ts'

/** A leader never overwrites or deletes entries of its own log (paper §5.3). */
export function leaderAppendsOnly(accuse: Accuse): Checker {
  return {
    willReady(member, ready) {
      const [first] = ready.entries
      const status = member.status()
      if (first === undefined || !member.isLeader || status === null) return
      const isStill = status.hardState.term === member.term
      if (!isStill || status.softState.raftState !== 'StateLeader') return
      const { last } = member.believed
      if (first.index <= last) {
        accuse('a leader only appends', `${member.id} overwrites ${first.index} of ${last}`)
      }
    },
  }
}
