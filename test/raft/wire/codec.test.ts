import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeConfChange,
  decodeConfChangeSingle,
  decodeConfChangeV2,
  encodeConfChange,
  encodeConfChangeSingle,
  encodeConfChangeV2,
} from '../../../src-main/raft/wire/conf-change.ts'
import { decodeConfState, encodeConfState } from '../../../src-main/raft/wire/conf-state.ts'
import { decodeEntry, encodedEntrySize, encodeEntry } from '../../../src-main/raft/wire/entry.ts'
import { decodeHardState, encodeHardState } from '../../../src-main/raft/wire/hard-state.ts'
import {
  decodeMessage,
  encodedMessageSize,
  encodeMessage,
} from '../../../src-main/raft/wire/message.ts'
import type { WireRefused } from '../../../src-main/raft/wire/refused.ts'
import {
  decodeSnapshot,
  decodeSnapshotMetadata,
  encodeSnapshot,
  encodeSnapshotMetadata,
} from '../../../src-main/raft/wire/snapshot.ts'
import type { Outcome } from '../../../src-shared/base/outcome.ts'
import {
  presenceConfState,
  presenceEntry,
  presenceMessage,
  presenceSnapshot,
} from '../../support/presence-style.ts'
import * as any from '../../support/raft-arbitraries.ts'

type Decode = (bytes: Uint8Array) => Outcome<unknown, WireRefused>

interface Kind {
  readonly name: string
  readonly values: fc.Arbitrary<unknown>
  readonly encode: (value: never) => Uint8Array
  readonly decode: Decode
}

const kinds: readonly Kind[] = [
  { name: 'Entry', values: any.entries, encode: encodeEntry, decode: decodeEntry },
  { name: 'HardState', values: any.hardStates, encode: encodeHardState, decode: decodeHardState },
  { name: 'ConfState', values: any.confStates, encode: encodeConfState, decode: decodeConfState },
  {
    name: 'SnapshotMetadata',
    values: any.snapshotMetadata,
    encode: encodeSnapshotMetadata,
    decode: decodeSnapshotMetadata,
  },
  { name: 'Snapshot', values: any.snapshots, encode: encodeSnapshot, decode: decodeSnapshot },
  {
    name: 'ConfChange',
    values: any.confChanges,
    encode: encodeConfChange,
    decode: decodeConfChange,
  },
  {
    name: 'ConfChangeSingle',
    values: any.confChangeSingles,
    encode: encodeConfChangeSingle,
    decode: decodeConfChangeSingle,
  },
  {
    name: 'ConfChangeV2',
    values: any.confChangesV2,
    encode: encodeConfChangeV2,
    decode: decodeConfChangeV2,
  },
  { name: 'Message', values: any.messages, encode: encodeMessage, decode: decodeMessage },
]

function encodeAs(kind: Kind, value: unknown): Uint8Array {
  return kind.encode(value as never)
}

test.each(kinds)('what is encoded decodes to the same: $name', (kind) => {
  fc.assert(
    fc.property(kind.values, (value) => {
      expect(kind.decode(encodeAs(kind, value))).toEqual({ ok: true, value })
    }),
    { numRuns: 300 },
  )
})

test.each(kinds)('any bytes at all are answered, not thrown at: $name', (kind) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      expect(typeof kind.decode(bytes).ok).toBe('boolean')
    }),
    { numRuns: 1000 },
  )
})

test.each(kinds)(
  'bytes that were damaged are answered, and what is taken is stable: $name',
  (kind) => {
    const damage = fc.record({ at: fc.nat(), to: fc.nat({ max: 255 }), cut: fc.option(fc.nat()) })
    fc.assert(
      fc.property(kind.values, damage, (value, { at, to, cut }) => {
        const bytes = encodeAs(kind, value)
        if (bytes.length > 0) bytes[at % bytes.length] = to
        const decoded = kind.decode(
          cut === null ? bytes : bytes.subarray(0, cut % (bytes.length + 1)),
        )
        if (!decoded.ok) return
        expect(kind.decode(encodeAs(kind, decoded.value))).toEqual(decoded)
      }),
      { numRuns: 1000 },
    )
  },
)

test('the style that leaves unset fields out is read to the same, lists of ids packed or not', () => {
  fc.assert(
    fc.property(any.messages, fc.boolean(), (message, packed) => {
      expect(decodeMessage(presenceMessage(message, packed))).toEqual({ ok: true, value: message })
    }),
    { numRuns: 300 },
  )
  fc.assert(
    fc.property(any.snapshots, any.entries, fc.boolean(), (snapshot, entry, packed) => {
      const { confState } = snapshot.metadata
      expect(decodeSnapshot(presenceSnapshot(snapshot, packed))).toEqual({
        ok: true,
        value: snapshot,
      })
      expect(decodeConfState(presenceConfState(confState, packed))).toEqual({
        ok: true,
        value: confState,
      })
      expect(decodeEntry(presenceEntry(entry))).toEqual({ ok: true, value: entry })
    }),
  )
})

test('[B42] the size that limits count is the length of what is written', () => {
  fc.assert(
    fc.property(any.entries, any.messages, (entry, message) => {
      expect(encodedEntrySize(entry)).toBe(encodeEntry(entry).length)
      expect(encodedMessageSize(message)).toBe(encodeMessage(message).length)
    }),
    { numRuns: 300 },
  )
})

test('what was decoded does not change when the buffer is used again', () => {
  const entry = { type: 'EntryNormal', term: 1, index: 2, data: Uint8Array.of(3, 4) } as const
  const bytes = encodeEntry(entry)
  const decoded = decodeEntry(bytes)
  bytes.fill(0xff)
  expect(decoded).toEqual({ ok: true, value: entry })
})

test('a part of a larger buffer is read within its bounds', () => {
  const bytes = encodeHardState({ term: 1, vote: 2n, commit: 3 })
  const larger = new Uint8Array(bytes.length + 20).fill(0x08)
  larger.set(bytes, 10)
  const part = Buffer.from(larger.buffer).subarray(10, 10 + bytes.length)
  expect(decodeHardState(part)).toEqual({ ok: true, value: { term: 1, vote: 2n, commit: 3 } })
})

test('no bytes field at all and an empty one stay apart', () => {
  const base = { type: 'EntryNormal', term: 1, index: 1 } as const
  const [none, empty] = [null, new Uint8Array()].map((data) => encodeEntry({ ...base, data }))
  expect(none?.length).toBe(6)
  expect(empty?.length).toBe(8)
  expect(decodeEntry(none ?? new Uint8Array())).toEqual({
    ok: true,
    value: { ...base, data: null },
  })
  expect(decodeEntry(empty ?? new Uint8Array())).toMatchObject({
    value: { data: new Uint8Array() },
  })
})
