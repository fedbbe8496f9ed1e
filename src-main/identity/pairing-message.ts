import { cleanName } from './name.ts'
import type { PairingRefusedKind } from './pairing.ts'
import { type Host, type Invitation, messageBytesMax, type Newcomer } from './pairing.ts'
import {
  isAddresses,
  isCluster,
  isDevice,
  isFields,
  isName,
  isPin,
  isText,
  readJson,
  readMembers,
  writeJson,
} from './shape.ts'

/** What travels while two devices pair; see pairing.ts for the order. JSON in UTF-8, bytes as base64. */
export type PairingMessage =
  | { readonly kind: 'try'; readonly share: Uint8Array }
  | { readonly kind: 'share'; readonly share: Uint8Array }
  | { readonly kind: 'proof'; readonly proof: Uint8Array }
  | { readonly kind: 'welcome'; readonly proof: Uint8Array; readonly newcomer: Newcomer }
  | { readonly kind: 'abandon' }
  | { readonly kind: 'confirm'; readonly host: Host }
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'invitation'; readonly invitation: Invitation }
  | { readonly kind: 'joined' }
  | {
      readonly kind: 'refused'
      readonly refused: PairingRefusedKind
      readonly message: string
      readonly triesLeft: number | null
    }

/** Of a share or a proof. */
const proofBytesMax = 256
const messageUnitsMax = 1_000
const triesLeftMax = 9

const refusedKinds = [
  'wrong-code',
  'burnt',
  'expired',
  'closed',
  'busy',
  'not-allowed',
  'unreachable',
  'timed-out',
  'malformed',
  'failed',
] as const satisfies readonly PairingRefusedKind[]

export function encodePairing(message: PairingMessage): Uint8Array {
  switch (message.kind) {
    case 'try':
    case 'share':
      return writeJson({ kind: message.kind, share: base64(message.share) })
    case 'proof':
      return writeJson({ kind: message.kind, proof: base64(message.proof) })
    case 'welcome':
      return writeJson({ ...message, proof: base64(message.proof) })
    default:
      return writeJson(message)
  }
}

/** Null: not a message of a pairing. */
export function decodePairing(bytes: Uint8Array): PairingMessage | null {
  if (bytes.length > messageBytesMax) return null
  const value = readJson(bytes)
  if (!isFields(value)) return null
  switch (value.kind) {
    case 'try':
    case 'share': {
      const share = fromBase64(value.share)
      return share && { kind: value.kind, share }
    }
    case 'proof': {
      const proof = fromBase64(value.proof)
      return proof && { kind: 'proof', proof }
    }
    case 'welcome': {
      const proof = fromBase64(value.proof)
      const newcomer = readNewcomer(value.newcomer)
      return proof && newcomer && { kind: 'welcome', proof, newcomer }
    }
    case 'confirm': {
      const host = readHost(value.host)
      return host && { kind: 'confirm', host }
    }
    case 'invitation': {
      const invitation = readInvitation(value.invitation)
      return invitation && { kind: 'invitation', invitation }
    }
    case 'abandon':
    case 'confirmed':
    case 'joined':
      return { kind: value.kind }
    case 'refused':
      return readRefused(value)
    default:
      return null
  }
}

function readNewcomer(value: unknown): Newcomer | null {
  if (!isFields(value)) return null
  const { id, name, addresses, pin, hasNotes } = value
  if (!isDevice(id) || !isName(name) || !isAddresses(addresses)) return null
  if (!isPin(pin) || pin === null || typeof hasNotes !== 'boolean') return null
  return { id, name: cleanName(name), addresses, pin, hasNotes }
}

function readHost(value: unknown): Host | null {
  if (!isFields(value)) return null
  const { id, name, bring } = value
  if (!isDevice(id) || !isName(name) || typeof bring !== 'boolean') return null
  return { id, name: cleanName(name), bring }
}

function readInvitation(value: unknown): Invitation | null {
  if (!isFields(value)) return null
  const { clusterId, id, bring } = value
  const members = readMembers(value.members)
  if (!isCluster(clusterId) || !isDevice(id) || typeof bring !== 'boolean') return null
  return members && { clusterId, id, bring, members }
}

function readRefused(value: Readonly<Record<string, unknown>>): PairingMessage | null {
  const { message, triesLeft } = value
  const refused = refusedKinds.find((kind) => kind === value.refused)
  if (refused === undefined || !isText(message, messageUnitsMax)) return null
  const isTries = typeof triesLeft === 'number' && triesLeft >= 0 && triesLeft <= triesLeftMax
  return { kind: 'refused', refused, message, triesLeft: isTries ? Math.floor(triesLeft) : null }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function fromBase64(value: unknown): Uint8Array | null {
  if (!isText(value, proofBytesMax * 2)) return null
  const bytes = Buffer.from(value, 'base64')
  const isExact = bytes.length <= proofBytesMax && bytes.toString('base64') === value
  return isExact ? new Uint8Array(bytes) : null
}
