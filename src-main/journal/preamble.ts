import { crc32 } from 'node:zlib'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'

/**
 * Every file of the journal begins alike in every version: eight letters, the version of its format,
 * a checksum of both. So a newer file is told from a damaged one.
 */
export const preambleBytes = 16
export const formatVersion = 1

export type Magic = 'QUIREWAL' | 'QUIREMRK' | 'QUIRERSV' | 'QUIRESNP'

export function putPreamble(into: Buffer, at: number, magic: Magic): void {
  into.write(magic, at, 'latin1')
  into.writeUInt32LE(formatVersion, at + 8)
  into.writeUInt32LE(crc32(into.subarray(at, at + 12)), at + 12)
}

export type PreambleRefused =
  | { readonly kind: 'damaged' }
  | { readonly kind: 'newer-format'; readonly version: number }

export function checkPreamble(bytes: Buffer, magic: Magic): Outcome<void, PreambleRefused> {
  if (bytes.length < preambleBytes) return fail({ kind: 'damaged' })
  const isWhole = bytes.readUInt32LE(12) === crc32(bytes.subarray(0, 12))
  if (!isWhole || bytes.toString('latin1', 0, 8) !== magic) return fail({ kind: 'damaged' })
  const version = bytes.readUInt32LE(8)
  if (version > formatVersion) return fail({ kind: 'newer-format', version })
  return version === formatVersion ? ok(undefined) : fail({ kind: 'damaged' })
}
