import { fail, type Outcome, ok } from '../../../src-shared/base/outcome.ts'
import type { NumberField, WireRefused } from './refused.ts'

/**
 * Messages within messages, or unknown groups within groups. Ours go two deep; without a limit a
 * peer could exhaust the stack.
 */
export const nestingMax = 100

/** A varint has at most ten bytes of seven bits, and the tenth holds the last of 64. */
const varintBytesMax = 10
const tagMax = 2 ** 32 - 1

const wireVarint = 0
const wireFixed64 = 1
const wireLength = 2
const wireGroupStart = 3
const wireGroupEnd = 4
const wireFixed32 = 5

export interface DecodeOptions {
  /** 'keep' yields the decimal text of a type's number where there is no name for it. */
  readonly unknownTypes: 'refuse' | 'keep'
}

/**
 * Runs `read` over a copy of `bytes`: what it decodes may share that copy and never what arrived,
 * which the network may use again.
 */
export function decode<T>(
  bytes: Uint8Array,
  read: (reader: Reader) => T,
  options: DecodeOptions,
): Outcome<T, WireRefused> {
  const reader = new Reader(new Uint8Array(bytes), options)
  const value = read(reader)
  return reader.refused === null ? ok(value) : fail(reader.refused)
}

/**
 * Takes protobuf fields off a buffer. The first thing that is wrong ends it: from then on `next`
 * says there is nothing more and every read gives a zero, so the loops of its callers need no check
 * of their own and nothing is thrown.
 */
export class Reader {
  readonly #bytes: Uint8Array
  readonly #keepsUnknown: boolean
  #at = 0
  #end: number
  #depth = 0
  #refused: WireRefused | null = null

  constructor(bytes: Uint8Array, { unknownTypes }: DecodeOptions) {
    this.#bytes = bytes
    this.#end = bytes.length
    this.#keepsUnknown = unknownTypes === 'keep'
  }

  get refused(): WireRefused | null {
    return this.#refused
  }

  /**
   * The next field's tag, its number times 8 plus its wire type; 0 at the end of what is being
   * read.
   */
  next(): number {
    if (this.#at >= this.#end || this.#refused !== null) return 0
    const at = this.#at
    const byte = this.#bytes[at] ?? 0
    if (byte < 0x80 && byte >= 0x08) {
      this.#at++
      return byte
    }
    const tag = this.#varint()
    if (tag > tagMax || tag < 0x08) return this.#malformed('a field number is out of range', at)
    return tag
  }

  /** A number that we count with. */
  number(field: NumberField): number {
    const at = this.#at
    const value = this.#varint()
    if (value <= Number.MAX_SAFE_INTEGER) return value
    return this.#refuse({ kind: 'out-of-range', at, field })
  }

  /** All 64 bits. */
  id(): bigint {
    const at = this.#at
    const value = this.#varint()
    return value <= Number.MAX_SAFE_INTEGER ? BigInt(value) : this.#wide(at)
  }

  flag(): boolean {
    return this.#varint() !== 0
  }

  /**
   * The name of an enum's number in `names`. Numbers are 32 bits with a sign; what is above is cut
   * off.
   */
  type<Name extends string>(names: readonly Name[]): Name | `${number}` {
    const at = this.#at
    const value = this.#varint()
    const number = value <= 0x7fff_ffff ? value : Number(BigInt.asIntN(32, this.#wide(at)))
    const name = names[number]
    if (name !== undefined) return name
    if (!this.#keepsUnknown) this.#refuse({ kind: 'unknown-type', at, number })
    return `${number}`
  }

  bytes(): Uint8Array {
    const length = this.#length()
    const from = this.#at
    this.#at += length
    return this.#bytes.subarray(from, this.#at)
  }

  /** A repeated id in packed form: any number of them in one field. */
  packedIds(into: bigint[]): void {
    const outer = this.enter()
    while (this.#at < this.#end && this.#refused === null) into.push(this.id())
    this.leave(outer)
  }

  /** Narrows the reader to a message within this one. What it returns is for `leave`. */
  enter(): number {
    const length = this.#length()
    const outer = this.#end
    if (++this.#depth > nestingMax) this.#refuse({ kind: 'too-deep', at: this.#at })
    this.#end = this.#at + length
    return outer
  }

  leave(outer: number): void {
    this.#depth--
    this.#end = outer
  }

  /**
   * Passes over a field that has no meaning here: a newer version's, if its number is above
   * `lastField`.
   */
  skip(tag: number, lastField: number): void {
    const at = this.#at
    if (tag >>> 3 <= lastField) this.#malformed('a field has the wrong wire type', at)
    else if ((tag & 7) === wireGroupStart) this.#skipGroup(tag >>> 3)
    else this.#skipValue(tag & 7, at)
  }

  /** A group ends where its own number says so; fields inside may be groups again. */
  #skipGroup(field: number): void {
    const open = [field]
    while (open.length > 0) {
      const at = this.#at
      const tag = this.next()
      if (tag === 0) {
        this.#refuse({ kind: 'truncated', at })
        return
      }
      if ((tag & 7) === wireGroupStart) {
        open.push(tag >>> 3)
        if (open.length > nestingMax) this.#refuse({ kind: 'too-deep', at })
      } else if ((tag & 7) !== wireGroupEnd) {
        this.#skipValue(tag & 7, at)
      } else if (open.pop() !== tag >>> 3) {
        this.#malformed('a group ends that was not open', at)
      }
    }
  }

  #skipValue(wireType: number, at: number): void {
    if (wireType === wireVarint) this.#varint()
    else if (wireType === wireFixed64) this.#pass(8)
    else if (wireType === wireLength) this.#pass(this.#length())
    else if (wireType === wireFixed32) this.#pass(4)
    else if (wireType === wireGroupEnd) this.#malformed('a group ends that was not open', at)
    else this.#malformed('there is no such wire type', at)
  }

  #pass(length: number): void {
    if (length > this.#end - this.#at) this.#refuse({ kind: 'truncated', at: this.#at })
    else this.#at += length
  }

  /** Never more than what is there. */
  #length(): number {
    const at = this.#at
    const length = this.#varint()
    return length <= this.#end - this.#at ? length : this.#refuse({ kind: 'truncated', at })
  }

  /** Exact up to 2^53 - 1 and above that wherever it is; who needs the bits then asks `#wide`. */
  #varint(): number {
    if (this.#refused !== null) return 0
    const first = this.#at
    let value = 0
    let scale = 1
    for (let at = first; at < this.#end; at++) {
      const byte = this.#bytes[at] ?? 0
      const place = at - first
      if (place === varintBytesMax - 1 && byte > 1) {
        return this.#malformed('a varint has more than 64 bits', first)
      }
      value += (byte & 0x7f) * scale
      scale *= 0x80
      if (byte < 0x80) {
        this.#at = at + 1
        return value
      }
    }
    return this.#refuse({ kind: 'truncated', at: first })
  }

  /** The varint that starts at `at`, known to be whole. */
  #wide(at: number): bigint {
    let value = 0n
    for (let place = 0; place < varintBytesMax; place++) {
      const byte = this.#bytes[at + place] ?? 0
      value |= BigInt(byte & 0x7f) << BigInt(7 * place)
      if (byte < 0x80) break
    }
    return value
  }

  #malformed(claim: string, at: number): 0 {
    return this.#refuse({ kind: 'malformed', at, claim })
  }

  #refuse(refused: WireRefused): 0 {
    this.#refused ??= refused
    this.#at = this.#end
    return 0
  }
}
