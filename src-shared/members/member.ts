import type { DeviceId } from '../base/ids.ts'

/** A device that is or was in the group, as the log records it. A tombstone (`removedAt` set) stays for ever. */
export interface MemberRecord {
  readonly id: DeviceId
  readonly name: string
  /** Hints where it may be reached, "HOST:PORT", best first. */
  readonly addresses: readonly string[]
  /** SHA-256 of its key's DER SubjectPublicKeyInfo, hex; null: none was ever told, and nobody can speak as it. */
  readonly pin: string | null
  /** Log index of the change that added it. */
  readonly addedAt: number
  /** Log index of the change that removed it, and who asked; null while it is a member. */
  readonly removedAt: number | null
  readonly removedBy: DeviceId | null
}

/** A record in the replicated table. */
export interface MemberEntry extends MemberRecord {
  /** Log index of the last entry that changed this record. */
  readonly changedAt: number
}

/** Every device that is or was in the group. Immutable; a change makes a new one. */
export type MemberTable = ReadonlyMap<DeviceId, MemberEntry>

export const deviceNameLengthMax = 64
export const addressesMax = 16
export const addressLengthMax = 260
