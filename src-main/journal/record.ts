import { crc32 } from 'node:zlib'
import { headChecksum } from './head-checksum.ts'
import { recordBytesMax } from './limits.ts'
import { getU64, putU64 } from './u64.ts'

/**
 * One record of the log:
 *
 *    0  u32  length of the payload
 *    4  u8   type, then three zeros
 *    8  u64  sequence number: 1, 2, 3 … over all segments
 *   16  u64  durable: the last sequence number that an fsync covered when this was written
 *   24  u32  the closing checksum of the record before
 *   28  u32  checksum of the 28 bytes above
 *   32       payload
 *    …  u32  closing checksum: the payload's, begun with the header's
 *
 * The header has a checksum of its own, so that a damaged length is never taken for the end of the
 * log. `durable` tells a write that never finished from one that was once acknowledged and rotted:
 * whatever a later record calls durable must read back.
 */
export const recordHeaderBytes = 32
export const recordTrailerBytes = 4
export const recordOverheadBytes = recordHeaderBytes + recordTrailerBytes

/** The numbers stand in files: never reuse one. */
export const recordTypes = { state: 1, entry: 2, hardState: 3, snapshot: 4, sealed: 5 } as const
export type RecordType = (typeof recordTypes)[keyof typeof recordTypes]
const lastType = 5

/** Where the next record belongs: its sequence number and the checksum it continues. */
export interface Link {
  readonly sequence: number
  readonly checksum: number
}

export interface RecordHead {
  readonly type: RecordType
  readonly sequence: number
  readonly durable: number
  readonly length: number
  readonly previous: number
  /** Where the payload begins. */
  readonly start: number
}

/**
 * Writes a record around a payload that already stands at `at + recordHeaderBytes`.
 * Answers the closing checksum.
 */
export function sealRecord(
  into: Buffer,
  at: number,
  record: { type: RecordType; length: number; link: Link; durable: number },
): number {
  into.writeUInt32LE(record.length, at)
  into.writeUInt32LE(record.type, at + 4)
  putU64(into, at + 8, record.link.sequence)
  putU64(into, at + 16, record.durable)
  into.writeUInt32LE(record.link.checksum, at + 24)
  const head = headChecksum(into, at, at + 28)
  into.writeUInt32LE(head, at + 28)
  const end = at + recordHeaderBytes + record.length
  const closing = crc32(into.subarray(at + recordHeaderBytes, end), head)
  into.writeUInt32LE(closing, end)
  return closing
}

/** The header at an offset when it is whole in itself; null when it is not one. */
export function readHead(bytes: Buffer, at: number): RecordHead | null {
  if (bytes.length - at < recordHeaderBytes) return null
  const length = bytes.readUInt32LE(at)
  const type = bytes.readUInt32LE(at + 4)
  if (length > recordBytesMax || type === 0 || type > lastType) return null
  if (bytes.readUInt32LE(at + 28) !== headChecksum(bytes, at, at + 28)) return null
  return {
    type: type as RecordType,
    length,
    sequence: getU64(bytes, at + 8),
    durable: getU64(bytes, at + 16),
    previous: bytes.readUInt32LE(at + 24),
    start: at + recordHeaderBytes,
  }
}

/** The payload, in place; null when it is cut or does not match the closing checksum behind it. */
export function readPayload(bytes: Buffer, head: RecordHead): Uint8Array | null {
  const end = head.start + head.length
  if (bytes.length < end + recordTrailerBytes) return null
  // A plain array: what is made of it goes to rooms that know of no Buffer.
  const payload = new Uint8Array(bytes.buffer, bytes.byteOffset + head.start, head.length)
  const begun = bytes.readUInt32LE(head.start - 4)
  return crc32(payload, begun) === bytes.readUInt32LE(end) ? payload : null
}
