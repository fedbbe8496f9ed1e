import { assert } from '../../../src-shared/base/assert.ts'

const safeMax = BigInt(Number.MAX_SAFE_INTEGER)

/** How many bytes a number from 0 to 2^53 - 1 takes, seven bits to a byte. */
export function numberSize(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  if (value < 0x1000_0000) return 4
  if (value < 2 ** 35) return 5
  if (value < 2 ** 42) return 6
  if (value < 2 ** 49) return 7
  return 8
}

/** How many bytes an id of up to 64 bits takes. */
export function idSize(id: bigint): number {
  if (id <= safeMax) return numberSize(Number(id))
  if (id < 1n << 56n) return 8
  return id < 1n << 63n ? 9 : 10
}

/** How many bytes an enum's number takes: 32 bits with a sign, a negative one as if it had 64. */
export function typeSize(number: number): number {
  return number < 0 ? 10 : numberSize(number)
}

/** A tag of one byte, the length, and the bytes themselves. */
export function lengthDelimitedSize(length: number): number {
  return 1 + numberSize(length) + length
}

/**
 * Puts protobuf fields into a buffer of exactly the right size, the last one first: so the length
 * of a message within a message is known when its turn comes, and nothing is measured twice.
 */
export class Writer {
  readonly #bytes: Uint8Array
  #at: number

  constructor(size: number) {
    this.#bytes = new Uint8Array(size)
    this.#at = size
  }

  /** Where the next field will end: what `nested` wants to know. */
  get position(): number {
    return this.#at
  }

  finish(): Uint8Array {
    assert(this.#at === 0, 'a message has the size that was computed for it')
    return this.#bytes
  }

  number(tag: number, value: number): void {
    this.#number(value)
    this.#byte(tag)
  }

  id(tag: number, id: bigint): void {
    if (id <= safeMax) this.#number(Number(id))
    else this.#wide(id)
    this.#byte(tag)
  }

  ids(tag: number, ids: readonly bigint[]): void {
    for (let place = ids.length - 1; place >= 0; place--) this.id(tag, ids[place] ?? 0n)
  }

  type(tag: number, number: number): void {
    if (number < 0) this.id(tag, BigInt.asUintN(64, BigInt(number)))
    else this.number(tag, number)
  }

  flag(tag: number, value: boolean): void {
    this.#byte(value ? 1 : 0)
    this.#byte(tag)
  }

  /** Null is no field at all, unlike bytes of length 0. */
  bytes(tag: number, bytes: Uint8Array | null): void {
    if (bytes === null) return
    this.#at -= bytes.length
    this.#bytes.set(bytes, this.#at)
    this.number(tag, bytes.length)
  }

  /** Heads a message whose fields have just been written from `end` down to here. */
  nested(tag: number, end: number): void {
    this.number(tag, end - this.#at)
  }

  #byte(value: number): void {
    this.#bytes[--this.#at] = value
  }

  #number(value: number): void {
    this.#at -= numberSize(value)
    let at = this.#at
    let rest = value
    while (rest > 0x7fff_ffff) {
      this.#bytes[at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    while (rest > 0x7f) {
      this.#bytes[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#bytes[at] = rest
  }

  #wide(value: bigint): void {
    this.#at -= idSize(value)
    let at = this.#at
    let rest = value
    while (rest > 0x7fn) {
      this.#bytes[at++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.#bytes[at] = Number(rest)
  }
}
