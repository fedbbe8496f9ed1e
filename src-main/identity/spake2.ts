/**
 * SPAKE2 over P-256 with SHA-256, HKDF and HMAC (RFC 9382): two sides that know the same short word find out that they
 * do, and whoever listens or sits between them learns nothing from which the word could be guessed later.
 */
import { p256 } from '@noble/curves/nist.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Random } from '../../src-shared/base/random.ts'
import { joined } from './der.ts'

const { Point } = p256
type CurvePoint = InstanceType<typeof Point>

/** RFC 9382 §4: nobody knows their logarithms. */
const blindA = Point.fromHex('02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f')
const blindB = Point.fromHex('03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49')

const encoder = new TextEncoder()
const scalarBytes = 32
/** An uncompressed point. */
export const shareBytes = 65
export const confirmationBytes = 32
/** 128 bits more than the order: the remainder shows no bias. */
const wideBytes = 48

export type Side = 'a' | 'b'

/** What both sides say of themselves and of the channel; one different bit and neither believes the other. */
export interface Context {
  readonly nameA: Uint8Array
  readonly nameB: Uint8Array
  /** Goes into the confirmation keys (RFC 9382 §4). */
  readonly associated: Uint8Array
}

export interface Confirmations {
  readonly a: Uint8Array
  readonly b: Uint8Array
}

export interface Exchange {
  /** To be sent. */
  readonly share: Uint8Array
  /** Null: what the other side sent is no share. */
  finish(othersShare: Uint8Array): Confirmations | null
}

/**
 * The word as a scalar. The RFC asks for a slow hash where the word is kept (§3.2); ours is shown for two minutes, used
 * once and never kept, and nothing that is sent lets anybody try words without asking us.
 */
export function wordScalar(word: string, salt: string): bigint {
  const wide = hkdf(sha256, encoder.encode(word), encoder.encode(salt), undefined, wideBytes)
  return 1n + (numberOf(wide) % (Point.Fn.ORDER - 1n))
}

export function randomScalar(random: Random): bigint {
  return 1n + (numberOf(random.bytes(wideBytes)) % (Point.Fn.ORDER - 1n))
}

/** One side's part, with a scalar of its own that is used once. */
export function exchange(side: Side, word: bigint, own: bigint, context: Context): Exchange {
  const [ourBlind, theirBlind] = side === 'a' ? [blindA, blindB] : [blindB, blindA]
  const share = Point.BASE.multiply(own).add(ourBlind.multiply(word)).toBytes(false)
  return {
    share,
    finish: (othersShare) => {
      const point = readShare(othersShare)
      const unblinded = point?.subtract(theirBlind.multiply(word))
      // The neutral point is what somebody sends who wants the secret to be known (§6).
      if (unblinded === undefined || unblinded.is0()) return null
      const secret = unblinded.multiply(own).toBytes(false)
      const [shareA, shareB] = side === 'a' ? [share, othersShare] : [othersShare, share]
      return confirmations({ shareA, shareB, secret, word, context })
    },
  }
}

/** Null: not a point of the curve in the one form that we send. P-256 has no cofactor, so every point is in the group. */
function readShare(bytes: Uint8Array): CurvePoint | null {
  if (bytes.length !== shareBytes) return null
  try {
    return Point.fromBytes(bytes)
  } catch {
    return null // the library's only way to say that it is none
  }
}

/** RFC 9382 §3.3 and §4: what each side proves to the other with, bound to every byte that was said. */
function confirmations(agreed: {
  readonly shareA: Uint8Array
  readonly shareB: Uint8Array
  readonly secret: Uint8Array
  readonly word: bigint
  readonly context: Context
}): Confirmations {
  const { shareA, shareB, secret, word, context } = agreed
  const { nameA, nameB, associated } = context
  const parts = [nameA, nameB, shareA, shareB, secret, bytesOf(word)]
  const transcript = joined(parts.flatMap((part) => [littleEndian64(part.length), part]))
  const authentication = sha256(transcript).slice(16)
  const info = joined([encoder.encode('ConfirmationKeys'), associated])
  const keys = hkdf(sha256, authentication, undefined, info, 32)
  return {
    a: hmac(sha256, keys.slice(0, 16), transcript),
    b: hmac(sha256, keys.slice(16), transcript),
  }
}

function littleEndian64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true)
  return bytes
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
}

function bytesOf(scalar: bigint): Uint8Array {
  const bytes = new Uint8Array(scalarBytes)
  let rest = scalar
  for (let at = scalarBytes - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 255n)
    rest >>= 8n
  }
  return bytes
}
