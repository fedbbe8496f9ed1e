import { crc32 } from 'node:zlib'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { checkPreamble, type PreambleRefused, preambleBytes, putPreamble } from './preamble.ts'
import { journalIdBytes } from './segment.ts'
import { getU64, putU64 } from './u64.ts'

/**
 * wal/mark: what was once durable, outside the log, so that a log that was cut exactly between two
 * records is noticed. Two slots of 4096 bytes, each:
 *
 *    0       preamble QUIREMRK
 *   16       identity of the journal
 *   32  u64  sequence number of the last durable record
 *   40  u64  last index · 48 u64 its term · 56 u64 term · 64 u64 commit
 *   72  u32  checksum of the 72 bytes above; zeros to the end
 */
export const markSlotBytes = 4096
export const markFileBytes = 2 * markSlotBytes
const markUsedBytes = 76

export interface Mark {
  readonly journal: Buffer
  readonly sequence: number
  readonly lastIndex: number
  readonly lastTerm: number
  readonly term: number
  readonly commit: number
}

export function encodeMark(mark: Mark): Buffer {
  const into = Buffer.alloc(markSlotBytes)
  putPreamble(into, 0, 'QUIREMRK')
  mark.journal.copy(into, preambleBytes)
  putU64(into, 32, mark.sequence)
  putU64(into, 40, mark.lastIndex)
  putU64(into, 48, mark.lastTerm)
  putU64(into, 56, mark.term)
  putU64(into, 64, mark.commit)
  into.writeUInt32LE(crc32(into.subarray(0, 72)), 72)
  return into
}

export function decodeMark(slot: Buffer): Outcome<Mark, PreambleRefused> {
  const preamble = checkPreamble(slot, 'QUIREMRK')
  if (!preamble.ok) return preamble
  const isWhole =
    slot.length === markSlotBytes &&
    slot.readUInt32LE(72) === crc32(slot.subarray(0, 72)) &&
    slot.subarray(markUsedBytes).every((byte) => byte === 0)
  if (!isWhole) return fail({ kind: 'damaged' })
  return ok({
    journal: Buffer.from(slot.subarray(preambleBytes, preambleBytes + journalIdBytes)),
    sequence: getU64(slot, 32),
    lastIndex: getU64(slot, 40),
    lastTerm: getU64(slot, 48),
    term: getU64(slot, 56),
    commit: getU64(slot, 64),
  })
}
