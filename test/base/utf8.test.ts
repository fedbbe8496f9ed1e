import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  fitsInBytes,
  fromUtf8,
  isWellFormed,
  toUtf8,
  utf8Length,
} from '../../src-shared/base/utf8.ts'

const wellFormed = fc.string({ unit: 'grapheme' })

test('a well-formed text comes back from its bytes, a byte order mark and all', () => {
  fc.assert(
    fc.property(wellFormed, (text) => {
      expect(fromUtf8(toUtf8(`\ufeff${text}`))).toBe(`\ufeff${text}`)
      expect(utf8Length(text)).toBe(Buffer.byteLength(text))
    }),
  )
})

test('bytes that are not UTF-8 are no text', () => {
  for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
    expect(fromUtf8(Uint8Array.from(bytes))).toBe(null)
  }
})

test('half a surrogate pair is not well-formed, wherever it stands', () => {
  for (const text of ['\ud83d', '\ude00', 'a\ud83d', '\ude00a', '\ude00\ud83d']) {
    expect(isWellFormed(text)).toBe(false)
  }
  expect(isWellFormed('a😀漢\u0000')).toBe(true)
})

test('the size in bytes is counted exactly at the edge', () => {
  for (const text of ['aaa', 'ééé', '漢漢漢', '😀😀']) {
    const bytes = Buffer.byteLength(text)
    expect(fitsInBytes(text, bytes)).toBe(true)
    expect(fitsInBytes(text, bytes - 1)).toBe(false)
  }
})
