import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { headChecksum } from '../../src-main/journal/head-checksum.ts'
import { seededRandom } from '../support/seeded-random.ts'

test('the checksum of a header is the one of zlib', () => {
  const bytes = Buffer.from(seededRandom(5).bytes(200))
  for (let from = 0; from < 60; from++) {
    for (const to of [from, from + 1, from + 28, 200]) {
      expect(headChecksum(bytes, from, to)).toBe(crc32(bytes.subarray(from, to)))
    }
  }
})
