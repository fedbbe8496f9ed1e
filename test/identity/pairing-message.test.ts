import fc from 'fast-check'
import { expect, test } from 'vitest'
import { messageBytesMax } from '../../src-main/identity/pairing.ts'
import {
  decodePairing,
  encodePairing,
  type PairingMessage,
} from '../../src-main/identity/pairing-message.ts'

const member = {
  id: '1',
  name: 'Desktop',
  addresses: ['127.0.0.1:1'],
  pin: null,
  addedAt: 1,
  removedAt: 9,
  removedBy: '2',
}
const examples: readonly PairingMessage[] = [
  { kind: 'try', share: new Uint8Array([1, 2, 3]) },
  { kind: 'share', share: new Uint8Array(0) },
  { kind: 'proof', proof: new Uint8Array(256).fill(7) },
  {
    kind: 'welcome',
    proof: new Uint8Array(0),
    newcomer: { id: '7', name: 'ThinkPad', addresses: [], pin: 'a'.repeat(64), hasNotes: true },
  },
  { kind: 'abandon' },
  { kind: 'confirm', host: { id: '1', name: 'Desktop', bring: true } },
  { kind: 'confirmed' },
  {
    kind: 'invitation',
    invitation: { clusterId: '0'.repeat(32), id: '7', members: [member], bring: false },
  },
  { kind: 'joined' },
  { kind: 'refused', refused: 'wrong-code', message: 'no', triesLeft: 2 },
]

test('every message comes back as it was sent', () => {
  for (const message of examples) expect(decodePairing(encodePairing(message))).toEqual(message)
})

test('no bytes make it throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void decodePairing(bytes)))
  fc.assert(
    fc.property(fc.json({ depthSize: 'small' }), (json) => {
      decodePairing(new TextEncoder().encode(json))
    }),
  )
})

test('a message with any field missing or of another kind is not one', () => {
  for (const message of examples) {
    const whole = JSON.parse(new TextDecoder().decode(encodePairing(message)))
    for (const field of Object.keys(whole).filter((name) => name !== 'triesLeft')) {
      for (const broken of [undefined, 7.5, { x: 1 }]) {
        const bytes = new TextEncoder().encode(JSON.stringify({ ...whole, [field]: broken }))
        expect(decodePairing(bytes), `${message.kind}.${field}`).toBe(null)
      }
    }
  }
})

test('a message may have 64 KiB and not a byte more', () => {
  const text = JSON.stringify({ kind: 'joined' })
  const padded = (size: number) => new TextEncoder().encode(text.padEnd(size, ' '))
  expect(decodePairing(padded(messageBytesMax))).toEqual({ kind: 'joined' })
  expect(decodePairing(padded(messageBytesMax + 1))).toBe(null)
})

test('a proof of more than 256 bytes is none', () => {
  const proof = (bytes: number) => encodePairing({ kind: 'proof', proof: new Uint8Array(bytes) })
  expect(decodePairing(proof(256))).not.toBe(null)
  expect(decodePairing(proof(257))).toBe(null)
})
