import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { fromUtf8, isWellFormed, toUtf8, utf8Length } from '../../src-shared/base/utf8.ts'
import { bodyBytesMax, pathLengthMax } from '../../src-shared/notes/limits.ts'

/*
 * Between a Markdown file and a note's text: nothing is added, taken away or made tidy, so that the same bytes come out
 * again. Line ends, front matter and what is at the end of the file are text like any other. Only a byte order mark at
 * the start is kept beside the text, for an editor would show it as a letter.
 */

export interface SourceFile {
  /** Relative, with `/`, as in the folder or zip it came from. */
  readonly path: string
  readonly bytes: Uint8Array
}

export interface MarkdownText {
  readonly text: string
  readonly bom: boolean
}

/** The endings that make a file Markdown, upper or lower case. */
export const markdownEndings = ['.md', '.markdown', '.mdown', '.mkd'] as const
/** Of one name between two slashes, in UTF-8 bytes: what file systems allow. The path as a whole: `pathLengthMax`. */
export const nameBytesMax = 255

/** A person reads this: one sentence, without the path. */
export type Reason = string

/** What is wrong with a path, or the path as it is kept: `./` and doubled slashes are left out. */
export function checkedPath(path: string): Outcome<string, Reason> {
  const fault = pathFault(path)
  if (fault !== null) return fail(fault)
  const names = path.split('/').filter((name) => name !== '' && name !== '.')
  const fullName = names.at(-1)
  if (fullName === undefined || path.endsWith('/')) return fail('It is a folder, not a file.')
  if (names.includes('..')) return fail('Its path leads out of the folder (“..”).')
  if (names.some((name) => utf8Length(name) > nameBytesMax)) {
    return fail(`A name in its path is longer than ${nameBytesMax} bytes.`)
  }
  if (!isMarkdown(fullName)) return fail(`It is not Markdown (${markdownEndings.join(', ')}).`)
  return ok(names.join('/'))
}

function pathFault(path: string): Reason | null {
  if (path.length > pathLengthMax) return `Its path is longer than ${pathLengthMax} characters.`
  if (path.startsWith('/')) return 'Its path is absolute.'
  if (/^[A-Za-z]:/.test(path)) return 'Its path begins with a drive letter.'
  if (path.includes('\\'))
    return 'Its path holds a backslash, which means another thing on every system.'
  if (/\p{Cc}/u.test(path)) return 'Its path holds a control character.'
  return isWellFormed(path) ? null : 'Its path is not valid Unicode.'
}

export function isMarkdown(path: string): boolean {
  const lower = path.toLowerCase()
  return markdownEndings.some((ending) => lower.endsWith(ending))
}

/** The file's text, or why it cannot be one. */
export function decodedMarkdown(bytes: Uint8Array): Outcome<MarkdownText, Reason> {
  const bom = isPrefix([0xef, 0xbb, 0xbf], bytes)
  const body = bom ? bytes.subarray(3) : bytes
  if (body.length > bodyBytesMax) return fail(tooLong)
  if (isPrefix([0xff, 0xfe], bytes) || isPrefix([0xfe, 0xff], bytes)) {
    return fail('It is UTF-16 text: save it as UTF-8 and import it again.')
  }
  // A second mark is text: only the first was taken off.
  const text = fromUtf8(body)
  return text === null ? fail('It is not valid UTF-8 text.') : ok({ text, bom })
}

export const tooLong: Reason = `It is longer than ${bodyBytesMax / 1024 / 1024} MiB.`

/** The file's bytes again. */
export function encodedMarkdown(text: string, bom: boolean): Uint8Array {
  return toUtf8(bom ? `\ufeff${text}` : text)
}

function isPrefix(mark: readonly number[], bytes: Uint8Array): boolean {
  return mark.every((byte, at) => bytes[at] === byte)
}
