import { assert } from '../../src-shared/base/assert.ts'

const word = 0x1_0000_0000

/** Little-endian. Our numbers stay below 2^53, so that a double holds them exactly. */
export function putU64(into: Buffer, at: number, value: number): void {
  assert(Number.isSafeInteger(value) && value >= 0, 'a stored number is a whole one below 2^53')
  into.writeUInt32LE(value % word, at)
  into.writeUInt32LE(Math.floor(value / word), at + 4)
}

/** May be 2^53 or more when the bytes are not ours: the caller has checked a checksum first. */
export function getU64(from: Buffer, at: number): number {
  return from.readUInt32LE(at + 4) * word + from.readUInt32LE(at)
}

export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
