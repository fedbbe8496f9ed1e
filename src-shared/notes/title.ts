/** What a list shows of a note's text. Reads only as far as it must: a note may have a million lines. */
import { titleLengthMax } from './limits.ts'
import { isInsidePair } from './splice.ts'

export const previewLengthMax = 160
/** How far into a text title and preview are looked for. UTF-16 units. */
const lookLengthMax = 20_000

/** The first line that is not empty, without its leading "#"s; "" for a text without words. */
export function derivedTitle(text: string): string {
  return titleLine(text).title
}

/** The words after the title's line, on one line. With a title given the text begins with no title line. */
export function preview(text: string, title: string | null): string {
  const from = title === null ? titleLine(text).end : 0
  // A little of the text is nearly always enough, and a list asks for ten thousand previews at once.
  for (let length = 4 * previewLengthMax; ; length *= 8) {
    const rest = text.slice(from, from + Math.min(length, lookLengthMax))
    const line = rest.replace(/[\s\p{Cc}]+/gu, ' ').trim()
    const isAll = length >= lookLengthMax || from + length >= text.length
    if (line.length > previewLengthMax || isAll) return cut(line, previewLengthMax)
  }
}

function titleLine(text: string): { readonly title: string; readonly end: number } {
  let from = 0
  while (from < Math.min(text.length, lookLengthMax)) {
    const newline = text.indexOf('\n', from)
    const end = newline < 0 ? text.length : newline
    const title = words(text.slice(from, Math.min(end, from + lookLengthMax)))
    if (title !== '') return { title, end }
    from = end + 1
  }
  return { title: '', end: text.length }
}

function words(line: string): string {
  const bare = line.replace(/^[\s\p{Cc}]*#*/u, '')
  return cut(bare.replace(/[\s\p{Cc}]+/gu, ' ').trim(), titleLengthMax)
}

/** At most `lengthMax` units, never half a surrogate pair. */
function cut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text
  return text.slice(0, isInsidePair(text, lengthMax) ? lengthMax - 1 : lengthMax).trimEnd()
}
