import type { Outcome } from '../../../src-shared/base/outcome.ts'
import type { Entry } from '../entry.ts'
import { type AnyEntryType, entryTypeNumber, entryTypes } from './names.ts'
import { decode, type Reader } from './reader.ts'
import type { WireRefused } from './refused.ts'
import { lengthDelimitedSize, numberSize, typeSize, Writer } from './writer.ts'

/** An entry of whatever type its sender knew. */
export type AnyEntry = Omit<Entry, 'type'> & { readonly type: AnyEntryType }

const lastField = 4

/**
 * Bytes of the entry as it is written: what the size limits on messages and on what is applied at
 * once count.
 */
export function encodedEntrySize({ type, term, index, data }: AnyEntry): number {
  const head = 3 + typeSize(entryTypeNumber(type)) + numberSize(term) + numberSize(index)
  return data === null ? head : head + lengthDelimitedSize(data.length)
}

export function encodeEntry(entry: AnyEntry): Uint8Array {
  const writer = new Writer(encodedEntrySize(entry))
  writeEntry(writer, entry)
  return writer.finish()
}

export function decodeEntry(bytes: Uint8Array): Outcome<Entry, WireRefused> {
  return decode(bytes, readEntry, { unknownTypes: 'refuse' }) as Outcome<Entry, WireRefused>
}

export function writeEntry(writer: Writer, { type, term, index, data }: AnyEntry): void {
  writer.bytes(0x22, data)
  writer.number(0x18, index)
  writer.number(0x10, term)
  writer.type(0x08, entryTypeNumber(type))
}

export function readEntry(reader: Reader): AnyEntry {
  let type: AnyEntryType = 'EntryNormal'
  let term = 0
  let index = 0
  let data: Uint8Array | null = null
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    switch (tag) {
      case 0x08:
        type = reader.type(entryTypes)
        break
      case 0x10:
        term = reader.number('term')
        break
      case 0x18:
        index = reader.number('index')
        break
      case 0x22:
        data = reader.bytes()
        break
      default:
        reader.skip(tag, lastField)
    }
  }
  return { type, term, index, data }
}
