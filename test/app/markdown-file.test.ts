import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  checkedPath,
  decodedMarkdown,
  encodedMarkdown,
  nameBytesMax,
} from '../../src-main/app/markdown-file.ts'
import { bodyBytesMax, pathLengthMax } from '../../src-shared/notes/limits.ts'

test('what is valid UTF-8 comes back byte for byte', () => {
  const text = fc.string({
    unit: fc.constantFrom(
      'a',
      '\r',
      '\n',
      '\r\n',
      '\0',
      '\ufeff',
      '\u2028',
      'é',
      '日',
      '😀',
      '---\n',
    ),
  })
  fc.assert(
    fc.property(text, (written) => {
      const bytes = new TextEncoder().encode(written)
      const decoded = decodedMarkdown(bytes)
      if (!decoded.ok) return false
      expect(encodedMarkdown(decoded.value.text, decoded.value.bom)).toEqual(bytes)
      expect(decoded.value.bom).toBe(written.startsWith('\ufeff'))
      return true
    }),
  )
})

test('any bytes either come back or are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      const decoded = decodedMarkdown(bytes)
      return (
        !decoded.ok ||
        Buffer.compare(encodedMarkdown(decoded.value.text, decoded.value.bom), bytes) === 0
      )
    }),
    { numRuns: 2_000 },
  )
})

test('a byte order mark is kept beside the text; a second one is text', () => {
  const once = decodedMarkdown(Buffer.from('\ufeff# Title'))
  expect(once).toEqual({ ok: true, value: { text: '# Title', bom: true } })
  const twice = decodedMarkdown(Buffer.from('\ufeff\ufeffx'))
  expect(twice).toEqual({ ok: true, value: { text: '\ufeffx', bom: true } })
})

test.each([
  ['latin 1', [0x63, 0x61, 0x66, 0xe9], 'UTF-8'],
  ['half a letter at the end', [0x61, 0xe6, 0x97], 'UTF-8'],
  ['a surrogate in UTF-8 clothes', [0xed, 0xa0, 0x80], 'UTF-8'],
  ['an overlong slash', [0xc0, 0xaf], 'UTF-8'],
  ['UTF-16, low end first', [0xff, 0xfe, 0x61, 0], 'UTF-16'],
  ['UTF-16, high end first', [0xfe, 0xff, 0, 0x61], 'UTF-16'],
])('%s is refused', (_, bytes, reason) => {
  const decoded = decodedMarkdown(Uint8Array.from(bytes))
  expect(decoded).toEqual({ ok: false, error: expect.stringContaining(reason) })
})

test('a file may be as long as a note, and not a byte longer', () => {
  expect(decodedMarkdown(new Uint8Array(bodyBytesMax).fill(0x61)).ok).toBe(true)
  const withMark = new Uint8Array(bodyBytesMax + 3).fill(0x61)
  withMark.set([0xef, 0xbb, 0xbf])
  expect(decodedMarkdown(withMark).ok).toBe(true)
  const longer = decodedMarkdown(new Uint8Array(bodyBytesMax + 1).fill(0x61))
  expect(longer).toEqual({ ok: false, error: 'It is longer than 8 MiB.' })
})

test.each([
  'README.md',
  'a/b/c.markdown',
  'x.MDOWN',
  '.hidden/.mkd',
  'naïve/日本語/😀.md',
  'a..b/...md.md',
  'What? Why: “quoted” <and> more|.md',
  'con.md',
  ' leading and trailing .md',
])('%j is kept as it is', (path) => {
  expect(checkedPath(path)).toEqual({ ok: true, value: path })
})

test('superfluous dots and slashes are left out', () => {
  expect(checkedPath('./a//b/./c.md')).toEqual({ ok: true, value: 'a/b/c.md' })
})

/** Names that have broken out of folders elsewhere, and names that are no notes. */
test.each([
  ['../evil.md', '..'],
  ['a/../../evil.md', '..'],
  ['..', '..'],
  ['/etc/passwd.md', 'absolute'],
  ['//server/share.md', 'absolute'],
  ['C:/windows/x.md', 'drive'],
  ['c:x.md', 'drive'],
  ['..\\..\\evil.md', 'backslash'],
  ['a\\b.md', 'backslash'],
  ['\\\\server\\share\\x.md', 'backslash'],
  ['a\0b.md', 'control'],
  ['a\nb.md', 'control'],
  ['\u007f.md', 'control'],
  ['half \ud83d pair.md', 'Unicode'],
  ['', 'folder'],
  ['.', 'folder'],
  ['folder.md/', 'folder'],
  ['picture.png', 'not Markdown'],
  ['md', 'not Markdown'],
  ['notes.md.exe', 'not Markdown'],
  ['.DS_Store', 'not Markdown'],
])('%j is refused, saying why', (path, reason) => {
  expect(checkedPath(path)).toEqual({ ok: false, error: expect.stringContaining(reason) })
})

test('a path may be as long as the limit says, a name in it too, and no longer', () => {
  const name = (bytes: number) => `${'é'.repeat((bytes - 3) / 2)}.md`
  expect(checkedPath(name(nameBytesMax)).ok).toBe(true)
  expect(checkedPath(name(nameBytesMax + 2)).ok).toBe(false)
  const path = (length: number) => `${'a/'.repeat((length - 4) / 2)}x.md`.slice(-length)
  expect(path(pathLengthMax)).toHaveLength(pathLengthMax)
  expect(checkedPath(path(pathLengthMax)).ok).toBe(true)
  expect(checkedPath(`b/${path(pathLengthMax)}`).ok).toBe(false)
})
