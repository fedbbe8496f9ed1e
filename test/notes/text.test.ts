import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sectionsMax } from '../../src-shared/notes/limits.ts'
import {
  areEqual,
  insertedLength,
  invert,
  isIdle,
  lengthAfter,
  lengthBefore,
  misfit,
  normalise,
  parseChanges,
  readChanges,
  removedBy,
  replacing,
  splice,
  split,
} from '../../src-shared/notes/splice.ts'
import { type Changes, compose, composeAll, map, touches } from '../../src-shared/notes/text.ts'
import { changesOf, edit, text } from './arbitraries.ts'

/** The plain model: a text is a list of units, a change set is walked unit by unit. */
function plain(before: string, changes: Changes): string {
  const units = before.split('')
  const after: string[] = []
  for (const section of changes) {
    if (typeof section === 'number') after.push(...units.splice(0, section))
    else {
      units.splice(0, section[0])
      after.push(...section.slice(1).join('\n').split(''))
    }
  }
  expect(units).toEqual([])
  return after.join('')
}

test('splice does what the change set says, unit by unit, lone CRs and pairs included', () => {
  fc.assert(
    fc.property(edit(), ({ before, changes }) => {
      expect(splice(before, changes)).toBe(plain(before, changes))
      expect(lengthBefore(changes)).toBe(before.length)
      expect(lengthAfter(changes)).toBe(splice(before, changes).length)
    }),
    { numRuns: 1000 },
  )
})

test('[T1] what is generated is in the one form, and the one form parses to itself', () => {
  fc.assert(
    fc.property(edit(), ({ before, changes }) => {
      expect(parseChanges(JSON.parse(JSON.stringify(changes)))).toEqual(changes)
      expect(normalise(changes)).toEqual(changes)
      expect(misfit(changes, before)).toBe(null)
    }),
  )
})

test('an inversion with what was removed leads back', () => {
  fc.assert(
    fc.property(edit(), ({ before, changes }) => {
      const back = invert(changes, removedBy(before, changes))
      expect(splice(splice(before, changes), back)).toBe(before)
      expect(parseChanges(back)).toEqual(back)
    }),
    { numRuns: 1000 },
  )
})

test('a composition is one after the other', () => {
  const two = edit().chain(({ before, changes }) =>
    changesOf(splice(before, changes)).map((second) => ({ before, first: changes, second })),
  )
  fc.assert(
    fc.property(two, ({ before, first, second }) => {
      const both = compose(first, second)
      expect(splice(before, both)).toBe(splice(splice(before, first), second))
      expect(parseChanges(both)).toEqual(both)
      expect(misfit(both, before)).toBe(null)
    }),
    { numRuns: 1000 },
  )
})

const pair = text().chain((before) =>
  fc.record({ before: fc.constant(before), a: changesOf(before), b: changesOf(before) }),
)

test('two edits of one text come to the same text in either order (TP1), surrogate pairs whole', () => {
  fc.assert(
    fc.property(pair, ({ before, a, b }) => {
      const one = splice(splice(before, a), map(b, a))
      const other = splice(splice(before, b), map(a, b, true))
      expect(one).toBe(other)
      expect(misfit(map(b, a), splice(before, a))).toBe(null)
      expect(parseChanges(map(a, b, true))).toEqual(map(a, b, true))
    }),
    { numRuns: 5000 },
  )
})

test('an insertion survives whatever the other side deletes (PEERS 4.3: edit inside a deleted range)', () => {
  const before = 'alpha beta gamma'
  const insertion = replacing(before.length, 8, 8, 'XX')
  const deletion = replacing(before.length, 6, 11, '')
  expect(splice(splice(before, deletion), map(insertion, deletion))).toBe('alpha XXgamma')
})

test('of two insertions at one place the one mapped with `before` comes first', () => {
  const a = replacing(2, 1, 1, 'A')
  const b = replacing(2, 1, 1, 'B')
  expect(splice(splice('xy', a), map(b, a))).toBe('xABy')
  expect(splice(splice('xy', a), map(b, a, true))).toBe('xBAy')
})

test('composing many in pairs is composing them in a row', () => {
  let length = 0
  const row: Changes[] = []
  for (let at = 0; at < 37; at++) {
    row.push(
      replacing(length, Math.min(length, (at * 7) % 11), Math.min(length, (at * 7) % 11), `${at}`),
    )
    length = lengthAfter(row[at] as Changes)
  }
  const one = row.reduce(compose)
  expect(splice('', composeAll(row as [Changes, ...Changes[]]))).toBe(splice('', one))
})

test('edits touch when they share a place or an edge', () => {
  const on = (from: number, to: number) => replacing(10, from, to, 'x')
  expect(touches(on(2, 4), on(4, 6))).toBe(true)
  expect(touches(on(2, 4), on(3, 3))).toBe(true)
  expect(touches(on(2, 4), on(5, 6))).toBe(false)
  expect(touches(on(5, 6), on(2, 4))).toBe(false)
})

test('CR is a unit like any other, LF is what joins lines', () => {
  expect(splice('', [[0, 'a\r', 'b']])).toBe('a\r\nb')
  expect(replacing(0, 0, 0, 'a\r\nb')).toEqual([[0, 'a\r', 'b']])
  expect(compose([[0, 'a\r', 'b']], [2, [1], 1])).toEqual([[0, 'a\rb']])
  expect(splice('\r\r', [1, [0, '', ''], 1])).toBe('\r\n\r')
})

test('what is not a change set in the one form is refused', () => {
  const bad: unknown[] = [
    null,
    'x',
    {},
    [0],
    [-1],
    [1.5],
    [Number.NaN],
    [2 ** 53],
    [1, 2],
    [[0]],
    [[0, '']],
    [[3, '']],
    [[-1]],
    [[1, 'a\nb']],
    [[1, 2]],
    [['x']],
    [[]],
    [[0, '\ud800']],
    [[0, 'a', '\udc00']],
    [null],
  ]
  for (const value of bad) expect(parseChanges(value), JSON.stringify(value)).toBe(null)
  expect(parseChanges([])).toEqual([])
  expect(parseChanges([[0, '', '']])).toEqual([[0, '', '']])
})

test('other forms of the same are read into the one form', () => {
  expect(readChanges([1, 2, [0], 0, [1, 'a\nb'], [0, '']])).toEqual([3, [1, 'a', 'b']])
  expect(readChanges([1, ['x']])).toBe(null)
  expect(readChanges([[0, '\ud800']])).toBe(null)
})

test('a change set that does not add up, or splits a pair, does not fit', () => {
  expect(misfit([1, [0, 'x']], 'a')).toBe(null)
  expect(misfit([2, [0, 'x']], 'a')).not.toBe(null)
  expect(misfit([[1, 'x']], '')).not.toBe(null)
  expect(misfit([1, [0, 'x'], 1], '😀')).not.toBe(null)
  expect(misfit([[1], 1], '😀')).not.toBe(null)
  expect(misfit([1, [1]], '😀')).not.toBe(null)
  expect(misfit([[2, '😀😀']], '😀')).toBe(null)
})

test('the sections of a change set are bounded, exactly', () => {
  const row = (count: number) => Array.from({ length: count }, (_, at) => (at % 2 === 0 ? 1 : [1]))
  expect(parseChanges(row(sectionsMax))).not.toBe(null)
  expect(parseChanges(row(sectionsMax + 1))).toBe(null)
})

test('a change set of many sections splits into several that come to the same', () => {
  fc.assert(
    fc.property(edit(), fc.integer({ min: 3, max: 6 }), ({ before, changes }, max) => {
      const pieces = split(changes, max)
      expect(pieces.reduce(splice, before)).toBe(splice(before, changes))
      for (const piece of pieces) {
        expect(piece.length).toBeLessThanOrEqual(max)
        expect(normalise(piece)).toEqual(piece)
      }
    }),
    { numRuns: 500 },
  )
})

test('idle and equal are what they say', () => {
  expect(isIdle([])).toBe(true)
  expect(isIdle([4])).toBe(true)
  expect(isIdle([4, [1]])).toBe(false)
  expect(areEqual([1, [2, 'a']], [1, [2, 'a']])).toBe(true)
  expect(areEqual([1, [2, 'a']], [1, [2, 'a', '']])).toBe(false)
  expect(areEqual([1], [[1]])).toBe(false)
  expect(insertedLength([3, 'ab', '', 'c'])).toBe(5)
})
