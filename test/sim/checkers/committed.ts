import { imprint } from './log-model.ts'
import type { Accuse, Checker, Witnessed } from './witness.ts'

interface Committed {
  readonly term: number
  readonly imprint: number
  /** A term in which it was committed for sure: the lowest in which anybody said so. */
  seenIn: number
}

/**
 * What is committed once is committed for ever: the same entry at an index everywhere (state machine safety, paper §5.4.3),
 * never cut off by whoever knew of it, and in the log of every later leader (leader completeness, §5.4).
 */
export function committedStays(accuse: Accuse): Checker & { readonly count: () => number } {
  const committed: (Committed | undefined)[] = []
  const elected = new Map<number, number>()

  function checkLeader(member: Witnessed): void {
    if (elected.get(member.id) === member.term) return
    elected.set(member.id, member.term)
    const { believed } = member
    for (let index = believed.start + 1; index < committed.length; index++) {
      const known = committed[index]
      if (known === undefined || known.seenIn >= member.term) continue
      if (believed.termAt(index) !== known.term) {
        const what = `${member.id} leads in term ${member.term} without ${index} of term ${known.term}`
        return accuse('a leader has all that is committed', what)
      }
    }
  }

  return {
    count: () => committed.length,
    willReady(member, ready) {
      const [first] = ready.entries
      const commit = member.status()?.hardState.commit ?? 0
      // A Ready may commit what it brings; what was durable and committed before must stay.
      const before = member.durable.hardState.commit
      if (first === undefined || first.index > Math.min(before, commit)) return
      if (member.believed.termAt(first.index) === first.term) return
      accuse(
        'nothing committed is cut off',
        `${member.id} overwrites ${first.index}, commit ${before}`,
      )
    },
    ready(member, ready) {
      for (const entry of ready.committedEntries) {
        const own = { term: entry.term, imprint: imprint(entry), seenIn: member.term }
        const known = committed[entry.index]
        if (known === undefined) committed[entry.index] = own
        else if (known.term !== own.term || known.imprint !== own.imprint) {
          const terms = `terms ${known.term} and ${own.term}`
          accuse(
            'members commit the same',
            `${member.id} has another entry ${entry.index}: ${terms}`,
          )
        } else known.seenIn = Math.min(known.seenIn, own.seenIn)
      }
      if (member.isLeader) checkLeader(member)
    },
  }
}
