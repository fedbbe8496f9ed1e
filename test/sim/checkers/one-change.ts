import type { Accuse, Checker } from './witness.ts'

/** A leader takes in a change of the configuration only when all before it are applied (thesis §4.1). */
export function oneChangeAtATime(accuse: Accuse): Checker {
  return {
    ready(member, { entries }) {
      if (!member.isLeader || !entries.some(({ type }) => type !== 'EntryNormal')) return
      const applied = member.status()?.applied ?? 0
      const open = member.believed.changesAfter(applied)
      if (open > 1) accuse('one change at a time', `${member.id} has ${open} changes in flight`)
    },
  }
}
