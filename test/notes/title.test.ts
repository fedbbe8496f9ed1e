import { expect, test } from 'vitest'
import { titleLengthMax } from '../../src-shared/notes/limits.ts'
import { derivedTitle, preview, previewLengthMax } from '../../src-shared/notes/title.ts'

test('the title is the first line that is not empty, without its leading #', () => {
  expect(derivedTitle('')).toBe('')
  expect(derivedTitle('\n \t\n## The plan \r\nbody')).toBe('The plan')
  expect(derivedTitle('#tag')).toBe('tag')
  expect(derivedTitle('#\n##\nwords')).toBe('words')
  expect(derivedTitle('a\u0000b\tc')).toBe('a b c')
})

test('a title is cut at its limit and never inside a pair', () => {
  expect(derivedTitle('x'.repeat(titleLengthMax)).length).toBe(titleLengthMax)
  expect(derivedTitle('x'.repeat(titleLengthMax + 1)).length).toBe(titleLengthMax)
  expect(derivedTitle('😀'.repeat(titleLengthMax))).toBe('😀'.repeat(titleLengthMax / 2))
  expect(derivedTitle(`x${'😀'.repeat(titleLengthMax)}`).length).toBe(titleLengthMax - 1)
})

test('the preview is what follows the title, on one line', () => {
  expect(preview('# Title\n\n- one\r\n- two', null)).toBe('- one - two')
  expect(preview('# Title', null)).toBe('')
  expect(preview('first\nsecond', 'Given')).toBe('first second')
  expect(preview(`t\n${'word '.repeat(100)}`, null).length).toBeLessThanOrEqual(previewLengthMax)
})

test('a megabyte on one line, or a million empty ones, costs nothing to speak of', () => {
  expect(derivedTitle('y'.repeat(1_000_000)).length).toBe(titleLengthMax)
  expect(derivedTitle('\n'.repeat(1_000_000))).toBe('')
  expect(preview('\n'.repeat(1_000_000), null)).toBe('')
})
