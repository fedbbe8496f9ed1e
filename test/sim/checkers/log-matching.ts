import { imprint } from './log-model.ts'
import type { Accuse, Checker } from './witness.ts'

/**
 * Two logs with an entry of the same index and term are the same up to there (paper §5.3): the entry is the same and so is
 * the term of the one before it, which by induction is all there is to say.
 */
export function logsMatch(accuse: Accuse): Checker {
  const known = new Map<string, { readonly before: number; readonly imprint: number }>()
  return {
    ready(member, { entries }) {
      for (const entry of entries) {
        const before = member.believed.termAt(entry.index - 1)
        if (before === undefined) {
          accuse('logs have no gaps', `${member.id} has ${entry.index} and not what is before it`)
          return
        }
        const own = { before, imprint: imprint(entry) }
        const key = `${entry.index} ${entry.term}`
        const other = known.get(key)
        if (other === undefined) known.set(key, own)
        else if (other.before !== own.before || other.imprint !== own.imprint) {
          accuse(
            'logs match',
            `${member.id} has another entry ${entry.index} of term ${entry.term}`,
          )
        }
      }
    },
  }
}
