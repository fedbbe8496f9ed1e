import { p256 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { assert } from '../../src-shared/base/assert.ts'
import type { Random } from '../../src-shared/base/random.ts'
import { bitString, der, explicitTag, joined, pem, tags } from './der.ts'

/**
 * What a device proves itself with. The certificate says nothing but the key and is signed by it: who it belongs to is
 * the member table's word, which names the key by its pin.
 */
export interface Credential {
  /** The private scalar, 32 bytes. Leaves this device in no form. */
  readonly secret: Uint8Array
  /** PKCS #8 and X.509, in PEM, as TLS takes them. */
  readonly keyPem: string
  readonly certificatePem: string
  /** SHA-256 of the DER SubjectPublicKeyInfo, hex. */
  readonly pin: string
}

export const secretBytes = 32
/** 128 bits more than the order of the curve: the remainder shows no bias (FIPS 186-5, appendix A.2.1). */
const seedBytes = 48

export function newCredential(random: Random): Credential {
  return credentialOf(p256.utils.randomSecretKey(random.bytes(seedBytes)))
}

/** Everything follows from the secret, the certificate too: nothing else has to be kept. */
export function credentialOf(secret: Uint8Array): Credential {
  assert(isSecret(secret), 'a secret is a scalar of the curve')
  const publicPoint = p256.getPublicKey(secret, false)
  const info = publicKeyInfo(publicPoint)
  return {
    secret,
    keyPem: pem('PRIVATE KEY', privateKeyInfo(secret, publicPoint)),
    certificatePem: pem('CERTIFICATE', certificate(secret, info)),
    pin: pinOf(info),
  }
}

export function isSecret(bytes: Uint8Array): boolean {
  return bytes.length === secretBytes && p256.utils.isValidSecretKey(bytes)
}

/** The name of a key: SHA-256 of its DER SubjectPublicKeyInfo (as in RFC 7469 §2.4), hex. */
export function pinOf(publicKeyInfoDer: Uint8Array): string {
  return Array.from(sha256(publicKeyInfoDer), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function hex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

const object = {
  ecPublicKey: hex('06072a8648ce3d0201'),
  p256: hex('06082a8648ce3d030107'),
  ecdsaWithSha256: hex('06082a8648ce3d040302'),
  commonName: hex('0603550403'),
  keyUsage: hex('0603551d0f'),
} as const

const keyAlgorithm = der(tags.sequence, object.ecPublicKey, object.p256)
const signatureAlgorithm = der(tags.sequence, object.ecdsaWithSha256)

function text(tag: number, words: string): Uint8Array {
  return der(tag, new TextEncoder().encode(words))
}

function integer(value: number): Uint8Array {
  return der(tags.integer, Uint8Array.of(value))
}

/** RFC 5480 §2. */
function publicKeyInfo(publicPoint: Uint8Array): Uint8Array {
  return der(tags.sequence, keyAlgorithm, bitString(publicPoint))
}

/** RFC 5958 around RFC 5915. */
function privateKeyInfo(secret: Uint8Array, publicPoint: Uint8Array): Uint8Array {
  const inner = der(
    tags.sequence,
    integer(1),
    der(tags.octetString, secret),
    der(explicitTag(1), bitString(publicPoint)),
  )
  return der(tags.sequence, integer(0), keyAlgorithm, der(tags.octetString, inner))
}

/** The same on every device: whoever connects is shown it before we know who that is. */
const everyonesName = der(
  tags.sequence,
  der(tags.set, der(tags.sequence, object.commonName, text(tags.utf8String, 'Quire'))),
)

/**
 * From long ago to the end of time (RFC 5280 §4.1.2.5): a clock that is wrong must not lock a device out, and what ends
 * a device's right to speak is the member table.
 */
const validity = der(
  tags.sequence,
  text(tags.utcTime, '200101000000Z'),
  text(tags.generalizedTime, '99991231235959Z'),
)

/** Critical, digitalSignature and nothing else. */
const keyUsage = der(
  tags.sequence,
  object.keyUsage,
  hex('0101ff'),
  der(tags.octetString, hex('03020780')),
)

function certificate(secret: Uint8Array, info: Uint8Array): Uint8Array {
  // Positive and in one length (RFC 5280 §4.1.2.2); the key's own hash, so that no two keys share it.
  const serial = sha256(info).slice(0, 16)
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  const signed = der(
    tags.sequence,
    der(explicitTag(0), integer(2)),
    der(tags.integer, serial),
    signatureAlgorithm,
    everyonesName,
    validity,
    everyonesName,
    info,
    der(explicitTag(3), der(tags.sequence, keyUsage)),
  )
  const signature = p256.sign(signed, secret, { format: 'der' })
  return der(tags.sequence, joined([signed, signatureAlgorithm, bitString(signature)]))
}
