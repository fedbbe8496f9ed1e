/** The first frame of either side, and the last. */
import type { ClusterId, DeviceId } from '../../src-shared/base/ids.ts'
import type { MemberRecord } from '../../src-shared/members/member.ts'
import {
  isAddresses,
  isCluster,
  isCount,
  isDevice,
  isFields,
  isName,
  isText,
  membersMax,
  readJson,
  readMembers,
  writeJson,
} from '../identity/shape.ts'
import { byeBytesMax, helloBytesMax } from './limits.ts'

/** Who speaks, and whom it knows. */
export interface Hello {
  readonly cluster: ClusterId
  readonly id: DeviceId
  readonly name: string
  /** Of the app. */
  readonly version: string
  /** Counts this device's starts, durably, so that a copy of its files betrays itself. */
  readonly boot: number
  /** Drawn anew at each start: two hellos with one boot counter and two sessions come from two processes. */
  readonly session: string
  /** Where it listens, "HOST:PORT". */
  readonly addresses: readonly string[]
  /** Everybody it knows, the removed included: how a member that was away learns of both. */
  readonly members: readonly MemberRecord[]
}

/** Why a link ends. */
export interface Bye {
  readonly reason: ByeReason
  /** Null: a stranger is not told who we are. */
  readonly from: DeviceId | null
  /** For `removed`: the log index of the removal and who asked for it. */
  readonly index: number | null
  readonly by: DeviceId | null
}

export const byeReasons = [
  'closing',
  'superseded',
  'foreign-cluster',
  'unknown-member',
  'removed',
  'clone',
  'self',
  'wrong-key',
  'malformed',
  'too-many',
  'silent',
] as const

export type ByeReason = (typeof byeReasons)[number]

const versionUnitsMax = 64

export function encodeHello(hello: Hello): Uint8Array {
  let members = introduced(hello.members)
  let bytes = writeJson({ ...hello, members })
  while (bytes.length > helloBytesMax && members.length > 0) {
    members = members.slice(0, Math.floor(members.length * 0.9))
    bytes = writeJson({ ...hello, members })
  }
  return bytes
}

/** Null: not a hello. */
export function decodeHello(bytes: Uint8Array): Hello | null {
  if (bytes.length > helloBytesMax) return null
  const value = readJson(bytes)
  if (!isFields(value)) return null
  const { cluster, id, name, version, boot, session, addresses } = value
  if (!isCluster(cluster) || !isDevice(id) || !isName(name)) return null
  if (!isText(version, versionUnitsMax) || !isCount(boot) || !isCluster(session)) return null
  if (!isAddresses(addresses)) return null
  const members = readMembers(value.members)
  return members && { cluster, id, name, version, boot, session, addresses, members }
}

export function encodeBye(bye: Bye): Uint8Array {
  return writeJson(bye)
}

export function decodeBye(bytes: Uint8Array): Bye | null {
  if (bytes.length > byeBytesMax) return null
  const value = readJson(bytes)
  if (!isFields(value)) return null
  const { from, index, by } = value
  const reason = byeReasons.find((known) => known === value.reason)
  if (reason === undefined || (from !== null && !isDevice(from))) return null
  if ((index !== null && !isCount(index)) || (by !== null && !isDevice(by))) return null
  return { reason, from, index, by }
}

/** The living first, then the removed, newest first: where not all fit, the oldest tombstones are left out. */
function introduced(members: readonly MemberRecord[]): readonly MemberRecord[] {
  const living = members.filter((member) => member.removedAt === null)
  const removed = members
    .filter((member) => member.removedAt !== null)
    .map((member) => ({ ...member, addresses: [] }))
    .sort((a, b) => (b.removedAt ?? 0) - (a.removedAt ?? 0))
  return [...living, ...removed].slice(0, membersMax)
}
