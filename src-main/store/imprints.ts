import { crc32 } from 'node:zlib'
import type { NoteId } from '../../src-shared/base/ids.ts'
import type { Imprint, Mark } from './note-file.ts'

/** Which files are in the directory, and a sum over them that a missing, older or additional one changes. */
export class Imprints {
  readonly #files = new Map<NoteId, Imprint>()
  /** Added, not xored: a checksum is linear under xor. In no order, and exact up to two million notes. */
  #sum = 0

  get(id: NoteId): Imprint | undefined {
    return this.#files.get(id)
  }

  set(id: NoteId, imprint: Imprint): void {
    this.delete(id)
    this.#files.set(id, imprint)
    this.#sum += termOf(id, imprint)
  }

  delete(id: NoteId): void {
    const before = this.#files.get(id)
    if (before === undefined) return
    this.#files.delete(id)
    this.#sum -= termOf(id, before)
  }

  ids(): NoteId[] {
    return [...this.#files.keys()]
  }

  markedAt(index: number): Mark {
    return { index, notes: this.#files.size, sum: this.#sum }
  }

  matches(mark: Mark): boolean {
    return mark.notes === this.#files.size && mark.sum === this.#sum
  }
}

function termOf(id: NoteId, { index, chain }: Imprint): number {
  return crc32(new TextEncoder().encode(`${id} ${index} ${chain}`))
}
