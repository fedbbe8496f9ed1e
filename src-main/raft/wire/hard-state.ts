import type { Outcome } from '../../../src-shared/base/outcome.ts'
import { type HardState, nobody } from '../entry.ts'
import { decode, type Reader } from './reader.ts'
import type { WireRefused } from './refused.ts'
import { idSize, numberSize, Writer } from './writer.ts'

const lastField = 3

export function encodeHardState({ term, vote, commit }: HardState): Uint8Array {
  const writer = new Writer(3 + numberSize(term) + idSize(vote) + numberSize(commit))
  writer.number(0x18, commit)
  writer.id(0x10, vote)
  writer.number(0x08, term)
  return writer.finish()
}

export function decodeHardState(bytes: Uint8Array): Outcome<HardState, WireRefused> {
  return decode(bytes, readHardState, { unknownTypes: 'refuse' })
}

function readHardState(reader: Reader): HardState {
  let term = 0
  let vote = nobody
  let commit = 0
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    switch (tag) {
      case 0x08:
        term = reader.number('term')
        break
      case 0x10:
        vote = reader.id()
        break
      case 0x18:
        commit = reader.number('commit')
        break
      default:
        reader.skip(tag, lastField)
    }
  }
  return { term, vote, commit }
}
