import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { ConfState, Entry, Snapshot } from '../../src-main/raft/entry.ts'
import { type Message, messageTypes } from '../../src-main/raft/message.ts'
import { entryTypes } from '../../src-main/raft/wire/names.ts'

const typeNames: readonly string[] = entryTypes

/**
 * Messages as today's reference library writes them: a field is there only if it is set. Made with
 * a protobuf library, so that our reading is held to a second opinion; `packed` also packs lists of
 * ids, which a decoder must take.
 */
export function presenceMessage(message: Message, packed = false): Uint8Array {
  const writer = new BinaryWriter()
  number(writer, 1, messageTypes.indexOf(message.type))
  number(writer, 2, message.to)
  number(writer, 3, message.from)
  number(writer, 4, message.term)
  number(writer, 5, message.logTerm)
  number(writer, 6, message.index)
  for (const entry of message.entries) bytes(writer, 7, presenceEntry(entry))
  number(writer, 8, message.commit)
  bytes(writer, 9, message.snapshot && presenceSnapshot(message.snapshot, packed))
  number(writer, 10, message.reject ? 1 : 0)
  number(writer, 11, message.rejectHint)
  bytes(writer, 12, message.context)
  number(writer, 13, message.vote)
  for (const response of message.responses) bytes(writer, 14, presenceMessage(response, packed))
  return writer.finish()
}

export function presenceEntry(entry: Entry): Uint8Array {
  const writer = new BinaryWriter()
  number(writer, 1, typeNames.indexOf(entry.type))
  number(writer, 2, entry.term)
  number(writer, 3, entry.index)
  bytes(writer, 4, entry.data)
  return writer.finish()
}

export function presenceSnapshot({ data, metadata }: Snapshot, packed = false): Uint8Array {
  const inner = new BinaryWriter()
  const state = presenceConfState(metadata.confState, packed)
  if (state.length > 0) bytes(inner, 1, state)
  number(inner, 2, metadata.index)
  number(inner, 3, metadata.term)
  const writer = new BinaryWriter()
  bytes(writer, 1, data)
  bytes(writer, 2, inner.finish())
  return writer.finish()
}

export function presenceConfState(state: ConfState, packed = false): Uint8Array {
  const writer = new BinaryWriter()
  const lists = [state.voters, state.learners, state.votersOutgoing, state.learnersNext]
  lists.forEach((ids, place) => {
    if (packed && ids.length > 1) {
      writer.tag(place + 1, WireType.LengthDelimited).fork()
      for (const id of ids) writer.uint64(id)
      writer.join()
    } else {
      for (const id of ids) writer.tag(place + 1, WireType.Varint).uint64(id)
    }
  })
  number(writer, 5, state.autoLeave ? 1 : 0)
  return writer.finish()
}

function number(writer: BinaryWriter, field: number, value: number | bigint): void {
  if (BigInt(value) !== 0n) writer.tag(field, WireType.Varint).uint64(BigInt(value))
}

function bytes(writer: BinaryWriter, field: number, value: Uint8Array | null): void {
  if (value !== null) writer.tag(field, WireType.LengthDelimited).bytes(value)
}
