import type { DeviceId } from '../base/ids.ts'

/**
 * Gives a device another name. Compare-and-set on the record's `changedAt`: a repeat that arrives late, after somebody
 * chose yet another name, changes nothing.
 */
export interface RenameDevice {
  readonly kind: 'device.rename'
  readonly id: DeviceId
  readonly name: string
  /** `changedAt` of the record as its proposer saw it. */
  readonly base: number
  /** The device that asks. */
  readonly client: DeviceId
  /** ISO 8601 UTC, shown and never compared. */
  readonly at: string
}

export type DeviceCommand = RenameDevice

export type DeviceResult =
  | { readonly kind: 'applied'; readonly index: number }
  /** The record changed since `base`; also what a repeat of an applied one gets. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'invalid'; readonly reason: string }
  /** The asking device is tombstoned. */
  | { readonly kind: 'removed' }
  /** No such device, or it was removed. */
  | { readonly kind: 'no-device' }
