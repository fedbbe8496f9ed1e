import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { Disk } from './disk.ts'
import {
  type Link,
  type RecordHead,
  readHead,
  readPayload,
  recordHeaderBytes,
  recordTrailerBytes,
  recordTypes,
} from './record.ts'
import { type JournalRefused, refused } from './refused.ts'
import { beginReplay, lastIndexOf, type Replay, replayRecord } from './replay.ts'
import { readSegmentHeader, type SegmentHeader, segmentHeaderBytes } from './segment.ts'
import { bufferOf } from './u64.ts'

export interface SegmentFile {
  /** With its directory. */
  readonly name: string
  readonly number: number
  readonly firstIndex: number
  readonly size: number
}

export interface LogRead {
  readonly journal: Buffer
  readonly replay: Replay
  /** The last segment, how far it is whole, and where the next record belongs. */
  readonly last: SegmentFile
  readonly end: number
  readonly link: Link
  readonly isSealed: boolean
}

/** Where the reading stands. */
interface Cursor {
  readonly file: SegmentFile
  readonly bytes: Buffer
  readonly isLast: boolean
  at: number
  link: Link
  isSealed: boolean
}

/**
 * Reads the whole log and believes nothing: only bytes at the end of the last segment may be
 * unreadable, and only when nothing says that they were once durable: neither the mark nor a later
 * record. `durable` is the mark's sequence number.
 */
export async function readLog(
  disk: Disk,
  files: readonly SegmentFile[],
  durable: number,
): Promise<Outcome<LogRead, JournalRefused>> {
  let before: { header: SegmentHeader; cursor: Cursor } | null = null
  let replay: Replay | null = null
  let reading = readAhead(disk, files[0])
  for (const [n, file] of files.entries()) {
    const bytes = bufferOf(await reading)
    reading = readAhead(disk, files[n + 1]) // while this one is being checked
    const header = checkHeader(file, bytes, before)
    if (!header.ok) return header
    replay ??= beginReplay(header.value.firstIndex)
    const isLast = file === files.at(-1)
    const { link } = header.value
    const cursor = { file, bytes, isLast, at: segmentHeaderBytes, link, isSealed: false }
    const problem = readSegment(cursor, replay, durable)
    if (problem !== null) return fail(problem)
    before = { header: header.value, cursor }
  }
  if (before === null || replay === null) {
    return fail(refused('damaged', { file: 'wal' }, 'The log has no file.'))
  }
  const { at: end, link, isSealed, file: last } = before.cursor
  return ok({ journal: before.header.journal, replay, last, end, link, isSealed })
}

/** Its failure is heard when its turn comes, and not at all when an earlier file is refused. */
function readAhead(disk: Disk, file: SegmentFile | undefined): Promise<Uint8Array> {
  if (file === undefined) return Promise.resolve(new Uint8Array(0))
  const reading = disk.read(file.name, 0, file.size)
  reading.catch(() => undefined)
  return reading
}

function checkHeader(
  file: SegmentFile,
  bytes: Buffer,
  before: { header: SegmentHeader; cursor: Cursor } | null,
): Outcome<SegmentHeader, JournalRefused> {
  const read = readSegmentHeader(bytes)
  const place = { file: file.name, offset: 0, entryIndex: file.firstIndex }
  if (!read.ok && read.error.kind === 'newer-format') {
    const words = `It has format ${read.error.version}, which this version does not know.`
    return fail(refused('newer-format', place, words))
  }
  if (!read.ok) return fail(refused('damaged', place, 'Its header does not match its checksum.'))
  const header = read.value
  if (header.number !== file.number || header.firstIndex !== file.firstIndex) {
    return fail(refused('damaged', place, 'Its name and its header do not agree.'))
  }
  if (before === null) return read
  const { cursor } = before
  const isNext =
    header.number === before.header.number + 1 &&
    header.journal.equals(before.header.journal) &&
    header.link.sequence === cursor.link.sequence &&
    header.link.checksum === cursor.link.checksum
  if (isNext) return read
  return fail(refused('damaged', place, `It does not continue ${cursor.file.name}.`))
}

function readSegment(cursor: Cursor, replay: Replay, durable: number): JournalRefused | null {
  const { bytes, file } = cursor
  for (let isFirst = true; cursor.at < bytes.length; isFirst = false) {
    const head = readHead(bytes, cursor.at)
    const payload = head !== null && isInPlace(cursor, head) ? readPayload(bytes, head) : null
    if (head === null || payload === null) {
      const said = sayWhat(cursor, head)
      return isFirst ? damaged(cursor, replay, said) : judgeTail(cursor, replay, { said, durable })
    }
    if (isFirst !== (head.type === recordTypes.state)) {
      return damaged(cursor, replay, 'a record of the wrong type')
    }
    const wrong = replayRecord(replay, head, payload)
    if (wrong !== null) return damaged(cursor, replay, wrong)
    const end = head.start + head.length
    cursor.isSealed = head.type === recordTypes.sealed
    cursor.link = { sequence: head.sequence + 1, checksum: bytes.readUInt32LE(end) }
    cursor.at = end + recordTrailerBytes
    if (cursor.isSealed && cursor.at < bytes.length) {
      return damaged(cursor, replay, 'bytes behind the seal')
    }
  }
  if (cursor.at === segmentHeaderBytes) return damaged(cursor, replay, 'an end without a record')
  if (cursor.isLast || cursor.isSealed) return null
  return damaged(cursor, replay, `an end without a seal (a later segment than ${file.name} exists)`)
}

function isInPlace({ link }: Cursor, head: RecordHead): boolean {
  return head.sequence === link.sequence && head.previous === link.checksum
}

function sayWhat(cursor: Cursor, head: RecordHead | null): string {
  if (head === null) return 'a record whose header does not match its checksum'
  if (!isInPlace(cursor, head)) return 'a record that does not follow the one before it'
  return 'a record whose payload does not match its checksum'
}

/** Something at the cursor cannot be read: a write that never finished, or damage? */
function judgeTail(
  cursor: Cursor,
  replay: Replay,
  { said, durable }: { said: string; durable: number },
): JournalRefused | null {
  if (!cursor.isLast) return damaged(cursor, replay, said)
  if (durable >= cursor.link.sequence) {
    return damaged(cursor, replay, `${said}, though wal/mark knows it was durable`)
  }
  const witness = findWitness(cursor.bytes, cursor.at + 1, cursor.link.sequence)
  if (witness === null) return null
  return damaged(cursor, replay, `${said}, though the record at ${witness} knows it was durable`)
}

/** A whole record further on that says that the one wanted was durable when it was written. */
function findWitness(bytes: Buffer, from: number, sequence: number): number | null {
  const last = bytes.length - recordHeaderBytes - recordTrailerBytes
  for (let at = from; at <= last; at++) {
    // The type's three zeros rule out nearly every place before a checksum is computed.
    const type = bytes[at + 4] ?? 0
    if (type === 0 || type > recordTypes.sealed || bytes[at + 5] !== 0) continue
    const head = readHead(bytes, at)
    if (head === null || head.sequence <= sequence || head.durable < sequence) continue
    if (readPayload(bytes, head) !== null) return at
  }
  return null
}

function damaged(cursor: Cursor, replay: Replay, said: string): JournalRefused {
  const entryIndex = lastIndexOf(replay) + 1
  const place = { file: cursor.file.name, offset: cursor.at, entryIndex }
  return refused('damaged', place, `There is ${said}.`)
}
