import type { Accuse, Checker, Saving, Witnessed } from './witness.ts'

/** What the journal called durable is there after a crash; term, vote and commit never go back (thesis §3.8). */
export function nothingDurableIsLost(accuse: Accuse): Checker {
  return {
    recovered(member, { hardState, snapshot, entries }) {
      const { id, durable, saving } = member
      const was = durable.hardState
      if (hardState.term < was.term) {
        accuse('the term never goes back', `${id}: ${was.term} to ${hardState.term}`)
      }
      const mayChange = saving.some(({ kind }) => kind === 'save')
      if (hardState.term === was.term && was.vote !== 0n && hardState.vote !== was.vote) {
        accuse('a vote is not forgotten', `${id}: ${was.vote} to ${hardState.vote}`)
      }
      if (hardState.commit < was.commit) {
        accuse('the commit index never goes back', `${id}: ${was.commit} to ${hardState.commit}`)
      }
      const start = snapshot?.index ?? 0
      if (start < durable.snapshot && !member.isRotten) {
        accuse('a snapshot is not lost', `${id}: ${durable.snapshot} to ${start}`)
      }
      const from = Math.max(start, durable.log.start)
      for (let index = from + 1; index <= durable.log.last; index++) {
        const entry = entries[index - start - 1]
        if (entry !== undefined && entry.term === durable.log.termAt(index)) continue
        if (mayChange && cutFrom(member, saving) <= index) return
        accuse('a durable entry is not lost', `${id} has lost ${index} of ${durable.log.last}`)
        return
      }
    },
  }
}

/** The first index that anything on its way to the disk may have replaced. */
function cutFrom({ durable }: Witnessed, saving: readonly Saving[]): number {
  let from = Number.POSITIVE_INFINITY
  for (const each of saving) {
    if (each.kind !== 'save') continue
    const changed = each.entries.find(({ index, term }) => durable.log.termAt(index) !== term)
    if (changed !== undefined) from = Math.min(from, changed.index)
  }
  return from
}
