import { crc32 as reference } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32 } from '../../src-shared/base/crc32.ts'

test('the checksum is the one that zip uses', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => crc32(bytes) === reference(bytes)),
  )
})

test('pieces are checked as one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(64), (bytes, cut) => {
      const split = Math.min(cut, bytes.length)
      return crc32(bytes.subarray(split), crc32(bytes.subarray(0, split))) === crc32(bytes)
    }),
  )
})
