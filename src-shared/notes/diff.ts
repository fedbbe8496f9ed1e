/**
 * The changes between two texts when nobody recorded them: a file that was edited elsewhere, a base that the ring no longer
 * reaches. A guess by nature, so it runs at the edge only; what it answers always leads exactly from one text to the other.
 *
 * Bounded: lines first (Myers 1986, "An O(ND) difference algorithm"), by way of lines that occur once in both where the
 * texts are far apart, then words within what differs. Beyond `effortMax` differences a range is replaced as a whole.
 */
import { align, type Hunk } from './align.ts'
import { normalise, type Section } from './splice.ts'
import type { Changes } from './text.ts'

/** Differences that one run of the algorithm looks for; its time and memory grow with the square. */
export const effortMax = 400
/** Longer ranges are not compared word by word. UTF-16 units. */
export const refineLengthMax = 20_000
/** Two differences with less than this between them are one. UTF-16 units. */
const islandLengthMin = 3

/** Never splits a surrogate pair; splits a CRLF only when the texts differ inside one. */
export function diff(before: string, after: string): Changes {
  const hunks = diffLines(before, after).flatMap((hunk) => refined(before, after, hunk))
  return toChanges(joinIslands(hunks, before), before, after)
}

/** The ranges of whole lines that differ, in UTF-16 units and in order. */
export function diffLines(before: string, after: string): readonly Hunk[] {
  const range = differingRange(before, after)
  if (range === null) return []
  return alignTokens(linesOf, before, after, wholeLines(before, after, range))
}

/** What is left between the common beginning and the common end; null when the texts are equal. */
function differingRange(before: string, after: string): Hunk | null {
  if (before === after) return null
  const shorter = Math.min(before.length, after.length)
  let from = 0
  while (from < shorter && before.charCodeAt(from) === after.charCodeAt(from)) from++
  let tail = 0
  while (tail < shorter - from && isSameFromEnd(before, after, tail + 1)) tail++
  return { from, to: before.length - tail, otherFrom: from, otherTo: after.length - tail }
}

function isSameFromEnd(before: string, after: string, tail: number): boolean {
  return before.charCodeAt(before.length - tail) === after.charCodeAt(after.length - tail)
}

/** The range widened to whole lines; what it takes in on either side is equal in both. */
function wholeLines(before: string, after: string, range: Hunk): Hunk {
  const start = range.from === 0 ? 0 : before.lastIndexOf('\n', range.from - 1) + 1
  let { to, otherTo } = range
  while (to < before.length && !(endsLine(before, to) && endsLine(after, otherTo))) {
    to++
    otherTo++
  }
  return { from: start, to, otherFrom: start, otherTo }
}

function endsLine(text: string, at: number): boolean {
  return at === 0 || text.charCodeAt(at - 1) === 0x0a
}

/** Two texts' ranges cut into tokens and aligned; the answer is in units again. */
function alignTokens(
  cut: (text: string) => readonly string[],
  before: string,
  after: string,
  range: Hunk,
): readonly Hunk[] {
  const names = new Map<string, number>()
  const one = tokens(cut(before.slice(range.from, range.to)), range.from, names)
  const other = tokens(cut(after.slice(range.otherFrom, range.otherTo)), range.otherFrom, names)
  return align(one.ids, other.ids, effortMax).map((hunk) => ({
    from: one.starts[hunk.from] as number,
    to: one.starts[hunk.to] as number,
    otherFrom: other.starts[hunk.otherFrom] as number,
    otherTo: other.starts[hunk.otherTo] as number,
  }))
}

interface Tokens {
  readonly ids: readonly number[]
  /** Where each begins, and where the last one ends. */
  readonly starts: readonly number[]
}

function tokens(texts: readonly string[], from: number, names: Map<string, number>): Tokens {
  const ids: number[] = []
  const starts = [from]
  let at = from
  for (const text of texts) {
    const id = names.get(text) ?? names.size
    names.set(text, id)
    ids.push(id)
    at += text.length
    starts.push(at)
  }
  return { ids, starts }
}

function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

// Letters of scripts that write words with spaces make words; every other character, a pair included, stands for itself.
const wordPattern = /\r\n|[\w\u00c0-\u1fff]+|[\s\S]/gu

function wordsOf(text: string): readonly string[] {
  return text.match(wordPattern) ?? []
}

function refined(before: string, after: string, hunk: Hunk): readonly Hunk[] {
  const [length, otherLength] = [hunk.to - hunk.from, hunk.otherTo - hunk.otherFrom]
  if (length === 0 || otherLength === 0) return [hunk]
  if (Math.max(length, otherLength) > refineLengthMax) return [hunk]
  return alignTokens(wordsOf, before, after, hunk)
}

/** A few equal units between two differences are chance, not something that was kept. */
function joinIslands(hunks: readonly Hunk[], before: string): readonly Hunk[] {
  const joined: Hunk[] = []
  for (const hunk of hunks) {
    const last = joined.at(-1)
    if (last !== undefined && isIsland(before.slice(last.to, hunk.from))) {
      joined[joined.length - 1] = { ...last, to: hunk.to, otherTo: hunk.otherTo }
    } else joined.push(hunk)
  }
  return joined
}

function isIsland(text: string): boolean {
  return text.length < islandLengthMin && !text.includes('\n')
}

function toChanges(hunks: readonly Hunk[], before: string, after: string): Changes {
  const sections: Section[] = []
  let at = 0
  for (const { from, to, otherFrom, otherTo } of hunks) {
    sections.push(from - at, [to - from, after.slice(otherFrom, otherTo)])
    at = to
  }
  return normalise([...sections, before.length - at])
}
