import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diff } from '../../src-shared/notes/diff.ts'
import { lengthAfter, misfit, parseChanges, splice } from '../../src-shared/notes/splice.ts'
import { map } from '../../src-shared/notes/text.ts'
import { union } from '../../src-shared/notes/union.ts'
import { edit, text } from './arbitraries.ts'

test('a diff leads exactly from one text to the other and never splits a pair', () => {
  fc.assert(
    fc.property(text(20), text(20), (before, after) => {
      const changes = diff(before, after)
      expect(splice(before, changes)).toBe(after)
      expect(misfit(changes, before)).toBe(null)
      expect(parseChanges(changes)).toEqual(changes)
    }),
    { numRuns: 2000 },
  )
})

test('a diff of an edit finds the edit and no more than its lines', () => {
  fc.assert(
    fc.property(edit(), ({ before, changes }) => {
      const after = splice(before, changes)
      expect(splice(before, diff(before, after))).toBe(after)
    }),
    { numRuns: 1000 },
  )
})

test('equal texts differ in nothing', () => {
  expect(diff('', '')).toEqual([])
  expect(diff('a\r\nb', 'a\r\nb')).toEqual([4])
})

test('only the word that changed is replaced', () => {
  expect(diff('one two three\nfour', 'one 2 three\nfour')).toEqual([4, [3, '2'], 11])
  expect(diff('漢字かな', '漢字カな')).toEqual([2, [1, 'カ'], 1])
})

test('a CRLF is not cut when it need not be', () => {
  expect(diff('a\r\nb', 'a\r\n\r\nb')).toEqual([3, [0, '\r', ''], 1])
  expect(diff('x\r\n', 'y\r\n')).toEqual([[1, 'y'], 2])
  const [first] = diff('a\r\nb', 'a\nb')
  expect(first).toBe(1)
})

// Unbounded this would take minutes, and more memory than there is (joplin: an unbounded diff blocked the app).
test('lines that moved far apart and lines that changed everywhere stay within bounds', () => {
  const lines = (make: (at: number) => string) =>
    Array.from({ length: 20_000 }, (_, at) => make(at)).join('\n')
  const before = lines((at) => `line ${at} of the text`)
  const after = lines((at) => (at % 3 === 0 ? `line ${at} was edited` : `line ${at} of the text`))
  const changes = diff(before, after)
  expect(splice(before, changes)).toBe(after)
  // Two of three lines are anchors, so what is written anew is a third and not everything.
  const written = changes.reduce<number>(
    (sum, section) => sum + (typeof section === 'number' ? 0 : section.slice(1).join('\n').length),
    0,
  )
  expect(written).toBeLessThan(after.length / 2)
  const reversed = before.split('\n').reverse().join('\n')
  expect(lengthAfter(diff(before, reversed))).toBe(reversed.length)
})

test('two texts without a common past are both kept, line by line', () => {
  fc.assert(
    fc.property(text(20), text(20), (theirs, mine) => {
      const both = union(theirs, mine)
      const result = splice(theirs, both.fromTheirs)
      expect(splice(mine, both.fromMine)).toBe(result)
      expect(misfit(both.fromMine, mine)).toBe(null)
      for (const line of [...theirs.split('\n'), ...mine.split('\n')])
        expect(result).toContain(line)
    }),
    { numRuns: 2000 },
  )
})

test('equal lines of both are there once', () => {
  const both = union('# Title\nmilk\neggs', '# Title\nbread\neggs')
  expect(splice('# Title\nmilk\neggs', both.fromTheirs)).toBe('# Title\nmilk\nbread\neggs')
})

test('an edit maps over a diff as over any other change', () => {
  const base = 'a b c\n'
  const theirs = diff(base, 'a b c d\n')
  const mine = diff(base, 'a B c\n')
  expect(splice(splice(base, theirs), map(mine, theirs))).toBe('a B c d\n')
})
