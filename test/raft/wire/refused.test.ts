import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { expect, test } from 'vitest'
import type { EntryType } from '../../../src-main/raft/entry.ts'
import { newMessage } from '../../../src-main/raft/message.ts'
import { decodeConfChange, decodeConfChangeV2 } from '../../../src-main/raft/wire/conf-change.ts'
import { decodeConfState } from '../../../src-main/raft/wire/conf-state.ts'
import { decodeEntry, encodeEntry, readEntry } from '../../../src-main/raft/wire/entry.ts'
import { decodeHardState, encodeHardState } from '../../../src-main/raft/wire/hard-state.ts'
import { decodeMessage, encodeMessage } from '../../../src-main/raft/wire/message.ts'
import { decode, nestingMax } from '../../../src-main/raft/wire/reader.ts'
import { describeWireRefused } from '../../../src-main/raft/wire/refused.ts'
import { decodeSnapshotMetadata } from '../../../src-main/raft/wire/snapshot.ts'
import { InvariantBroken } from '../../../src-shared/base/assert.ts'

const safeMax = BigInt(Number.MAX_SAFE_INTEGER)

function varintField(field: number, value: bigint): Uint8Array {
  return new BinaryWriter().tag(field, WireType.Varint).uint64(value).finish()
}

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
}

const numberFields = [
  ['Entry', 2, 'term', decodeEntry],
  ['Entry', 3, 'index', decodeEntry],
  ['SnapshotMetadata', 2, 'index', decodeSnapshotMetadata],
  ['SnapshotMetadata', 3, 'term', decodeSnapshotMetadata],
  ['HardState', 1, 'term', decodeHardState],
  ['HardState', 3, 'commit', decodeHardState],
  ['Message', 4, 'term', decodeMessage],
  ['Message', 5, 'logTerm', decodeMessage],
  ['Message', 6, 'index', decodeMessage],
  ['Message', 8, 'commit', decodeMessage],
  ['Message', 11, 'rejectHint', decodeMessage],
] as const

test.each(numberFields)('%s field %i: 2^53-1 is taken and one more is out of range', (...row) => {
  const [, number, field, decodeIt] = row
  const taken = decodeIt(varintField(number, safeMax))
  expect(taken).toMatchObject({ ok: true, value: { [field]: Number.MAX_SAFE_INTEGER } })
  for (const value of [safeMax + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
    const error = { kind: 'out-of-range', at: 1, field }
    expect(decodeIt(varintField(number, value))).toEqual({ ok: false, error })
  }
})

test('ids keep all 64 bits', () => {
  for (const vote of [safeMax, safeMax + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
    const bytes = encodeHardState({ term: 1, vote, commit: 1 })
    expect(decodeHardState(bytes)).toMatchObject({ value: { vote } })
  }
})

test.each([
  ['a field without its value', '08', 'truncated'],
  ['a number that never ends', '0880', 'truncated'],
  ['a number of eleven bytes', `08${'80'.repeat(10)}00`, 'malformed'],
  ['a number of more than 64 bits', `08${'ff'.repeat(9)}02`, 'malformed'],
  ['field number 0', '0001', 'malformed'],
  ['a field number above 29 bits', `${'ff'.repeat(5)}0f01`, 'malformed'],
  ['wire type 6', '0e01', 'malformed'],
  ['wire type 7', '0f01', 'malformed'],
  ['wire type 6 in an unknown field', 'a60601', 'malformed'],
  ['the end of a group that never began', '0c', 'malformed'],
  ['the end of an unknown group that never began', 'a406', 'malformed'],
  ['a group that never ends', 'a306 0801', 'truncated'],
  ['a group that ends as another', 'a306 ac06', 'malformed'],
  ['a list where there is a number', '0a0101', 'malformed'],
  ['an unknown list longer than what is there', 'a2060561', 'truncated'],
  ['an unknown fixed32 cut short', 'a506010203', 'truncated'],
  ['an unknown fixed64 cut short', 'a10601020304050607', 'truncated'],
])('a hard state is refused that has %s', (_, bytes, kind) => {
  expect(decodeHardState(hex(bytes))).toMatchObject({ ok: false, error: { kind } })
})

test.each([
  ['an unknown number', 'a00605'],
  ['an unknown list', 'a2060461626364'],
  ['an unknown fixed32', 'a50601020304'],
  ['an unknown fixed64', 'a1060102030405060708'],
  ['an unknown group with a field of ours and a group in it', 'a306 0809 ab06 1007 ac06 a406'],
])('%s is passed over, before and after what is known', (_, unknown) => {
  const value = { term: 1, vote: 2n, commit: 3 }
  expect(decodeHardState(hex(`${unknown} 0801 1002 1803`))).toEqual({ ok: true, value })
  expect(decodeHardState(hex(`0801 1002 1803 ${unknown}`))).toEqual({ ok: true, value })
})

test('fields come in any order, the last value of a number counts, and parts of a list add up', () => {
  const value = { term: 5, vote: 2n, commit: 3 }
  expect(decodeHardState(hex('1803 0801 1002 0805'))).toEqual({ ok: true, value })
  expect(decodeConfState(hex('0801 0a020203 0804'))).toMatchObject({
    value: { voters: [1n, 2n, 3n, 4n] },
  })
})

test('a message within a message that comes in two parts is one, with what each part says', () => {
  expect(decodeMessage(hex('4a0412021005 08074a0412021806'))).toMatchObject({
    value: { type: 'MsgSnap', snapshot: { metadata: { index: 5, term: 6 } } },
  })
})

test('a length past the end of a message within a message is refused, though the bytes go on', () => {
  // entries of 2 bytes, in which the data claim 4; behind them the message goes on
  expect(decodeMessage(hex('3a02 2204 10011802'))).toMatchObject({ error: { kind: 'truncated' } })
})

test('a number longer than it needs to be is the same number', () => {
  expect(decodeHardState(hex(`0881${'80'.repeat(8)}00`))).toMatchObject({ value: { term: 1 } })
  expect(decodeHardState(hex('888000 05'))).toMatchObject({ value: { term: 5 } })
})

test('a flag is true for any number but zero', () => {
  expect(decodeMessage(hex('5002'))).toMatchObject({ value: { reject: true } })
  expect(decodeMessage(hex(`50${'80'.repeat(9)}01`))).toMatchObject({ value: { reject: true } })
  expect(decodeMessage(hex('508000'))).toMatchObject({ value: { reject: false } })
})

test('a type without a name is refused, unless it is asked to be kept: then its bytes come back', () => {
  for (const [bytes, number] of [
    ['0803', 3],
    ['0863', 99],
    ['08ffffffffffffffffff01', -1],
  ] as const) {
    const error = { kind: 'unknown-type', at: 1, number }
    expect(decodeEntry(hex(bytes))).toEqual({ ok: false, error })
    const kept = decode(hex(`${bytes} 1000 1800`), readEntry, { unknownTypes: 'keep' })
    if (!kept.ok) throw new Error(describeWireRefused(kept.error))
    expect(kept.value.type).toBe(String(number))
    expect(Buffer.from(encodeEntry(kept.value)).toString('hex')).toBe(`${bytes}10001800`)
  }
  for (const refused of [
    decodeMessage(hex('0818')),
    decodeMessage(hex('3a020803')),
    decodeConfChange(hex('1004')),
    decodeConfChangeV2(hex('0803')),
    decodeConfChangeV2(hex('12020804')),
  ]) {
    expect(refused).toMatchObject({ ok: false, error: { kind: 'unknown-type' } })
  }
})

test('a type above 32 bits loses what is above, as in every protobuf', () => {
  expect(decodeEntry(varintField(1, 2n ** 32n + 1n))).toMatchObject({
    value: { type: 'EntryConfChange' },
  })
})

/** Messages within messages, the innermost empty. */
function nested(depth: number): Uint8Array {
  let bytes: Uint8Array = new Uint8Array()
  for (let level = 0; level < depth; level++) {
    bytes = new BinaryWriter().tag(14, WireType.LengthDelimited).bytes(bytes).finish()
  }
  return bytes
}

test('messages within messages may go as deep as the limit and no deeper', () => {
  expect(decodeMessage(nested(nestingMax)).ok).toBe(true)
  for (const depth of [nestingMax + 1, 3000]) {
    expect(decodeMessage(nested(depth))).toMatchObject({ error: { kind: 'too-deep' } })
  }
})

test('unknown groups within groups may go as deep as the limit and no deeper', () => {
  const groups = (depth: number) => hex('a306'.repeat(depth) + 'a406'.repeat(depth))
  expect(decodeHardState(groups(nestingMax)).ok).toBe(true)
  for (const depth of [nestingMax + 1, 100_000]) {
    expect(decodeHardState(groups(depth))).toMatchObject({ error: { kind: 'too-deep' } })
  }
})

test('a type that is no name and no number is a bug of ours', () => {
  const type = 'EntryNonsense' as EntryType
  expect(() => encodeEntry({ type, term: 1, index: 1, data: null })).toThrow(InvariantBroken)
})

test('every refusal has words', () => {
  const outer = encodeMessage(newMessage('MsgApp', { term: 1 }))
  const refusals = [
    decodeMessage(outer.subarray(0, 1)),
    decodeHardState(hex('0001')),
    decodeHardState(varintField(1, 2n ** 53n)),
    decodeEntry(hex('0863')),
    decodeMessage(nested(nestingMax + 1)),
  ].map((refused) => (refused.ok ? '' : describeWireRefused(refused.error)))
  expect(refusals).toEqual([
    'the bytes end inside of a field at 1',
    'a field number is out of range at 0',
    'term is above 2^53-1 at 1',
    'type 99 is unknown at 1',
    expect.stringContaining('too deep'),
  ])
})
