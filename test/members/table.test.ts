import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeMemberContext,
  encodeMemberContext,
  type MemberContext,
} from '../../src-shared/members/context.ts'
import {
  addressesMax,
  addressLengthMax,
  deviceNameLengthMax,
  type MemberTable,
} from '../../src-shared/members/member.ts'
import {
  applyDeviceCommand,
  applyMemberChange,
  currentMembers,
  isTombstoned,
  mergeTables,
  sortedMembers,
} from '../../src-shared/members/table.ts'

const at = '2026-11-20T10:00:00.000Z'
const context = (id: string, name: string | null, by = '1'): MemberContext => {
  return { id, name, addresses: name === null ? null : [`${name}:1`], pin: null, by }
}
const added = (id: string) => ({ added: [id], removed: [], kept: [] })
const removed = (id: string) => ({ added: [], removed: [id], kept: [] })
const kept = (id: string) => ({ added: [], removed: [], kept: [id] })

function table(): MemberTable {
  const first = applyMemberChange(new Map(), added('1'), context('1', 'Desk'), 1)
  return applyMemberChange(first, added('20'), context('20', 'Lap'), 5)
}

test('who is added is in the table with what its context says of it', () => {
  expect(sortedMembers(table())).toMatchObject([
    { id: '1', name: 'Desk', addresses: ['Desk:1'], addedAt: 1, changedAt: 1, removedAt: null },
    { id: '20', name: 'Lap', addedAt: 5 },
  ])
})

test('the context speaks of its own device only, also where one change names several', () => {
  const both = { added: ['3'], removed: [], kept: ['20'] }
  const after = applyMemberChange(table(), both, context('3', 'Nas'), 9)
  expect(after.get('20')).toMatchObject({ addresses: ['Lap:1'], changedAt: 5 })
  expect(after.get('3')).toMatchObject({ name: 'Nas', addedAt: 9 })
})

test('a promotion may bring newer addresses and leaves the name alone', () => {
  const after = applyMemberChange(table(), kept('20'), context('20', 'New'), 9)
  expect(after.get('20')).toMatchObject({ name: 'Lap', addresses: ['New:1'], changedAt: 9 })
})

test('a removed device leaves a tombstone, and nothing brings its id back (syncthing#2900)', () => {
  const gone = applyMemberChange(table(), removed('20'), context('20', null), 7)
  expect(gone.get('20')).toMatchObject({ removedAt: 7, removedBy: '1', changedAt: 7 })
  expect(isTombstoned(gone, '20')).toBe(true)
  expect(currentMembers(gone).map((member) => member.id)).toEqual(['1'])
  for (const change of [added('20'), kept('20'), removed('20')]) {
    const again = applyMemberChange(gone, change, context('20', 'Back'), 8)
    expect(again.get('20')).toBe(gone.get('20'))
  }
})

test('a device that nobody knew is buried all the same', () => {
  const gone = applyMemberChange(table(), removed('99'), context('99', null), 7)
  expect(isTombstoned(gone, '99')).toBe(true)
})

test('a rename is compare-and-set on the record', () => {
  const rename = (name: string, base: number, client = '1', id = '20') =>
    applyDeviceCommand(table(), { kind: 'device.rename', id, name, base, client, at }, 9)
  expect(rename('Laptop', 5)).toMatchObject({ result: { kind: 'applied', index: 9 } })
  expect(rename('Laptop', 5).table.get('20')).toMatchObject({ name: 'Laptop', changedAt: 9 })
  expect(rename('Laptop', 4).result).toEqual({ kind: 'stale' })
  expect(rename('', 5).result.kind).toBe('invalid')
  expect(rename('x'.repeat(deviceNameLengthMax + 1), 5).result.kind).toBe('invalid')
  expect(rename('x'.repeat(deviceNameLengthMax), 5).result.kind).toBe('applied')
  expect(rename('x', 5, '1', '77').result).toEqual({ kind: 'no-device' })
})

test('a removed device renames nobody', () => {
  const gone = applyMemberChange(table(), removed('20'), context('20', null), 7)
  const rename = { kind: 'device.rename' as const, id: '1', name: 'x', base: 1, client: '20', at }
  expect(applyDeviceCommand(gone, rename, 9).result).toEqual({ kind: 'removed' })
})

test('two tables merge by index: newcomers and tombstones of both, the newer name', () => {
  const before = sortedMembers(table())
  const gone = applyMemberChange(table(), removed('20'), context('20', null), 7)
  const after = applyMemberChange(gone, added('3'), context('3', 'Nas'), 8)
  const merged = (a: number, b: number) =>
    mergeTables({ members: before, index: a }, { members: sortedMembers(after), index: b })
  expect(merged(5, 8).map((m) => [m.id, m.removedAt])).toEqual([
    ['1', null],
    ['3', null],
    ['20', 7],
  ])
  // Even when the one without the tombstone claims to be further.
  expect(merged(9, 8)).toEqual(merged(5, 8))
})

test('a context comes back equal', () => {
  const text = fc.string({ minLength: 1, maxLength: 20 })
  const any = fc.record({
    id: fc.constantFrom('1', '9007199254740991'),
    name: fc.option(text),
    addresses: fc.option(fc.array(text, { maxLength: addressesMax })),
    pin: fc.option(fc.constant('a'.repeat(64))),
    by: fc.constant('7'),
  })
  fc.assert(
    fc.property(any, (context) => {
      expect(decodeMemberContext(encodeMemberContext(context))).toEqual({
        ok: true,
        value: context,
      })
    }),
  )
})

test('contexts beyond their limits, damaged or newer are refused', () => {
  const good = { id: '2', name: 'Lap', addresses: ['h:1'], pin: null, by: '1' }
  const through = (context: MemberContext) => decodeMemberContext(encodeMemberContext(context))
  const long = 'a'.repeat(addressLengthMax)
  expect(through({ ...good, addresses: Array(addressesMax).fill(long) }).ok).toBe(true)
  const bad: MemberContext[] = [
    { ...good, addresses: Array(addressesMax + 1).fill('h:1') },
    { ...good, addresses: [`${long}a`] },
    { ...good, name: '' },
    { ...good, name: 'x'.repeat(deviceNameLengthMax + 1) },
    { ...good, pin: 'A'.repeat(64) },
    { ...good, id: '0' },
    { ...good, by: 'me' },
  ]
  for (const context of bad) expect(through(context).ok, JSON.stringify(context)).toBe(false)
  expect(decodeMemberContext(new Uint8Array())).toMatchObject({ error: { kind: 'malformed' } })
  expect(decodeMemberContext(Uint8Array.of(2, 1))).toEqual({
    ok: false,
    error: { kind: 'newer', version: 2 },
  })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(decodeMemberContext(bytes).ok).toBe(false)
    }),
  )
})
