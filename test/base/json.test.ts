import { expect, test } from 'vitest'
import { isCount, isFields, isWallTime, readJson, writeJson } from '../../src-shared/base/json.ts'

test('a value comes back from its bytes; what is not JSON in UTF-8 is undefined', () => {
  expect(readJson(writeJson({ a: [1, '😀', null] }))).toEqual({ a: [1, '😀', null] })
  expect(readJson(Uint8Array.of(0x7b))).toBe(undefined)
  expect(readJson(Uint8Array.of(0x22, 0xff, 0x22))).toBe(undefined)
})

test('counts are whole numbers from 0 to 2^53 − 1', () => {
  for (const count of [0, 1, Number.MAX_SAFE_INTEGER]) expect(isCount(count)).toBe(true)
  for (const other of [-1, 0.5, 2 ** 53, Number.NaN, '1', null]) expect(isCount(other)).toBe(false)
})

test('fields are objects and nothing else', () => {
  expect(isFields({})).toBe(true)
  for (const other of [null, [], 'x', undefined]) expect(isFields(other)).toBe(false)
})

test('a wall time has one shape', () => {
  expect(isWallTime('2026-11-20T10:00:00.000Z')).toBe(true)
  for (const other of ['2026-11-20', '2026-11-20T10:00:00Z', 'x2026-11-20T10:00:00.000Z', 5]) {
    expect(isWallTime(other)).toBe(false)
  }
})
