import { Text } from '@codemirror/state'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { difference, sizeOf } from '../../../src-renderer/notes/difference.ts'

const text = (value: string) => Text.of(value.split('\n'))

test('the difference of two texts leads from one to the other, and splits no surrogate pair', () => {
  const units = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '😀', '😁', '\r') })
  fc.assert(
    fc.property(units, units, (from, to) => {
      const changes = difference(text(from), text(to))
      expect(changes.apply(text(from)).toString()).toBe(to)
      changes.iterChanges((fromA, toA, fromB, toB) => {
        for (const [value, at] of [
          [from, fromA],
          [from, toA],
          [to, fromB],
          [to, toB],
        ] as const) {
          const isInside =
            /[\ud800-\udbff]/.test(value.charAt(at - 1)) && /[\udc00-\udfff]/.test(value.charAt(at))
          expect(isInside).toBe(false)
        }
      })
    }),
  )
})

test('equal texts have no difference, and an insertion is as large as what was inserted', () => {
  expect(difference(text('same'), text('same')).empty).toBe(true)
  expect(sizeOf(difference(text('one three'), text('one two three')))).toBe(4)
})
