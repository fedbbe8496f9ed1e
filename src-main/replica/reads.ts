import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'

export type ReadRefused = { readonly kind: 'no-majority' } | { readonly kind: 'stopped' }

interface Reader {
  settle(outcome: Outcome<number, ReadRefused>): void
  ticksLeft: number
}

/** Readers that one ReadIndex answers together. */
interface Round {
  readonly context: string
  readonly readers: readonly Reader[]
  age: number
}

/** Ticks after which a round is asked again, under a new context: an answer to the old one may be from another leadership. */
export const readRetryTicks = 5

/**
 * Linearizable reads (thesis §6.4). Whoever asks while a round is out joins the next one: a round proves something only
 * about moments before it began. Its answer counts once the state machine has applied up to its index.
 */
export class Reads {
  readonly #ask: (context: Uint8Array) => void
  /** Sets this process apart from its former lives, whose late answers must not be taken for ours (etcd#20418). */
  readonly #nonce: Uint8Array
  readonly #open = new Set<Reader>()
  #asked = 0
  #round: Round | null = null
  #waiting: Reader[] = []
  #confirmed: { readonly index: number; readonly readers: readonly Reader[] }[] = []
  #applied: number

  constructor(nonce: Uint8Array, applied: number, ask: (context: Uint8Array) => void) {
    this.#nonce = nonce
    this.#applied = applied
    this.#ask = ask
  }

  /** Resolves with an applied index that has everything acknowledged before now; refused after `ticksMax` ticks. */
  read(ticksMax: number): Promise<Outcome<number, ReadRefused>> {
    return new Promise((resolve) => {
      const reader: Reader = { settle: resolve, ticksLeft: ticksMax }
      this.#open.add(reader)
      this.#waiting.push(reader)
      if (this.#round === null) this.#begin()
    })
  }

  /** Raft's answer to the round with this context; answers to rounds that were given up are dropped. */
  confirm(context: Uint8Array, index: number): void {
    const round = this.#round
    if (round === null || round.context !== context.join()) return
    this.#round = null
    this.#confirmed.push({ index, readers: round.readers })
    this.applied(this.#applied)
    if (this.#waiting.length > 0) this.#begin()
  }

  applied(index: number): void {
    this.#applied = index
    if (this.#confirmed.length === 0) return
    const due = this.#confirmed.filter((read) => read.index <= index)
    this.#confirmed = this.#confirmed.filter((read) => read.index > index)
    for (const { readers } of due) for (const reader of readers) this.#settle(reader, ok(index))
  }

  tick(): void {
    for (const reader of this.#open) {
      reader.ticksLeft--
      if (reader.ticksLeft <= 0) this.#settle(reader, fail({ kind: 'no-majority' }))
    }
    const round = this.#round
    if (round === null || ++round.age < readRetryTicks) return
    this.#round = null
    this.#waiting = [...round.readers, ...this.#waiting].filter((reader) => this.#open.has(reader))
    if (this.#waiting.length > 0) this.#begin()
  }

  stop(): void {
    for (const reader of this.#open) this.#settle(reader, fail({ kind: 'stopped' }))
    this.#waiting = []
    this.#round = null
  }

  #settle(reader: Reader, outcome: Outcome<number, ReadRefused>): void {
    if (this.#open.delete(reader)) reader.settle(outcome)
  }

  #begin(): void {
    const context = new Uint8Array(this.#nonce.length + 8)
    context.set(this.#nonce)
    new DataView(context.buffer).setBigUint64(this.#nonce.length, BigInt(++this.#asked), true)
    this.#round = { context: context.join(), readers: this.#waiting, age: 0 }
    this.#waiting = []
    this.#ask(context)
  }
}
