/**
 * Commands as the bytes of log entries. An entry is one byte of format version, then either a command's tuple as JSON, or
 * "P", a part's header as one line of JSON, and a slice of the command's long form.
 *
 * The long form is the tuple with its texts replaced by their lengths as one line of JSON, then the texts themselves as
 * plain UTF-8: escaping would make 8 MiB of text into twice as much.
 *
 * [C1] An entry carries at most `entryBytesMax` of a command.
 * [C2] What one version writes, the same version reads back equal; a newer version is told apart from damage.
 */
import { type DeviceId, isDeviceId, isNoteId, type NoteId } from '../base/ids.ts'
import { isCount, readJson, writeJson } from '../base/json.ts'
import { fail, type Outcome, ok } from '../base/outcome.ts'
import { fromUtf8, toUtf8 } from '../base/utf8.ts'
import { sha256Hex } from './chain.ts'
import type { NoteCommand } from './command.ts'
import { type Command, commandFromTuple, commandToTuple } from './command-tuple.ts'
import { commandBytesMax, entryBytesMax, partsMax } from './limits.ts'
import { insertedBy, insertedLength, type Section } from './splice.ts'

export const commandVersion = 1

/** A slice of a long command. Parts of one series are slices of the same bytes, whoever proposed them and however often. */
export interface Part {
  readonly client: DeviceId
  readonly noteId: NoteId
  readonly seq: number
  /** Of the whole command's bytes: a command that was mapped and sent anew is another series. */
  readonly series: string
  /** 1 to `of`. */
  readonly part: number
  readonly of: number
  readonly bytes: Uint8Array
}

export type Decoded =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'part'; readonly part: Part }

export type EntryRefused =
  | { readonly kind: 'malformed'; readonly reason: string }
  /** Written by an app that is newer than this one: stop applying, keep voting, say "update". */
  | { readonly kind: 'newer'; readonly version: number }

/** The entries to propose, in order. Refused when the command is longer than `commandBytesMax`. */
export function encodeCommand(
  command: Command,
): Outcome<readonly [Uint8Array, ...Uint8Array[]], { readonly kind: 'too-long' }> {
  const short = isShort(command) ? writeJson(commandToTuple(command)) : null
  if (short !== null && short.length <= entryBytesMax) return ok([framed([short])])
  if (command.kind === 'device.rename') return fail({ kind: 'too-long' })
  const long = toLongForm(command)
  if (long.length > commandBytesMax) return fail({ kind: 'too-long' })
  return ok(inParts(command, long))
}

export function decodeEntry(bytes: Uint8Array): Outcome<Decoded, EntryRefused> {
  const version = bytes[0] ?? 0
  if (version === 0) return malformed('no version')
  if (version > commandVersion) return fail({ kind: 'newer', version })
  if (bytes[1] === partMark) return decodePart(bytes.subarray(2))
  const command = commandFromTuple(readJson(bytes.subarray(1)))
  return command === null ? malformed('not a command') : ok({ kind: 'command', command })
}

/** The command of a whole series. */
export function decodeLongForm(bytes: Uint8Array): Outcome<NoteCommand, EntryRefused> {
  const end = bytes.indexOf(newline)
  if (end < 0) return malformed('no end of the header')
  const text = fromUtf8(bytes.subarray(end + 1))
  if (text === null) return malformed('the text is not UTF-8')
  const tuple = withTexts(readJson(bytes.subarray(0, end)), text)
  const command = commandFromTuple(tuple)
  if (command === null || command.kind === 'device.rename') return malformed('not a command')
  return ok(command)
}

/** The name of the series that a long form travels as. */
export function seriesOf(long: Uint8Array): string {
  return sha256Hex(long).slice(0, 32)
}

const partMark = 0x50 // "P"; a tuple begins with "["
const newline = 0x0a

function isShort(command: Command): boolean {
  if (command.kind === 'note.create') return command.body.length <= entryBytesMax
  if (command.kind !== 'note.change') return true
  let length = 0
  for (const section of command.changes) {
    length += typeof section === 'number' ? 1 : 1 + insertedLength(section)
  }
  return length <= entryBytesMax
}

function framed(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 1))
  bytes[0] = commandVersion
  let at = 1
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

function inParts(command: NoteCommand, long: Uint8Array): [Uint8Array, ...Uint8Array[]] {
  const { client, noteId, seq } = command
  const series = seriesOf(long)
  const of = Math.ceil(long.length / entryBytesMax)
  const entry = (part: number): Uint8Array => {
    const header = toUtf8(`P${JSON.stringify([client, noteId, seq, series, part, of])}\n`)
    return framed([header, long.subarray((part - 1) * entryBytesMax, part * entryBytesMax)])
  }
  return [entry(1), ...Array.from({ length: of - 1 }, (_, at) => entry(at + 2))]
}

const seriesPattern = /^[0-9a-f]{32}$/

function decodePart(bytes: Uint8Array): Outcome<Decoded, EntryRefused> {
  const end = bytes.indexOf(newline)
  const header = end < 0 ? undefined : readJson(bytes.subarray(0, end))
  if (!Array.isArray(header) || header.length !== 6) return malformed('no header of a part')
  const [client, noteId, seq, series, part, of] = header as readonly unknown[]
  if (typeof client !== 'string' || !isDeviceId(client)) return malformed('the client of a part')
  if (typeof noteId !== 'string' || !isNoteId(noteId)) return malformed('the note of a part')
  if (!isCount(seq) || seq === 0) return malformed('the number of a part')
  if (typeof series !== 'string' || !seriesPattern.test(series)) return malformed('the series')
  if (!isCount(part) || !isCount(of) || part < 1 || part > of || of > partsMax) {
    return malformed('the place of a part')
  }
  const slice = bytes.slice(end + 1)
  if (slice.length === 0 || slice.length > entryBytesMax) return malformed('the size of a part')
  return ok({ kind: 'part', part: { client, noteId, seq, series, part, of, bytes: slice } })
}

function toLongForm(command: NoteCommand): Uint8Array {
  const { tuple, text } = longTuple(command)
  return joined(toUtf8(`${JSON.stringify(tuple)}\n`), toUtf8(text))
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length)
  bytes.set(head)
  bytes.set(tail, head.length)
  return bytes
}

/** Where a tuple has the body or the changes. */
const textPlace = 6

function longTuple(command: NoteCommand): {
  readonly tuple: readonly unknown[]
  readonly text: string
} {
  if (command.kind === 'note.create') {
    return { tuple: commandToTuple({ ...command, body: '' }), text: command.body }
  }
  if (command.kind !== 'note.change') return { tuple: commandToTuple(command), text: '' }
  const tuple: unknown[] = [...commandToTuple({ ...command, changes: [] })]
  tuple[textPlace] = command.changes.map((section) =>
    typeof section === 'number' || section.length === 1
      ? section
      : [section[0], insertedLength(section)],
  )
  const texts = command.changes.map((section) =>
    typeof section === 'number' ? '' : insertedBy(section),
  )
  return { tuple, text: texts.join('') }
}

/** The tuple with its texts put back; what does not fit together is left for the tuple's parser to refuse. */
function withTexts(value: unknown, text: string): unknown {
  if (!Array.isArray(value)) return null
  const place: unknown = value[textPlace]
  if (value[0] === 'create') return place === '' ? value.with(textPlace, text) : null
  if (value[0] !== 'change' || !Array.isArray(place)) return null
  let at = 0
  const sections: (Section | null)[] = place.map((section: unknown) => {
    if (typeof section === 'number') return section
    if (!Array.isArray(section) || section.some((count) => !isCount(count))) return null
    if (section.length === 1) return section as [number]
    const [removed, length] = section as [number, number]
    const lines = text.slice(at, at + length).split('\n')
    at += length
    return section.length === 2 ? [removed, ...lines] : null
  })
  return at === text.length ? value.with(textPlace, sections) : null
}

function malformed(reason: string): { readonly ok: false; readonly error: EntryRefused } {
  return fail({ kind: 'malformed', reason })
}
