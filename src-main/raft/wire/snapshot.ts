import type { Outcome } from '../../../src-shared/base/outcome.ts'
import type { Snapshot, SnapshotMetadata } from '../entry.ts'
import {
  type ConfStateParts,
  confStateSize,
  noConfState,
  readConfState,
  writeConfState,
} from './conf-state.ts'
import { decode, type Reader } from './reader.ts'
import type { WireRefused } from './refused.ts'
import { lengthDelimitedSize, numberSize, Writer } from './writer.ts'

const lastSnapshotField = 2
const lastMetadataField = 3

/**
 * Still being read: a message within a message may come in pieces, of which each field's last value
 * counts.
 */
export interface SnapshotParts {
  data: Uint8Array | null
  readonly metadata: MetadataParts
}

interface MetadataParts {
  readonly confState: ConfStateParts
  index: number
  term: number
}

export function encodeSnapshotMetadata(metadata: SnapshotMetadata): Uint8Array {
  const writer = new Writer(metadataSize(metadata))
  writeMetadata(writer, metadata)
  return writer.finish()
}

export function decodeSnapshotMetadata(bytes: Uint8Array): Outcome<SnapshotMetadata, WireRefused> {
  const read = (reader: Reader) => {
    const parts = noMetadata()
    readMetadata(reader, parts)
    return parts
  }
  return decode(bytes, read, { unknownTypes: 'refuse' })
}

export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  const writer = new Writer(snapshotSize(snapshot))
  writeSnapshot(writer, snapshot)
  return writer.finish()
}

export function decodeSnapshot(bytes: Uint8Array): Outcome<Snapshot, WireRefused> {
  const read = (reader: Reader) => {
    const parts = noSnapshot()
    readSnapshot(reader, parts)
    return parts
  }
  return decode(bytes, read, { unknownTypes: 'refuse' })
}

export function snapshotSize({ data, metadata }: Snapshot): number {
  const size = lengthDelimitedSize(metadataSize(metadata))
  return data === null ? size : size + lengthDelimitedSize(data.length)
}

export function writeSnapshot(writer: Writer, { data, metadata }: Snapshot): void {
  const end = writer.position
  writeMetadata(writer, metadata)
  writer.nested(0x12, end)
  writer.bytes(0x0a, data)
}

export function noSnapshot(): SnapshotParts {
  return { data: null, metadata: noMetadata() }
}

export function readSnapshot(reader: Reader, into: SnapshotParts): void {
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    switch (tag) {
      case 0x0a:
        into.data = reader.bytes()
        break
      case 0x12: {
        const outer = reader.enter()
        readMetadata(reader, into.metadata)
        reader.leave(outer)
        break
      }
      default:
        reader.skip(tag, lastSnapshotField)
    }
  }
}

function metadataSize({ confState, index, term }: SnapshotMetadata): number {
  return lengthDelimitedSize(confStateSize(confState)) + 2 + numberSize(index) + numberSize(term)
}

function writeMetadata(writer: Writer, { confState, index, term }: SnapshotMetadata): void {
  writer.number(0x18, term)
  writer.number(0x10, index)
  const end = writer.position
  writeConfState(writer, confState)
  writer.nested(0x0a, end)
}

function noMetadata(): MetadataParts {
  return { confState: noConfState(), index: 0, term: 0 }
}

function readMetadata(reader: Reader, into: MetadataParts): void {
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    switch (tag) {
      case 0x0a: {
        const outer = reader.enter()
        readConfState(reader, into.confState)
        reader.leave(outer)
        break
      }
      case 0x10:
        into.index = reader.number('index')
        break
      case 0x18:
        into.term = reader.number('term')
        break
      default:
        reader.skip(tag, lastMetadataField)
    }
  }
}
