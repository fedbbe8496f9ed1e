import { crc32 } from 'node:zlib'
import type { Entry } from '../../../src-main/raft/entry.ts'

/** What a log says, in numbers: the checkers' own copy, built from what passes by. */
export class LogModel {
  #start = 0
  #startTerm = 0
  #terms: number[] = []
  readonly #changes = new Set<number>()

  get last(): number {
    return this.#start + this.#terms.length
  }

  /** Undefined: not in this log, before its start or behind its end. */
  termAt(index: number): number | undefined {
    if (index === this.#start) return this.#startTerm
    return this.#terms[index - this.#start - 1]
  }

  /** In this log, or in the snapshot that it starts from. */
  covers(index: number, term: number): boolean {
    return index <= this.#start || this.termAt(index) === term
  }

  get start(): number {
    return this.#start
  }

  /** Begins anew behind a snapshot. */
  restart(index: number, term: number): void {
    this.#start = index
    this.#startTerm = term
    this.#terms = []
    this.#changes.clear()
  }

  /** Cuts off what the entries replace. What the log holds already cuts nothing if `keepsEqual`. */
  append(entries: readonly Entry[], keepsEqual: boolean): void {
    for (const entry of entries) {
      if (entry.index <= this.#start) continue
      if (keepsEqual && this.termAt(entry.index) === entry.term) continue
      this.#terms.length = entry.index - this.#start - 1
      this.#terms.push(entry.term)
      for (const index of this.#changes) if (index >= entry.index) this.#changes.delete(index)
      if (entry.type !== 'EntryNormal') this.#changes.add(entry.index)
    }
  }

  /** Indexes of configuration changes behind `index`. */
  changesAfter(index: number): number {
    let count = 0
    for (const each of this.#changes) if (each > index) count++
    return count
  }
}

/** Tells entries apart by what they carry. */
export function imprint(entry: Entry): number {
  return crc32(entry.data ?? new Uint8Array(0), crc32(`${entry.type} ${entry.term}`))
}
