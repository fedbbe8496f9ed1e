/** What can be wrong with a command whatever the state: asked before a device takes it in, and by apply on every member. */
import { fitsInBytes, isWellFormed, utf8Length } from '../base/utf8.ts'
import type { NoteCommand } from './command.ts'
import {
  bodyBytesMax,
  pathLengthMax,
  sectionsMax,
  tagLengthMax,
  tagsMax,
  titleLengthMax,
} from './limits.ts'
import type { Origin } from './note.ts'
import { insertedBy } from './splice.ts'
import type { Changes } from './text.ts'

/** The reason in words, or null when nothing is wrong. Shapes are the decoder's business, fitting the text is apply's. */
export function commandFault(command: NoteCommand): string | null {
  switch (command.kind) {
    case 'note.create':
      return (
        titleFault(command.title) ??
        tagsFault(command.tags) ??
        originFault(command.origin) ??
        bodyFault(command.body)
      )
    case 'note.change':
      return changesFault(command.changes)
    case 'note.title':
      return titleFault(command.title)
    case 'note.tags':
      return tagsFault(command.add) ?? tagsFault(command.remove)
    default:
      return null
  }
}

export function bodyFault(body: string): string | null {
  if (!isWellFormed(body)) return 'the text holds half a surrogate pair'
  if (!fitsInBytes(body, bodyBytesMax)) return 'the text is longer than 8 MiB'
  return null
}

// Only what Unicode has promised never to change (control characters, surrogates): apply must answer alike in every version.
const breaksOrControls = /[\p{Cc}\u2028\u2029]/u
const spacesOnly = /^ *$/
const outerSpaces = /^ | $/

export function titleFault(title: string | null): string | null {
  if (title === null) return null
  if (spacesOnly.test(title)) return 'the title is empty'
  if (title.length > titleLengthMax) return `the title is longer than ${titleLengthMax} characters`
  return lineFault(title, 'the title')
}

export function tagFault(tag: string): string | null {
  if (tag === '' || outerSpaces.test(tag)) return 'a tag is empty or begins or ends with a space'
  if (tag.length > tagLengthMax) return `a tag is longer than ${tagLengthMax} characters`
  return lineFault(tag, 'a tag')
}

function tagsFault(tags: readonly string[]): string | null {
  if (tags.length > tagsMax) return `more than ${tagsMax} tags`
  for (const tag of tags) {
    const fault = tagFault(tag)
    if (fault !== null) return fault
  }
  return null
}

function lineFault(line: string, what: string): string | null {
  if (breaksOrControls.test(line)) return `${what} holds a line break or a control character`
  return isWellFormed(line) ? null : `${what} holds half a surrogate pair`
}

function originFault(origin: Origin | null): string | null {
  if (origin === null) return null
  const { path } = origin
  if (path === '' || path.length > pathLengthMax) return 'the path is empty or too long'
  return isWellFormed(path) ? null : 'the path holds half a surrogate pair'
}

function changesFault(changes: Changes): string | null {
  if (changes.length > sectionsMax) return `more than ${sectionsMax} sections`
  let bytes = 0
  for (const section of changes) {
    if (typeof section === 'number') continue
    const text = insertedBy(section)
    if (!isWellFormed(text)) return 'an insertion holds half a surrogate pair'
    bytes += utf8Length(text)
  }
  return bytes <= bodyBytesMax ? null : 'it inserts more than 8 MiB'
}
