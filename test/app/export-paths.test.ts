import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exportPaths, fileNameOf, titleBytesMax } from '../../src-main/app/export-paths.ts'
import { checkedPath } from '../../src-main/app/markdown-file.ts'
import { from, exampleNote as note } from './example-notes.ts'

function named(title: string): string {
  return fileNameOf({ title, body: '' })
}

function pathsOf(notes: Parameters<typeof exportPaths>[0]): string[] {
  return exportPaths(notes).map(({ path }) => path)
}

test('a note that came from a file goes back to its path', () => {
  const notes = [
    note(1, from('z/a.md')),
    note(2, from('a.MARKDOWN', true)),
    note(3, { title: 'Own' }),
  ]
  expect(pathsOf(notes)).toEqual(['Own.md', 'a.MARKDOWN', 'z/a.md'])
})

test('of two notes of one path the older gets it and the other a number', () => {
  const [older, newer] = [note(1, from('x/a.mkd')), note(2, from('x/a.mkd'))]
  expect(exportPaths([newer, older])).toEqual([
    { path: 'x/a (2).mkd', note: newer },
    { path: 'x/a.mkd', note: older },
  ])
})

test('a number is not one that somebody has already', () => {
  const notes = [
    note(1, { title: 'Title' }),
    note(2, from('Title.md')),
    note(3, from('title (2).md')),
    note(4, { title: 'title' }),
  ]
  expect(pathsOf(notes)).toEqual(['Title (3).md', 'Title.md', 'title (2).md', 'title (4).md'])
})

test('paths that differ only in case go out as they came', () => {
  expect(pathsOf([note(1, from('README.md')), note(2, from('Readme.md'))])).toEqual([
    'README.md',
    'Readme.md',
  ])
})

test('a file is never in the place of a folder', () => {
  const notes = [note(1, from('a.md')), note(2, from('a.md/b.md')), note(3, { title: 'A' })]
  expect(pathsOf(notes)).toEqual(['A (3).md', 'a (2).md', 'a.md/b.md'])
})

test('a path that would not be taken in is not given out', () => {
  const notes = [note(1, { ...from('../../evil.md'), title: 'Evil' }), note(2, from('./x.md'))]
  expect(pathsOf(notes)).toEqual(['Evil.md', 'Note 2.md'])
})

test.each([
  ['Shopping: milk/eggs?', 'Shopping milk eggs'],
  ['a\\b*c"d<e>f|g', 'a b c d e f g'],
  ['  ...hidden... ', 'hidden'],
  ['CON', 'CON_'],
  ['nul.txt', 'nul_txt_'],
  ['lpt1', 'lpt1_'],
  ['console', 'console'],
  ['..', 'Untitled'],
  ['/', 'Untitled'],
  ['tab\tand\u202eturned', 'tab and turned'],
  ['👨‍👩‍👧 family', '👨‍👩‍👧 family'],
  ['日本語', '日本語'],
])('the title %j becomes the name %j', (title, name) => {
  expect(named(title)).toBe(name)
})

test('a note without a title is named after its first line, or Untitled', () => {
  expect(fileNameOf({ title: null, body: '\n\n## What to do\nthings' })).toBe('What to do')
  expect(fileNameOf({ title: null, body: ' \n' })).toBe('Untitled')
})

test('a long title is cut between two letters', () => {
  expect(named('x'.repeat(titleBytesMax))).toHaveLength(titleBytesMax)
  expect(named('x'.repeat(titleBytesMax + 1))).toHaveLength(titleBytesMax)
  expect(named(`x${'😀'.repeat(60)}`)).toBe(`x${'😀'.repeat(49)}`)
})

test('a thousand notes of one title take no million tries', () => {
  const paths = pathsOf(Array.from({ length: 5_000 }, (_, n) => note(n, { title: 'Same' })))
  expect(new Set(paths).size).toBe(5_000)
  expect(paths).toContain('Same (5000).md')
})

test('whatever the notes are, every path is one of its own that could be taken in again', () => {
  const path = fc.oneof(
    fc.constantFrom('a.md', 'A.md', 'a (2).md', 'a/b.md', 'a.md/c.md', '../x.md', 'x'),
    fc.string({ unit: 'grapheme', maxLength: 8 }).map((name) => `${name}.md`),
  )
  const notes = fc.array(
    fc.record({
      number: fc.nat(30),
      title: fc.option(
        fc.oneof(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.constantFrom('a', 'A', 'con')),
      ),
      path: fc.option(path),
    }),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(notes, (parts) => {
      const made = exportPaths(
        parts.map(({ number, title, path }) =>
          note(number, { title, origin: path === null ? null : { path, bom: false } }),
        ),
      )
      expect(made).toHaveLength(parts.length)
      expect(new Set(made.map((each) => each.path)).size).toBe(made.length)
      for (const each of made)
        expect(checkedPath(each.path)).toEqual({ ok: true, value: each.path })
    }),
  )
})
