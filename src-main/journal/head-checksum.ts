/**
 * CRC-32 of a short range, the same as zlib's. For the few bytes of a record's header a loop of our
 * own beats the way into the library and the view it would need: half the time of reading a log.
 */
export function headChecksum(bytes: Uint8Array, from: number, to: number): number {
  const steps = table()
  let crc = -1
  for (let at = from; at < to; at++) {
    crc = (crc >>> 8) ^ (steps[(crc ^ (bytes[at] as number)) & 0xff] as number)
  }
  return ~crc >>> 0
}

let made: Int32Array | undefined

/** Made at the first use: nothing works at import time. */
function table(): Int32Array {
  if (made !== undefined) return made
  made = new Int32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    made[byte] = crc
  }
  return made
}
