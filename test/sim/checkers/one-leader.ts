import type { Accuse, Checker } from './witness.ts'

/** Election safety: at most one leader in a term (paper §5.2). */
export function oneLeader(accuse: Accuse): Checker {
  const leaders = new Map<number, number>()
  return {
    ready({ id, isLeader, term }) {
      if (!isLeader) return
      const other = leaders.get(term) ?? id
      if (other !== id) accuse('one leader a term', `${other} and ${id} lead in term ${term}`)
      leaders.set(term, id)
    },
  }
}
