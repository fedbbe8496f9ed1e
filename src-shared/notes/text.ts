/**
 * Merging, at the edge only: nothing here runs in apply, so two versions of this library cannot make two members differ.
 * The only file that knows @codemirror/state; everyone else speaks its JSON form.
 */
import { ChangeSet } from '@codemirror/state'
import { normalise } from './splice.ts'

/**
 * A change set in the JSON form of CodeMirror's ChangeSet: a number keeps that many UTF-16 units; `[n]` deletes n;
 * `[n, line, line …]` replaces n units by the lines, joined with "\n" (n may be 0).
 */
export type Changes = readonly (number | readonly [number, ...string[]])[]

/** First `first`, then `second`, as one. */
export function compose(first: Changes, second: Changes): Changes {
  return fromSet(toSet(first).compose(toSet(second)))
}

/** Any number of change sets, each starting where the one before it ended, as one: in pairs, so that ten thousand take n log n. */
export function composeAll(changes: readonly [Changes, ...Changes[]]): Changes {
  let sets = changes.map(toSet)
  while (sets.length > 1) {
    const pairs: ChangeSet[] = []
    for (let at = 0; at < sets.length; at += 2) {
      const [first, second] = [sets[at] as ChangeSet, sets[at + 1]]
      pairs.push(second === undefined ? first : first.compose(second))
    }
    sets = pairs
  }
  return fromSet(sets[0] as ChangeSet)
}

/**
 * `changes` so that it applies after `over`, when both start from the same text. Where both insert at one place, ours
 * stands after theirs, or before it when `before` is true. For any a, b: a then map(b, a) is b then map(a, b, true).
 */
export function map(changes: Changes, over: Changes, before = false): Changes {
  return fromSet(toSet(changes).map(toSet(over), before))
}

/** True when both, starting from the same text, change a common place; touching at an edge counts. */
export function touches(one: Changes, other: Changes): boolean {
  const set = toSet(other)
  let touching = false
  toSet(one).iterChangedRanges((from, to) => {
    touching ||= set.touchesRange(from, to) !== false
  })
  return touching
}

function toSet(changes: Changes): ChangeSet {
  return ChangeSet.fromJSON(changes)
}

function fromSet(set: ChangeSet): Changes {
  return normalise(set.toJSON())
}
