import { crc32 } from 'node:zlib'
import { assert } from '../../src-shared/base/assert.ts'
import type { SnapshotMetadata } from '../raft/entry.ts'
import { decodeSnapshotMetadata, encodeSnapshotMetadata } from '../raft/wire/snapshot.ts'
import { snapshotKeyBytesMax, snapshotRecordBytesMax } from './limits.ts'
import type { Pointer } from './shelf.ts'
import { bufferOf, getU64, putU64 } from './u64.ts'

/**
 * A snapshot file is one part or several, newest first; a part is the preamble QUIRESNP and frames:
 *
 *    0  u32  length of the body
 *    4  u16  length of the key at the body's beginning
 *    6  u16  type
 *    8  u32  number in the part: 0, 1, 2 …
 *   12  u32  the closing checksum of the frame before (of the preamble, for the first)
 *   16  u32  checksum of the 16 bytes above
 *   20       body: key, then bytes
 *    …  u32  closing checksum: the body's, begun with the header's
 *
 * First a `head` (the metadata), then records and keys that are gone, then a `foot` (the part that
 * this one builds on, if any). What a newer part says of a key holds; the oldest part is whole.
 */
export const frameHeaderBytes = 20
export const frameTrailerBytes = 4

/** The numbers stand in files and go to other members: never reuse one. */
export const frameTypes = { head: 1, record: 2, gone: 3, foot: 4 } as const
export type FrameType = (typeof frameTypes)[keyof typeof frameTypes]

export interface FrameHead {
  readonly type: FrameType
  readonly length: number
  readonly keyLength: number
  readonly ordinal: number
  readonly previous: number
  readonly checksum: number
}

export interface FrameOrder {
  readonly ordinal: number
  readonly previous: number
}

export function encodeFrame(
  type: FrameType,
  order: FrameOrder,
  content: { key: string; bytes: Uint8Array },
): Buffer {
  const keyLength = Buffer.byteLength(content.key)
  const length = keyLength + content.bytes.length
  assert(keyLength <= snapshotKeyBytesMax, 'a key of a snapshot is within its limit')
  assert(length <= frameBodyBytesMax, 'a record of a snapshot is within its limit')
  const into = Buffer.allocUnsafe(frameHeaderBytes + length + frameTrailerBytes)
  into.writeUInt32LE(length, 0)
  into.writeUInt16LE(keyLength, 4)
  into.writeUInt16LE(type, 6)
  into.writeUInt32LE(order.ordinal, 8)
  into.writeUInt32LE(order.previous, 12)
  const head = crc32(into.subarray(0, 16))
  into.writeUInt32LE(head, 16)
  into.write(content.key, frameHeaderBytes, 'utf8')
  into.set(content.bytes, frameHeaderBytes + keyLength)
  const end = frameHeaderBytes + length
  into.writeUInt32LE(crc32(into.subarray(frameHeaderBytes, end), head), end)
  return into
}

const frameBodyBytesMax = snapshotRecordBytesMax + snapshotKeyBytesMax

/** Null when it is none. */
export function readFrameHead(bytes: Buffer): FrameHead | null {
  if (bytes.length < frameHeaderBytes) return null
  const length = bytes.readUInt32LE(0)
  const keyLength = bytes.readUInt16LE(4)
  const type = bytes.readUInt16LE(6)
  const checksum = bytes.readUInt32LE(16)
  if (length > frameBodyBytesMax || keyLength > length) return null
  if (type < frameTypes.head || type > frameTypes.foot) return null
  if (crc32(bytes.subarray(0, 16)) !== checksum) return null
  return {
    type: type as FrameType,
    length,
    keyLength,
    ordinal: bytes.readUInt32LE(8),
    previous: bytes.readUInt32LE(12),
    checksum,
  }
}

/** As raft writes it on the network. */
export function encodeMetadata(metadata: SnapshotMetadata): Uint8Array {
  return encodeSnapshotMetadata(metadata)
}

export function decodeMetadata(body: Uint8Array): SnapshotMetadata | null {
  const decoded = decodeSnapshotMetadata(body)
  return decoded.ok ? decoded.value : null
}

/** u32 frames before this one · u8 has a parent · its u64 index, u64 term, u32 checksum */
export function encodeFoot(frames: number, parent: Pointer | null): Buffer {
  const into = Buffer.alloc(parent === null ? 5 : 25)
  into.writeUInt32LE(frames, 0)
  if (parent === null) return into
  into[4] = 1
  putU64(into, 5, parent.index)
  putU64(into, 13, parent.term)
  into.writeUInt32LE(parent.checksum, 21)
  return into
}

/** Undefined when the bytes are no foot; null when it names no parent. */
export function decodeFootParent(body: Uint8Array): Pointer | null | undefined {
  const bytes = bufferOf(body)
  if (bytes.length === 5 && bytes[4] === 0) return null
  if (bytes.length !== 25 || bytes[4] !== 1) return undefined
  return {
    index: getU64(bytes, 5),
    term: getU64(bytes, 13),
    checksum: bytes.readUInt32LE(21),
  }
}
