import type { Outcome } from '../../../src-shared/base/outcome.ts'
import { type ConfChange, type ConfChangeSingle, type ConfChangeV2, nobody } from '../entry.ts'
import {
  type AnyConfChangeTransition,
  type AnyConfChangeType,
  confChangeTransitions,
  confChangeTypeNumber,
  confChangeTypes,
  transitionNumber,
} from './names.ts'
import { decode, type Reader } from './reader.ts'
import type { WireRefused } from './refused.ts'
import { idSize, lengthDelimitedSize, typeSize, Writer } from './writer.ts'

export type AnyConfChange = Omit<ConfChange, 'type'> & { readonly type: AnyConfChangeType }
export type AnyConfChangeSingle = Omit<ConfChangeSingle, 'type'> & {
  readonly type: AnyConfChangeType
}
export type AnyConfChangeV2 = Omit<ConfChangeV2, 'transition' | 'changes'> & {
  readonly transition: AnyConfChangeTransition
  readonly changes: readonly AnyConfChangeSingle[]
}

const lastField = 4
const lastSingleField = 2
const lastV2Field = 3

export function encodeConfChange({ id, type, nodeId, context }: AnyConfChange): Uint8Array {
  const number = confChangeTypeNumber(type)
  const head = 3 + idSize(id) + typeSize(number) + idSize(nodeId)
  const writer = new Writer(context === null ? head : head + lengthDelimitedSize(context.length))
  writer.bytes(0x22, context)
  writer.id(0x18, nodeId)
  writer.type(0x10, number)
  writer.id(0x08, id)
  return writer.finish()
}

export function decodeConfChange(bytes: Uint8Array): Outcome<ConfChange, WireRefused> {
  const decoded = decode(bytes, readConfChange, { unknownTypes: 'refuse' })
  return decoded as Outcome<ConfChange, WireRefused>
}

export function encodeConfChangeSingle(change: AnyConfChangeSingle): Uint8Array {
  const writer = new Writer(singleSize(change))
  writeSingle(writer, change)
  return writer.finish()
}

export function decodeConfChangeSingle(bytes: Uint8Array): Outcome<ConfChangeSingle, WireRefused> {
  const decoded = decode(bytes, readConfChangeSingle, { unknownTypes: 'refuse' })
  return decoded as Outcome<ConfChangeSingle, WireRefused>
}

export function encodeConfChangeV2(change: AnyConfChangeV2): Uint8Array {
  const { transition, changes, context } = change
  const number = transitionNumber(transition)
  let size = 1 + typeSize(number)
  for (const each of changes) size += lengthDelimitedSize(singleSize(each))
  if (context !== null) size += lengthDelimitedSize(context.length)
  const writer = new Writer(size)
  writer.bytes(0x1a, context)
  for (const each of changes.toReversed()) {
    const end = writer.position
    writeSingle(writer, each)
    writer.nested(0x12, end)
  }
  writer.type(0x08, number)
  return writer.finish()
}

/** Of no bytes at all: a change of nothing, which leaves a joint configuration. */
export function decodeConfChangeV2(bytes: Uint8Array): Outcome<ConfChangeV2, WireRefused> {
  const decoded = decode(bytes, readConfChangeV2, { unknownTypes: 'refuse' })
  return decoded as Outcome<ConfChangeV2, WireRefused>
}

export function readConfChange(reader: Reader): AnyConfChange {
  let id = 0n
  let type: AnyConfChangeType = 'ConfChangeAddNode'
  let nodeId = nobody
  let context: Uint8Array | null = null
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    switch (tag) {
      case 0x08:
        id = reader.id()
        break
      case 0x10:
        type = reader.type(confChangeTypes)
        break
      case 0x18:
        nodeId = reader.id()
        break
      case 0x22:
        context = reader.bytes()
        break
      default:
        reader.skip(tag, lastField)
    }
  }
  return { kind: 'v1', id, type, nodeId, context }
}

export function readConfChangeSingle(reader: Reader): AnyConfChangeSingle {
  let type: AnyConfChangeType = 'ConfChangeAddNode'
  let nodeId = nobody
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    switch (tag) {
      case 0x08:
        type = reader.type(confChangeTypes)
        break
      case 0x10:
        nodeId = reader.id()
        break
      default:
        reader.skip(tag, lastSingleField)
    }
  }
  return { type, nodeId }
}

export function readConfChangeV2(reader: Reader): AnyConfChangeV2 {
  let transition: AnyConfChangeTransition = 'ConfChangeTransitionAuto'
  const changes: AnyConfChangeSingle[] = []
  let context: Uint8Array | null = null
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    switch (tag) {
      case 0x08:
        transition = reader.type(confChangeTransitions)
        break
      case 0x12: {
        const outer = reader.enter()
        changes.push(readConfChangeSingle(reader))
        reader.leave(outer)
        break
      }
      case 0x1a:
        context = reader.bytes()
        break
      default:
        reader.skip(tag, lastV2Field)
    }
  }
  return { kind: 'v2', transition, changes, context }
}

function singleSize({ type, nodeId }: AnyConfChangeSingle): number {
  return 2 + typeSize(confChangeTypeNumber(type)) + idSize(nodeId)
}

function writeSingle(writer: Writer, { type, nodeId }: AnyConfChangeSingle): void {
  writer.id(0x10, nodeId)
  writer.type(0x08, confChangeTypeNumber(type))
}
