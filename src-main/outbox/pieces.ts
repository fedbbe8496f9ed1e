import type { Splice } from './splice.ts'

/** A part longer than twice this is cut. */
const pieceUnits = 4096

/**
 * A long text that many splices are made on, one after the other: reading a log back applies thousands of small ones
 * to a text of megabytes, and copying it for each would take seconds.
 */
export class Pieces {
  readonly #parts: string[] = []
  #length: number

  constructor(text: string) {
    this.#length = text.length
    this.#parts.push(...cut(text))
  }

  /** False, changing nothing, when it does not fit the text. */
  splice([at, deleted, inserted]: Splice): boolean {
    if (!(at >= 0 && deleted >= 0 && at + deleted <= this.#length)) return false
    if (deleted === 0 && inserted === '') return true
    const [first, offset] = this.#find(at)
    let last = first
    let behind = offset + deleted - (this.#parts[first]?.length ?? 0)
    while (behind > 0) {
      last += 1
      behind -= this.#parts[last]?.length ?? 0
    }
    const kept = behind < 0 ? (this.#parts[last]?.slice(behind) ?? '') : ''
    const start = this.#parts[first]?.slice(0, offset) ?? ''
    this.#parts.splice(first, last - first + 1, ...cut(start + inserted + kept))
    this.#length += inserted.length - deleted
    return true
  }

  toString(): string {
    return this.#parts.join('')
  }

  /** The part that holds the position, and how far into it; a position at a border belongs to the part before. */
  #find(at: number): [part: number, offset: number] {
    let offset = at
    for (const [index, part] of this.#parts.entries()) {
      if (offset <= part.length) return [index, offset]
      offset -= part.length
    }
    return [0, 0]
  }
}

function cut(text: string): string[] {
  if (text.length <= 2 * pieceUnits) return text === '' ? [] : [text]
  const parts: string[] = []
  for (let at = 0; at < text.length; at += pieceUnits) parts.push(text.slice(at, at + pieceUnits))
  return parts
}
