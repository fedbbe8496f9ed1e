import type { Random } from './random.ts'

/** A member of the group: the decimal form of a random, non-zero raft id below 2^53. */
export type DeviceId = string
/** A note: 128 random bits in lower-case hexadecimal. */
export type NoteId = string
/** A group: 128 random bits in lower-case hexadecimal. */
export type ClusterId = string

export function newDeviceId(random: Random): DeviceId {
  // 53 bits from seven bytes: the top byte gives five.
  const bytes = random.bytes(7)
  let id = (bytes[0] ?? 0) & 0x1f
  for (const byte of bytes.subarray(1)) id = id * 256 + byte
  return String(id === 0 ? 1 : id)
}

export function newNoteId(random: Random): NoteId {
  return hex(random.bytes(16))
}

export function newClusterId(random: Random): ClusterId {
  return hex(random.bytes(16))
}

const deviceIdPattern = /^[1-9][0-9]{0,15}$/
const hexIdPattern = /^[0-9a-f]{32}$/

export function isDeviceId(text: string): boolean {
  return deviceIdPattern.test(text) && Number(text) <= Number.MAX_SAFE_INTEGER
}

export function isNoteId(text: string): boolean {
  return hexIdPattern.test(text)
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
