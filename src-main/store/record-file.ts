import { crc32 } from 'node:zlib'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'

/*
 * How every file of this room is written, version 1. Text, so that a person can read it:
 *
 *   quire-KIND 1 CHECKSUM     the kind, the version of the format, and the CRC-32 of all else as eight hexadecimal digits
 *   JSON                      on one line. note: {index, note}; mark: {index, notes, sum}
 */
export const formatVersion = 1

export type RecordKind = 'note' | 'mark'

/** newer: sound, and written by a later version. */
export type RecordFault =
  | { readonly kind: 'damaged' }
  | { readonly kind: 'newer'; readonly version: number }

export function encodeRecord(kind: RecordKind, data: unknown): Uint8Array {
  const start = `quire-${kind} ${formatVersion}`
  const json = utf8(`${JSON.stringify(data)}\n`)
  const first = utf8(`${start} ${checksum(start, json)}\n`)
  const bytes = new Uint8Array(first.length + json.length)
  bytes.set(first)
  bytes.set(json, first.length)
  return bytes
}

/** What was given to `encodeRecord`: sound bytes of a version that we know say what we wrote. */
export function decodeRecord(kind: RecordKind, bytes: Uint8Array): Outcome<unknown, RecordFault> {
  const end = bytes.indexOf(newline)
  const first = new TextDecoder('latin1').decode(bytes.subarray(0, Math.max(0, end)))
  const [start, found, version, sum] = firstLine.exec(first)?.slice(1) ?? []
  const json = bytes.subarray(end + 1)
  if (start === undefined || found !== kind || sum !== checksum(start, json)) {
    return fail({ kind: 'damaged' })
  }
  // Another version's number is believed only under a sound checksum.
  if (Number(version) > formatVersion) return fail({ kind: 'newer', version: Number(version) })
  return ok(JSON.parse(new TextDecoder('utf-8', { ignoreBOM: true }).decode(json)))
}

const newline = 0x0a
const firstLine = /^(quire-([a-z]+) (\d+)) ([0-9a-f]{8})$/

function checksum(start: string, json: Uint8Array): string {
  return crc32(json, crc32(utf8(start)))
    .toString(16)
    .padStart(8, '0')
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
