import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  credentialOf,
  isSecret,
  newCredential,
  pinOf,
  secretBytes,
} from '../../src-main/identity/credential.ts'
import { seededRandom } from '../support/seeded-random.ts'

const credential = newCredential(seededRandom(1))
const certificate = new X509Certificate(credential.certificatePem)

test('the certificate is one to others too: its own signature holds and its key is ours', () => {
  expect(certificate.verify(certificate.publicKey)).toBe(true)
  expect(certificate.checkPrivateKey(createPrivateKey(credential.keyPem))).toBe(true)
  expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
})

test('the certificate tells nothing but the key, and never runs out', () => {
  expect(certificate.subject).toBe('CN=Quire')
  expect(certificate.issuer).toBe('CN=Quire')
  expect(certificate.validFrom).toBe('Jan  1 00:00:00 2020 GMT')
  expect(certificate.validTo).toBe('Dec 31 23:59:59 9999 GMT')
  expect(certificate.subjectAltName).toBe(undefined)
  expect(certificate.ca).toBe(false)
})

test('the pin is the hash of the key as others write it', () => {
  const info = createPublicKey(credential.keyPem).export({ type: 'spki', format: 'der' })
  expect(pinOf(info)).toBe(credential.pin)
  expect(credential.pin).toMatch(/^[0-9a-f]{64}$/)
})

test('everything follows from the secret', () => {
  expect(credentialOf(credential.secret)).toEqual(credential)
  expect(credential.secret).toHaveLength(secretBytes)
})

test('serial numbers are positive, of one length, and differ', () => {
  const serials = new Set<string>()
  for (let seed = 0; seed < 50; seed++) {
    const { certificatePem, keyPem } = newCredential(seededRandom(seed))
    const each = new X509Certificate(certificatePem)
    expect(each.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/)
    expect(each.checkPrivateKey(createPrivateKey(keyPem))).toBe(true)
    serials.add(each.serialNumber)
  }
  expect(serials.size).toBe(50)
})

test('what is no scalar of the curve is no secret', () => {
  expect(isSecret(new Uint8Array(secretBytes))).toBe(false)
  expect(isSecret(new Uint8Array(secretBytes).fill(0xff))).toBe(false)
  expect(isSecret(credential.secret.subarray(1))).toBe(false)
  expect(() => credentialOf(new Uint8Array(secretBytes))).toThrow('a secret is a scalar')
})
