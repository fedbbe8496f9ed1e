import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NotesByIndex } from '../../src-main/app/by-index.ts'

test('what lies beyond an index, and how many are held at it', () => {
  const notes = new NotesByIndex()
  notes.touch('a', 1)
  notes.touch('b', 2)
  notes.touch('a', 3)
  expect(notes.between(1, 3)).toEqual(['a', 'b'])
  expect(notes.between(2, 3)).toEqual(['a'])
  expect(notes.heldAt(2)).toBe(1)
  expect(notes.heldAt(3)).toBe(2)
  expect(notes.newest()).toBe(3)
  notes.remove('a')
  expect(notes.newest()).toBe(2)
  expect(notes.total).toBe(1)
})

test('answers as a plain table would, however often notes change', () => {
  const step = fc.record({
    id: fc.integer({ min: 0, max: 20 }),
    gone: fc.integer({ max: 9, min: 0 }),
  })
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 6_000, minLength: 3_000 }),
      fc.nat(6_000),
      (steps, at) => {
        const notes = new NotesByIndex()
        const plain = new Map<string, number>()
        steps.forEach(({ id, gone }, n) => {
          if (gone === 0) {
            notes.remove(String(id))
            plain.delete(String(id))
          } else {
            notes.touch(String(id), n + 1)
            plain.set(String(id), n + 1)
          }
        })
        const beyond = [...plain].filter(([, index]) => index > at).sort((a, b) => b[1] - a[1])
        expect(notes.between(at, steps.length)).toEqual(beyond.map(([id]) => id))
        expect(notes.heldAt(at)).toBe(plain.size - beyond.length)
        expect(notes.newest()).toBe(Math.max(0, ...plain.values()))
      },
    ),
    { numRuns: 20 },
  )
})

test('takes in all notes at once in any order', () => {
  const notes = new NotesByIndex()
  notes.reset([
    { id: 'b', index: 9 },
    { id: 'a', index: 4 },
  ])
  expect(notes.newest()).toBe(9)
  expect(notes.between(4, 9)).toEqual(['b'])
})
