/** Reading JSON that somebody else wrote: each question is asked once, at the gate. */
import { isDeviceId } from '../../src-shared/base/ids.ts'
import {
  addressesMax,
  addressLengthMax,
  deviceNameLengthMax,
  type MemberRecord,
} from '../../src-shared/members/member.ts'

export type Fields = Readonly<Record<string, unknown>>

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** Undefined, which JSON cannot say, when the bytes are not JSON in UTF-8. */
export function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch {
    return undefined
  }
}

export function writeJson(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value))
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A whole number from 0 to 2^53 − 1. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

export function isText(value: unknown, unitsMax: number): value is string {
  return typeof value === 'string' && value.length <= unitsMax
}

export function isDevice(value: unknown): value is string {
  return typeof value === 'string' && isDeviceId(value)
}

const hex32 = /^[0-9a-f]{32}$/
const hex64 = /^[0-9a-f]{64}$/

export function isCluster(value: unknown): value is string {
  return typeof value === 'string' && hex32.test(value)
}

export function isPin(value: unknown): value is string | null {
  return value === null || (typeof value === 'string' && hex64.test(value))
}

/** Of one table, the removed included. */
export const membersMax = 256

export function isAddresses(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length <= addressesMax &&
    value.every((address) => isText(address, addressLengthMax))
  )
}

export function isName(value: unknown): value is string {
  return isText(value, deviceNameLengthMax)
}

/** Null when any record is not one. */
export function readMembers(value: unknown): readonly MemberRecord[] | null {
  if (!Array.isArray(value) || value.length > membersMax) return null
  const members: MemberRecord[] = []
  for (const item of value) {
    const member = readMember(item)
    if (member === null) return null
    members.push(member)
  }
  return members
}

function readMember(value: unknown): MemberRecord | null {
  if (!isFields(value)) return null
  const { id, name, addresses, pin, addedAt, removedAt, removedBy } = value
  if (!isDevice(id) || !isName(name) || !isAddresses(addresses) || !isPin(pin)) return null
  if (!isCount(addedAt)) return null
  if (removedAt !== null && !isCount(removedAt)) return null
  if (removedBy !== null && !isDevice(removedBy)) return null
  return { id, name, addresses, pin, addedAt, removedAt, removedBy }
}
