import type { ClusterId, DeviceId } from '../../src-shared/base/ids.ts'
import type { MemberRecord } from '../../src-shared/members/member.ts'

/** The first frame of either side: who speaks, and whom it knows. */
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

/** Why a link ends. `from` is the speaker where it may be named. */
export interface Bye {
  readonly reason: ByeReason
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
