import { type DeviceId, isDeviceId } from '../base/ids.ts'
import { readJson, writeJson } from '../base/json.ts'
import { fail, type Outcome, ok } from '../base/outcome.ts'
import { isWellFormed } from '../base/utf8.ts'
import { addressesMax, addressLengthMax, deviceNameLengthMax } from './member.ts'

/** What a configuration change carries about the device it names. What a removal or a promotion does not say is null. */
export interface MemberContext {
  /** The device that name, addresses and pin belong to: one change may name several. */
  readonly id: DeviceId
  readonly name: string | null
  readonly addresses: readonly string[] | null
  readonly pin: string | null
  /** The device that asked for the change. */
  readonly by: DeviceId
}

export type ContextRefused =
  | { readonly kind: 'malformed'; readonly reason: string }
  /** Written by an app that is newer than this one: stop applying and say so. */
  | { readonly kind: 'newer'; readonly version: number }

const contextVersion = 1

/** One byte of version, then JSON: [id, name, addresses, pin, by]. */
export function encodeMemberContext(context: MemberContext): Uint8Array {
  const json = writeJson([context.id, context.name, context.addresses, context.pin, context.by])
  const bytes = new Uint8Array(1 + json.length)
  bytes[0] = contextVersion
  bytes.set(json, 1)
  return bytes
}

export function decodeMemberContext(bytes: Uint8Array): Outcome<MemberContext, ContextRefused> {
  const version = bytes[0] ?? 0
  if (version === 0) return malformed('no version')
  if (version > contextVersion) return fail({ kind: 'newer', version })
  const value = readJson(bytes.subarray(1))
  if (!Array.isArray(value) || value.length !== 5) return malformed('not a context')
  const [id, name, addresses, pin, by] = value as readonly unknown[]
  if (typeof id !== 'string' || !isDeviceId(id)) return malformed('the device')
  if (name !== null && !isDeviceName(name)) return malformed('the name')
  if (addresses !== null && !areAddresses(addresses)) return malformed('the addresses')
  if (pin !== null && !isPin(pin)) return malformed('the pin')
  if (typeof by !== 'string' || !isDeviceId(by)) return malformed('who asked')
  return ok({ id, name, addresses, pin, by })
}

function malformed(reason: string): { readonly ok: false; readonly error: ContextRefused } {
  return fail({ kind: 'malformed', reason })
}

export function isDeviceName(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > deviceNameLengthMax) return false
  return isWellFormed(value)
}

export function areAddresses(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length > addressesMax) return false
  return value.every(
    (address) =>
      typeof address === 'string' && address.length <= addressLengthMax && isWellFormed(address),
  )
}

const pinPattern = /^[0-9a-f]{64}$/

export function isPin(value: unknown): value is string {
  return typeof value === 'string' && pinPattern.test(value)
}
