import { p256 } from '@noble/curves/nist.js'
import { expect, test } from 'vitest'
import {
  type Context,
  exchange,
  randomScalar,
  shareBytes,
  wordScalar,
} from '../../src-main/identity/spake2.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { spake2Vectors } from './spake2-vectors.ts'

const encoder = new TextEncoder()
const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')
const scalar = (text: string) => BigInt(`0x${text}`)

function context(associated = ''): Context {
  return {
    nameA: encoder.encode('a'),
    nameB: encoder.encode('b'),
    associated: encoder.encode(associated),
  }
}

test.each(spake2Vectors)('RFC 9382, appendix B: A is “$a”, B is “$b”', (vector) => {
  const names = {
    nameA: encoder.encode(vector.a),
    nameB: encoder.encode(vector.b),
    associated: new Uint8Array(0),
  }
  const a = exchange('a', scalar(vector.w), scalar(vector.x), names)
  const b = exchange('b', scalar(vector.w), scalar(vector.y), names)
  expect(hex(a.share)).toBe(vector.shareA)
  expect(hex(b.share)).toBe(vector.shareB)
  for (const agreed of [a.finish(b.share), b.finish(a.share)]) {
    expect(hex(agreed?.a)).toBe(vector.confirmA)
    expect(hex(agreed?.b)).toBe(vector.confirmB)
  }
})

test('another word, another name or another channel: the two sides agree on nothing', () => {
  const random = seededRandom(3)
  const word = wordScalar('123456', 'salt')
  const b = exchange('b', word, randomScalar(random), context('channel'))
  const others = [
    exchange('a', wordScalar('123457', 'salt'), randomScalar(random), context('channel')),
    exchange('a', word, randomScalar(random), context('channel!')),
    exchange('a', word, randomScalar(random), {
      ...context('channel'),
      nameA: encoder.encode('c'),
    }),
  ]
  for (const a of others) {
    const [left, right] = [a.finish(b.share), b.finish(a.share)]
    expect(hex(left?.a)).not.toBe(hex(right?.a))
    expect(hex(left?.b)).not.toBe(hex(right?.b))
  }
})

test('what is no point of the curve is no share', () => {
  const random = seededRandom(4)
  const word = wordScalar('123456', 'salt')
  const b = exchange('b', word, randomScalar(random), context())
  const good = exchange('a', word, randomScalar(random), context()).share
  const off = Uint8Array.from(good)
  off[64] = (off[64] ?? 0) ^ 1
  const bad = [
    new Uint8Array(0),
    Uint8Array.of(0),
    new Uint8Array(shareBytes),
    new Uint8Array(shareBytes).fill(0xff),
    off,
    good.subarray(0, 64),
    p256.Point.fromBytes(good).toBytes(true),
  ]
  for (const share of bad) expect(b.finish(share)).toBe(null)
  expect(b.finish(good)).not.toBe(null)
})

test('a share that would make the secret known is refused', () => {
  const word = wordScalar('123456', 'salt')
  const b = exchange('b', word, randomScalar(seededRandom(5)), context())
  const blindA = p256.Point.fromHex(
    '02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f',
  )
  expect(b.finish(blindA.multiply(word).toBytes(false))).toBe(null)
})

test('an exchange says the two shares in the order of the sides, whoever finishes first', () => {
  const random = seededRandom(6)
  const word = wordScalar('000000', 'salt')
  const a = exchange('a', word, randomScalar(random), context())
  const b = exchange('b', word, randomScalar(random), context())
  expect(a.finish(b.share)).toEqual(b.finish(a.share))
  // Two that both take side A agree on nothing: nobody's own words reflected are an answer.
  expect(hex(a.finish(a.share)?.b)).not.toBe(hex(b.finish(a.share)?.b))
})
