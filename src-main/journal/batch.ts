import { assert } from '../../src-shared/base/assert.ts'
import { batchBytesKept, recordBytesMax } from './limits.ts'
import {
  type Link,
  type RecordType,
  recordHeaderBytes,
  recordOverheadBytes,
  sealRecord,
} from './record.ts'

const firstBytes = 64 * 1024

/** Records one behind the other in a buffer that is used again and again. */
export class Batch {
  #buffer = Buffer.allocUnsafe(firstBytes)
  #length = 0
  #link: Link = { sequence: 1, checksum: 0 }
  #durable = 0

  /** Empties it; the next record belongs at `link`. All before that is durable. */
  begin(link: Link): void {
    if (this.#buffer.length > batchBytesKept) this.#buffer = Buffer.allocUnsafe(firstBytes)
    this.#length = 0
    this.#link = link
    this.#durable = link.sequence - 1
  }

  get link(): Link {
    return this.#link
  }

  get length(): number {
    return this.#length
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  /** Leaves room in front, for a header. */
  skip(bytes: number): Buffer {
    this.#grow(bytes)
    this.#length += bytes
    return this.#buffer.subarray(this.#length - bytes, this.#length)
  }

  add(type: RecordType, payload: Uint8Array): void {
    assert(payload.length <= recordBytesMax, 'a record of the log is within its limit')
    const at = this.#length
    this.#grow(recordOverheadBytes + payload.length)
    this.#buffer.set(payload, at + recordHeaderBytes)
    const record = { type, length: payload.length, link: this.#link, durable: this.#durable }
    const checksum = sealRecord(this.#buffer, at, record)
    this.#link = { sequence: this.#link.sequence + 1, checksum }
    this.#length += recordOverheadBytes + payload.length
  }

  #grow(more: number): void {
    const wanted = this.#length + more
    if (wanted <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(wanted, 2 * this.#buffer.length))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }
}
