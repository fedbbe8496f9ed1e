/** At a position, so many UTF-16 units go and a string comes. */
export type Splice = readonly [at: number, deleted: number, inserted: string]

/** The one splice that makes `after` of `before`: what lies between their common beginning and their common end. */
export function spliceBetween(before: string, after: string): Splice {
  if (before === after) return [0, 0, '']
  const shorter = Math.min(before.length, after.length)
  const from = commonStart(before, after, shorter)
  const same = commonEnd(before, after, shorter - from)
  return [from, before.length - from - same, after.slice(from, after.length - same)]
}

/** Comparing a slice is one comparison of memory, where comparing units is a loop: it makes a 2 MB note cost well under a millisecond. */
const stride = 4096

function commonStart(a: string, b: string, max: number): number {
  let same = 0
  while (same + stride <= max && a.slice(same, same + stride) === b.slice(same, same + stride)) {
    same += stride
  }
  while (same < max && a.charCodeAt(same) === b.charCodeAt(same)) same += 1
  return same
}

function commonEnd(a: string, b: string, max: number): number {
  let same = 0
  const tail = (text: string) => text.slice(text.length - same - stride, text.length - same)
  while (same + stride <= max && tail(a) === tail(b)) same += stride
  while (same < max && a.charCodeAt(a.length - 1 - same) === b.charCodeAt(b.length - 1 - same)) {
    same += 1
  }
  return same
}
