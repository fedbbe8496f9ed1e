import { crc32 } from 'node:zlib'

/*
 * The bytes of a log file, version 1. All numbers are unsigned 32-bit, little-endian.
 *
 *   header   0 "quireout"   8 version   12 generation   16 what the files before it were   20 CRC of the first 20 bytes
 *   frame    0 length of the payload   4 sequence   8 CRC of the payload   12 CRC of generation and the first 12 bytes
 *            16 payload: a JSON array of updates (update.ts), UTF-8
 *
 * A frame's length is trusted only under its own checksum, so that a flipped bit in it can neither end the log early
 * nor ask for memory. Sequences count 1, 2, 3 … in each file, so that a frame that was lost, repeated or moved is
 * noticed; the generation inside the checksum keeps a frame of another file from being taken for one of this.
 * JSON, because a cut may leave half a surrogate pair, which UTF-8 cannot carry and a JSON escape can.
 */

export const formatVersion = 1
export const headerBytes = 24
export const frameHeaderBytes = 16
/** Of one payload: a note at its limit (8 MiB), every unit of it escaped, its text beside its body, and room to spare. */
export const payloadBytesMax = 256 * 1024 * 1024

const magic = new TextEncoder().encode('quireout')

/** What a generation says of the files before it: they may go, or must be set aside under this ending. */
export type Before = 'sound' | 'torn' | 'damaged'
const befores: readonly Before[] = ['sound', 'torn', 'damaged']

export interface Header {
  readonly version: number
  readonly generation: number
  readonly before: Before
}

export function encodeHeader(generation: number, before: Before): Uint8Array {
  const bytes = new Uint8Array(headerBytes)
  const view = new DataView(bytes.buffer)
  bytes.set(magic)
  view.setUint32(8, formatVersion, true)
  view.setUint32(12, generation, true)
  view.setUint32(16, befores.indexOf(before), true)
  view.setUint32(20, crc32(bytes.subarray(0, 20)), true)
  return bytes
}

/** Null: these are not the first bytes of a log, or not any more. A version of the future is told only under a sound checksum. */
export function decodeHeader(bytes: Uint8Array): Header | null {
  if (bytes.length < headerBytes || magic.some((byte, at) => bytes[at] !== byte)) return null
  const view = viewOf(bytes)
  if (view.getUint32(20, true) !== crc32(bytes.subarray(0, 20))) return null
  const before = befores[view.getUint32(16, true)] ?? 'damaged'
  return { version: view.getUint32(8, true), generation: view.getUint32(12, true), before }
}

export interface FrameHeader {
  readonly length: number
  readonly sequence: number
  readonly payloadCrc: number
}

/** One frame around the updates' JSON, each already in bytes. */
export function encodeFrame(
  generation: number,
  sequence: number,
  updates: readonly Uint8Array[],
): Uint8Array {
  const length = updates.reduce((sum, each) => sum + each.length + 1, 1)
  const bytes = new Uint8Array(frameHeaderBytes + length)
  let at = frameHeaderBytes
  for (const update of updates) {
    bytes[at] = at === frameHeaderBytes ? openBracket : comma
    bytes.set(update, at + 1)
    at += update.length + 1
  }
  bytes[at] = closeBracket
  const view = new DataView(bytes.buffer)
  view.setUint32(0, length, true)
  view.setUint32(4, sequence, true)
  view.setUint32(8, crc32(bytes.subarray(frameHeaderBytes)), true)
  view.setUint32(12, headerCrc(generation, bytes), true)
  return bytes
}

/** Null when the checksum says that no frame of this generation begins here. */
export function decodeFrameHeader(generation: number, bytes: Uint8Array): FrameHeader | null {
  if (bytes.length < frameHeaderBytes) return null
  const view = viewOf(bytes)
  if (view.getUint32(12, true) !== headerCrc(generation, bytes)) return null
  const length = view.getUint32(0, true)
  if (length > payloadBytesMax) return null
  return { length, sequence: view.getUint32(4, true), payloadCrc: view.getUint32(8, true) }
}

const [openBracket, comma, closeBracket] = [0x5b, 0x2c, 0x5d]

function headerCrc(generation: number, bytes: Uint8Array): number {
  const seed = new Uint8Array(4)
  new DataView(seed.buffer).setUint32(0, generation, true)
  return crc32(bytes.subarray(0, 12), crc32(seed))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
