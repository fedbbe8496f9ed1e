import type { Outcome } from '../../../src-shared/base/outcome.ts'
import { type Entry, nobody } from '../entry.ts'
import {
  type Message,
  type MessageFields,
  type MessageType,
  messageTypes,
  newMessage,
} from '../message.ts'
import { type AnyEntry, encodedEntrySize, readEntry, writeEntry } from './entry.ts'
import { type AnyMessageType, messageTypeNumber } from './names.ts'
import { decode, type Reader } from './reader.ts'
import type { WireRefused } from './refused.ts'
import {
  noSnapshot,
  readSnapshot,
  type SnapshotParts,
  snapshotSize,
  writeSnapshot,
} from './snapshot.ts'
import { idSize, lengthDelimitedSize, numberSize, typeSize, Writer } from './writer.ts'

/** A message of whatever type its sender knew. */
export type AnyMessage = Omit<MessageFields, 'entries' | 'responses'> & {
  readonly type: AnyMessageType
  readonly entries: readonly AnyEntry[]
  readonly responses: readonly AnyMessage[]
}

const lastField = 14

export function encodeMessage(message: AnyMessage): Uint8Array {
  const writer = new Writer(encodedMessageSize(message))
  writeMessage(writer, message)
  return writer.finish()
}

export function decodeMessage(bytes: Uint8Array): Outcome<Message, WireRefused> {
  return decode(bytes, readMessage, { unknownTypes: 'refuse' }) as Outcome<Message, WireRefused>
}

export function encodedMessageSize(message: AnyMessage): number {
  const { entries, snapshot, context, responses } = message
  let size = 11 + scalarsSize(message)
  for (const entry of entries) size += lengthDelimitedSize(encodedEntrySize(entry))
  if (snapshot !== null) size += lengthDelimitedSize(snapshotSize(snapshot))
  if (context !== null) size += lengthDelimitedSize(context.length)
  for (const response of responses) size += lengthDelimitedSize(encodedMessageSize(response))
  return size
}

function scalarsSize(message: AnyMessage): number {
  return (
    typeSize(messageTypeNumber(message.type)) +
    idSize(message.to) +
    idSize(message.from) +
    numberSize(message.term) +
    numberSize(message.logTerm) +
    numberSize(message.index) +
    numberSize(message.commit) +
    numberSize(message.rejectHint) +
    idSize(message.vote)
  )
}

function writeMessage(writer: Writer, message: AnyMessage): void {
  for (let place = message.responses.length - 1; place >= 0; place--) {
    writeNested(writer, 0x72, message.responses[place], writeMessage)
  }
  writer.id(0x68, message.vote)
  writer.bytes(0x62, message.context)
  writer.number(0x58, message.rejectHint)
  writer.flag(0x50, message.reject)
  if (message.snapshot !== null) writeNested(writer, 0x4a, message.snapshot, writeSnapshot)
  writer.number(0x40, message.commit)
  for (let place = message.entries.length - 1; place >= 0; place--) {
    writeNested(writer, 0x3a, message.entries[place], writeEntry)
  }
  writer.number(0x30, message.index)
  writer.number(0x28, message.logTerm)
  writer.number(0x20, message.term)
  writer.id(0x18, message.from)
  writer.id(0x10, message.to)
  writer.type(0x08, messageTypeNumber(message.type))
}

function writeNested<T>(
  writer: Writer,
  tag: number,
  part: T | undefined,
  write: (writer: Writer, part: T) => void,
): void {
  if (part === undefined) return
  const end = writer.position
  write(writer, part)
  writer.nested(tag, end)
}

/**
 * Every field in whatever order it comes; a scalar that comes twice has its last value, a snapshot
 * adds up.
 */
export function readMessage(reader: Reader): AnyMessage {
  let type: AnyMessageType = 'MsgHup'
  let [to, from, vote] = [nobody, nobody, nobody]
  let [term, logTerm, index, commit, rejectHint] = [0, 0, 0, 0, 0]
  let reject = false
  let context: Uint8Array | null = null
  let snapshot: SnapshotParts | null = null
  const entries: AnyEntry[] = []
  const responses: AnyMessage[] = []
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    switch (tag) {
      case 0x08:
        type = reader.type(messageTypes)
        break
      case 0x10:
        to = reader.id()
        break
      case 0x18:
        from = reader.id()
        break
      case 0x20:
        term = reader.number('term')
        break
      case 0x28:
        logTerm = reader.number('logTerm')
        break
      case 0x30:
        index = reader.number('index')
        break
      case 0x3a:
        entries.push(readNested(reader, readEntry))
        break
      case 0x40:
        commit = reader.number('commit')
        break
      case 0x4a:
        snapshot = readNested(reader, (nested) => readSnapshotInto(nested, snapshot))
        break
      case 0x50:
        reject = reader.flag()
        break
      case 0x58:
        rejectHint = reader.number('rejectHint')
        break
      case 0x62:
        context = reader.bytes()
        break
      case 0x68:
        vote = reader.id()
        break
      case 0x72:
        responses.push(readNested(reader, readMessage))
        break
      default:
        reader.skip(tag, lastField)
    }
  }
  // One shape for all messages, whoever made them; the names are checked by whoever asked for known
  // ones only.
  return newMessage(type as MessageType, {
    to,
    from,
    term,
    logTerm,
    index,
    entries: entries as Entry[],
    commit,
    snapshot,
    reject,
    rejectHint,
    context,
    vote,
    responses: responses as Message[],
  })
}

function readNested<T>(reader: Reader, read: (reader: Reader) => T): T {
  const outer = reader.enter()
  const part = read(reader)
  reader.leave(outer)
  return part
}

function readSnapshotInto(reader: Reader, begun: SnapshotParts | null): SnapshotParts {
  const parts = begun ?? noSnapshot()
  readSnapshot(reader, parts)
  return parts
}
