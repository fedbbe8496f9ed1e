import type { Outcome } from '../../../src-shared/base/outcome.ts'
import type { ConfState, NodeId } from '../entry.ts'
import { decode, type Reader } from './reader.ts'
import type { WireRefused } from './refused.ts'
import { idSize, Writer } from './writer.ts'

const lastField = 5

/** A ConfState that is still being read: a record may come in pieces, which add up. */
export interface ConfStateParts {
  readonly voters: NodeId[]
  readonly learners: NodeId[]
  readonly votersOutgoing: NodeId[]
  readonly learnersNext: NodeId[]
  autoLeave: boolean
}

export function encodeConfState(state: ConfState): Uint8Array {
  const writer = new Writer(confStateSize(state))
  writeConfState(writer, state)
  return writer.finish()
}

export function decodeConfState(bytes: Uint8Array): Outcome<ConfState, WireRefused> {
  const read = (reader: Reader) => {
    const parts = noConfState()
    readConfState(reader, parts)
    return parts
  }
  return decode(bytes, read, { unknownTypes: 'refuse' })
}

export function confStateSize(state: ConfState): number {
  const { voters, learners, votersOutgoing, learnersNext } = state
  return idsSize(voters) + idsSize(learners) + idsSize(votersOutgoing) + idsSize(learnersNext) + 2
}

export function writeConfState(writer: Writer, state: ConfState): void {
  writer.flag(0x28, state.autoLeave)
  writer.ids(0x20, state.learnersNext)
  writer.ids(0x18, state.votersOutgoing)
  writer.ids(0x10, state.learners)
  writer.ids(0x08, state.voters)
}

export function noConfState(): ConfStateParts {
  return { voters: [], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
}

/** Ids come one to a field or packed into one; either way they are added to what there is. */
export function readConfState(reader: Reader, into: ConfStateParts): void {
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === 0x28) {
      into.autoLeave = reader.flag()
      continue
    }
    const ids = idsOfField(tag >>> 3, into)
    if (ids !== null && (tag & 7) === 0) ids.push(reader.id())
    else if (ids !== null && (tag & 7) === 2) reader.packedIds(ids)
    else reader.skip(tag, lastField)
  }
}

function idsOfField(field: number, parts: ConfStateParts): NodeId[] | null {
  switch (field) {
    case 1:
      return parts.voters
    case 2:
      return parts.learners
    case 3:
      return parts.votersOutgoing
    case 4:
      return parts.learnersNext
    default:
      return null
  }
}

function idsSize(ids: readonly NodeId[]): number {
  let size = ids.length
  for (const id of ids) size += idSize(id)
  return size
}
