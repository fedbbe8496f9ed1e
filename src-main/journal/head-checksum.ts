import { crc32 } from '../../src-shared/base/crc32.ts'

/**
 * CRC-32 of a short range. For the few bytes of a record's header a loop of our own beats the way into Node's library and
 * the view it would need: half the time of reading a log.
 */
export function headChecksum(bytes: Uint8Array, from: number, to: number): number {
  return crc32(bytes, 0, from, to)
}
