import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Pieces } from '../../src-main/outbox/pieces.ts'
import { type Splice, spliceBetween } from '../../src-main/outbox/splice.ts'

/** Long enough to be cut, of few letters so that beginnings and ends are often the same. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\ud83d', '\ude00'), maxLength: 40 }),
  fc.nat(30_000).map((length) => 'ab\n'.repeat(length).slice(0, length)),
)

test('the splice between two texts makes the second of the first', () => {
  fc.assert(
    fc.property(text, text, text, text, (start, before, after, end) => {
      const splice = spliceBetween(start + before + end, start + after + end)
      const pieces = new Pieces(start + before + end)
      expect(pieces.splice(splice)).toBe(true)
      expect(pieces.toString()).toBe(start + after + end)
      expect(splice[2].length).toBeLessThanOrEqual(after.length)
    }),
  )
})

test('one letter typed in two million is a splice of one letter', () => {
  const before = 'x'.repeat(1_000_000) + 'y'.repeat(1_000_000)
  const after = `${before.slice(0, 1_000_000)}!${before.slice(1_000_000)}`
  expect(spliceBetween(before, after)).toEqual([1_000_000, 0, '!'])
  expect(spliceBetween(before, before.slice(1))[1]).toBe(1)
})

test('many splices on pieces come to the same as on a string', () => {
  const step = fc.tuple(fc.nat(40_000), fc.nat(9_000), text)
  fc.assert(
    fc.property(text, fc.array(step, { maxLength: 20 }), (start, steps) => {
      let plain = start
      const pieces = new Pieces(start)
      for (const [at, deleted, inserted] of steps) {
        const fits = at + deleted <= plain.length
        expect(pieces.splice([at, deleted, inserted])).toBe(fits)
        if (fits) plain = plain.slice(0, at) + inserted + plain.slice(at + deleted)
        expect(pieces.toString()).toBe(plain)
      }
    }),
  )
})

test.each<[string, Splice]>([
  ['past the end', [4, 0, 'x']],
  ['deleting past the end', [2, 2, '']],
  ['before the start', [-1, 0, 'x']],
  ['deleting less than nothing', [1, -1, '']],
  ['not a number', [Number.NaN, 0, '']],
])('a splice that does not fit changes nothing: %s', (_, splice) => {
  const pieces = new Pieces('abc')
  expect(pieces.splice(splice)).toBe(false)
  expect(pieces.toString()).toBe('abc')
})
