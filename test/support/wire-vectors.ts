import {
  encodeConfChange,
  encodeConfChangeSingle,
  encodeConfChangeV2,
  readConfChange,
  readConfChangeSingle,
  readConfChangeV2,
} from '../../src-main/raft/wire/conf-change.ts'
import { decodeConfState, encodeConfState } from '../../src-main/raft/wire/conf-state.ts'
import { encodeEntry, readEntry } from '../../src-main/raft/wire/entry.ts'
import { decodeHardState, encodeHardState } from '../../src-main/raft/wire/hard-state.ts'
import { encodeMessage, readMessage } from '../../src-main/raft/wire/message.ts'
import { decode, type Reader } from '../../src-main/raft/wire/reader.ts'
import { describeWireRefused, type WireRefused } from '../../src-main/raft/wire/refused.ts'
import {
  decodeSnapshot,
  decodeSnapshotMetadata,
  encodeSnapshot,
  encodeSnapshotMetadata,
} from '../../src-main/raft/wire/snapshot.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import * as shown from './wire-shown.ts'

/**
 * One type of the wire, for a judge that knows it by name only: bytes in, what they mean and the
 * same in our bytes out.
 */
interface Codec {
  readonly run: (bytes: Uint8Array) => Outcome<Reading, WireRefused>
}

export interface Reading {
  readonly shown: shown.Shown
  readonly encoded: string
  /** The same without the empty snapshot that old members put into every message. */
  readonly withoutEmptySnapshot: string
}

type Verdict =
  | { readonly error: string }
  | { readonly decoded: shown.Shown; readonly reencoded: string }

interface EncodeRow {
  readonly name: string
  readonly type: string
  readonly hex: string
  readonly hexPresence: string
  readonly hexV35?: string | null
  readonly decoded: shown.Shown
}

interface DecodeRow {
  readonly name: string
  readonly type: string
  readonly hex: string
  readonly gogo: Verdict
  readonly google: Verdict
}

export type VectorRow = EncodeRow | DecodeRow

/** Null when the row passes, else what differs. */
export function judge(row: VectorRow): string | null {
  const codec = codecs.get(row.type)
  if (codec === undefined) return `there is no type ${row.type}`
  return 'gogo' in row ? judgeDecoding(row, codec) : judgeEncoding(row, codec)
}

/**
 * Every style must mean the same and be written in ours; too large a number must be refused,
 * whatever the style.
 */
function judgeEncoding(row: EncodeRow, codec: Codec): string | null {
  for (const style of ['hex', 'hexPresence', 'hexV35'] as const) {
    const hex = row[style]
    if (hex === null || hex === undefined) continue
    const problem = judgeStyle(row, codec, style, hex)
    if (problem !== null) return `${style} ${hex}\n${problem}`
  }
  return null
}

function judgeStyle(row: EncodeRow, codec: Codec, style: string, hex: string): string | null {
  const reading = codec.run(fromHex(hex))
  if (shown.hasTooLarge(row.decoded)) return judgeRefusal(reading)
  if (!reading.ok) return differs(row.hex, describeWireRefused(reading.error))
  const { encoded, withoutEmptySnapshot } = reading.value
  // The 3.5 style writes an empty snapshot into every message, so there it may mean none.
  const isOurs = encoded === row.hex || (style === 'hexV35' && withoutEmptySnapshot === row.hex)
  if (!isOurs) return differs(row.hex, encoded)
  if (style === 'hexV35') return null
  return judgeMeaning(row.decoded, reading.value.shown)
}

/** The two reference decoders differ in a few rows; ours may side with either. */
function judgeDecoding(row: DecodeRow, codec: Codec): string | null {
  const reading = codec.run(fromHex(row.hex))
  const verdicts = [row.gogo, row.google]
  if (!verdicts.some((verdict) => isVerdict(row.type, verdict, reading))) {
    const actual = reading.ok ? JSON.stringify(reading.value.shown) : JSON.stringify(reading.error)
    return differs(JSON.stringify(verdicts), actual)
  }
  if (!reading.ok || 'error' in row.gogo) return null
  const { encoded } = reading.value
  return encoded === row.gogo.reencoded ? null : differs(row.gogo.reencoded, encoded)
}

function isVerdict(
  type: string,
  verdict: Verdict,
  reading: Outcome<Reading, WireRefused>,
): boolean {
  if ('error' in verdict) return !reading.ok
  if (shown.hasTooLarge(verdict.decoded)) return judgeRefusal(reading) === null
  return reading.ok && shown.isSame(shown.complete(type, verdict.decoded), reading.value.shown)
}

function judgeRefusal(reading: Outcome<Reading, WireRefused>): string | null {
  if (!reading.ok && reading.error.kind === 'out-of-range') return null
  return differs('refused as out of range', JSON.stringify(reading))
}

function judgeMeaning(expected: shown.Shown, actual: shown.Shown): string | null {
  if (shown.isSame(expected, actual)) return null
  return differs(JSON.stringify(expected), JSON.stringify(actual))
}

function differs(expected: string, actual: string): string {
  return `expected ${expected}\nactual   ${actual}`
}

/** A file's rows; anything that is not a list of such rows is refused with the reason. */
export function parseVectors(text: string): Outcome<readonly VectorRow[], string> {
  let rows: unknown
  try {
    rows = JSON.parse(text)
  } catch (thrown) {
    return fail(`not JSON: ${String(thrown)}`)
  }
  if (!Array.isArray(rows)) return fail('not a list of vectors')
  const broken = rows.findIndex((row) => !isRow(row))
  return broken === -1 ? ok(rows as VectorRow[]) : fail(`row ${broken} is not a vector`)
}

function isRow(row: unknown): boolean {
  if (typeof row !== 'object' || row === null) return false
  const { name, type, hex, hexPresence, decoded, gogo, google } = row as Record<string, unknown>
  if (typeof name !== 'string' || typeof type !== 'string' || !isHex(hex)) return false
  return (isHex(hexPresence) && isObject(decoded)) || (isObject(gogo) && isObject(google))
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function isHex(value: unknown): boolean {
  return typeof value === 'string' && /^([0-9a-f]{2})*$/.test(value)
}

function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'))
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function codecOf<T>(
  decodeBytes: (bytes: Uint8Array) => Outcome<T, WireRefused>,
  encode: (value: T) => Uint8Array,
  show: (value: T) => shown.Shown,
  leaveOut: (value: T) => T = (value) => value,
): Codec {
  return {
    run: (bytes) => {
      const decoded = decodeBytes(bytes)
      if (!decoded.ok) return decoded
      return ok({
        shown: show(decoded.value),
        encoded: toHex(encode(decoded.value)),
        withoutEmptySnapshot: toHex(encode(leaveOut(decoded.value))),
      })
    },
  }
}

/** Types that have no name are kept here: both reference decoders keep them too. */
function keeping<T>(read: (reader: Reader) => T): (bytes: Uint8Array) => Outcome<T, WireRefused> {
  return (bytes) => decode(bytes, read, { unknownTypes: 'keep' })
}

const codecs: ReadonlyMap<string, Codec> = new Map([
  ['Entry', codecOf(keeping(readEntry), encodeEntry, shown.entry)],
  ['HardState', codecOf(decodeHardState, encodeHardState, shown.hardState)],
  ['ConfState', codecOf(decodeConfState, encodeConfState, shown.confState)],
  ['SnapshotMetadata', codecOf(decodeSnapshotMetadata, encodeSnapshotMetadata, shown.metadata)],
  ['Snapshot', codecOf(decodeSnapshot, encodeSnapshot, shown.snapshot)],
  ['ConfChange', codecOf(keeping(readConfChange), encodeConfChange, shown.confChange)],
  [
    'ConfChangeSingle',
    codecOf(keeping(readConfChangeSingle), encodeConfChangeSingle, shown.confChangeSingle),
  ],
  ['ConfChangeV2', codecOf(keeping(readConfChangeV2), encodeConfChangeV2, shown.confChangeV2)],
  [
    'Message',
    codecOf(keeping(readMessage), encodeMessage, shown.message, shown.withoutEmptySnapshot),
  ],
])
