import { crc32 } from 'node:zlib'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { checkPreamble, type PreambleRefused, preambleBytes, putPreamble } from './preamble.ts'
import type { Link } from './record.ts'
import { getU64, putU64 } from './u64.ts'

/**
 * One file of the log, wal/<number>-<first index>. Its header:
 *
 *    0       preamble QUIREWAL
 *   16       identity of the journal, 16 random bytes: files of two directories never mix
 *   32  u64  number of the segment: 1, 2, 3 …
 *   40  u64  index of the first entry that was expected when it was begun
 *   48  u64  sequence number of its first record
 *   56  u32  the closing checksum of the segment before
 *   60  u32  checksum of the 60 bytes above
 */
export const segmentHeaderBytes = 64
export const journalIdBytes = 16

export interface SegmentHeader {
  readonly journal: Buffer
  readonly number: number
  readonly firstIndex: number
  /** What its first record continues. */
  readonly link: Link
}

export interface SegmentName {
  readonly number: number
  readonly firstIndex: number
}

export function segmentName({ number, firstIndex }: SegmentName): string {
  return `wal/${String(number).padStart(10, '0')}-${String(firstIndex).padStart(16, '0')}`
}

const namePattern = /^([0-9]{10})-([0-9]{16})$/

/** Null when a file in wal/ is no segment. */
export function parseSegmentName(name: string): SegmentName | null {
  const match = namePattern.exec(name)
  return match === null ? null : { number: Number(match[1]), firstIndex: Number(match[2]) }
}

export function putSegmentHeader(into: Buffer, header: SegmentHeader): void {
  putPreamble(into, 0, 'QUIREWAL')
  header.journal.copy(into, preambleBytes)
  putU64(into, 32, header.number)
  putU64(into, 40, header.firstIndex)
  putU64(into, 48, header.link.sequence)
  into.writeUInt32LE(header.link.checksum, 56)
  into.writeUInt32LE(crc32(into.subarray(0, 60)), 60)
}

export function readSegmentHeader(bytes: Buffer): Outcome<SegmentHeader, PreambleRefused> {
  const preamble = checkPreamble(bytes, 'QUIREWAL')
  if (!preamble.ok) return preamble
  if (bytes.length < segmentHeaderBytes) return fail({ kind: 'damaged' })
  if (bytes.readUInt32LE(60) !== crc32(bytes.subarray(0, 60))) return fail({ kind: 'damaged' })
  return ok({
    journal: Buffer.from(bytes.subarray(preambleBytes, preambleBytes + journalIdBytes)),
    number: getU64(bytes, 32),
    firstIndex: getU64(bytes, 40),
    link: { sequence: getU64(bytes, 48), checksum: bytes.readUInt32LE(56) },
  })
}
