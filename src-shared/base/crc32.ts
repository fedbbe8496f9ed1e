/**
 * CRC-32 as in zip and PNG (reflected polynomial 0xEDB88320): finds every burst of damage up to 32 bits, and any other
 * with odds of 1 in 4 billion. `seed` is the CRC of what came before, so that pieces can be checked as one; only the
 * bytes in [from, to) count.
 */
export function crc32(bytes: Uint8Array, seed = 0, from = 0, to = bytes.length): number {
  const steps = table()
  let crc = ~seed
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
