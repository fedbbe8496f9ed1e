import { ChangeSet, type Text } from '@codemirror/state'

/** One replaced stretch between what both texts begin and end with: never wrong, and as small as one stretch can be. */
export function difference(from: Text, to: Text): ChangeSet {
  const a = from.toString()
  const b = to.toString()
  const shorter = Math.min(a.length, b.length)
  let start = 0
  while (start < shorter && a.charCodeAt(start) === b.charCodeAt(start)) start += 1
  if (start === a.length && start === b.length) return ChangeSet.empty(a.length)
  if (splitsPair(a, start) || splitsPair(b, start)) start -= 1
  let end = 0
  while (
    end < shorter - start &&
    a.charCodeAt(a.length - 1 - end) === b.charCodeAt(b.length - 1 - end)
  ) {
    end += 1
  }
  if (splitsPair(a, a.length - end) || splitsPair(b, b.length - end)) end -= 1
  return ChangeSet.of(
    { from: start, to: a.length - end, insert: to.slice(start, b.length - end) },
    a.length,
    '\n',
  )
}

/** Units deleted plus units inserted. */
export function sizeOf(changes: ChangeSet): number {
  let size = 0
  changes.iterChanges((fromA, toA, fromB, toB) => {
    size += toA - fromA + (toB - fromB)
  })
  return size
}

/** A surrogate pair is one character; no change may end in its middle. */
function splitsPair(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1)
  const after = text.charCodeAt(at)
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff
}
