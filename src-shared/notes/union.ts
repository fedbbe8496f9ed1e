import { diffLines } from './diff.ts'
import { normalise, type Section } from './splice.ts'
import type { Changes } from './text.ts'

/** Leads from each of two texts to one that holds the lines of both. */
export interface Union {
  readonly fromTheirs: Changes
  readonly fromMine: Changes
}

/**
 * Two texts of which nobody knows the common past, kept both: where they differ, their lines and then mine. Nothing is
 * guessed away, since a line that is missing on one side may have been deleted there or written here.
 */
export function union(theirs: string, mine: string): Union {
  const fromTheirs: Section[] = []
  const fromMine: Section[] = []
  let at = 0
  let mineAt = 0
  for (const { from, to, otherFrom, otherTo } of diffLines(theirs, mine)) {
    const [their, my] = [theirs.slice(from, to), mine.slice(otherFrom, otherTo)]
    // The last line of a text may have no end; something stands behind it now.
    const seam = their !== '' && my !== '' && !their.endsWith('\n') ? '\n' : ''
    fromTheirs.push(to - at, [0, seam + my])
    fromMine.push(otherFrom - mineAt, [0, their + seam], otherTo - otherFrom)
    at = to
    mineAt = otherTo
  }
  return {
    fromTheirs: normalise([...fromTheirs, theirs.length - at]),
    fromMine: normalise([...fromMine, mine.length - mineAt]),
  }
}
