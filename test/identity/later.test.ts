import fc from 'fast-check'
import { expect, test } from 'vitest'
import { later } from '../../src-main/identity/later.ts'

test('later agrees with the calendar of the runtime', () => {
  const start = fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2399, 11, 31) })
  const span = fc.integer({ min: -400 * 86_400_000, max: 400 * 86_400_000 })
  fc.assert(
    fc.property(start, span, (at, ms) => {
      expect(later(new Date(at).toISOString(), ms)).toBe(new Date(at + ms).toISOString())
    }),
  )
})

test('two minutes after the last second of a leap February it is March', () => {
  expect(later('2028-02-29T23:59:30.500Z', 120_000)).toBe('2028-03-01T00:01:30.500Z')
  expect(later('2100-02-28T23:59:59.999Z', 1)).toBe('2100-03-01T00:00:00.000Z')
})
