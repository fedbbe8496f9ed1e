import type { Clock } from '../../src-shared/base/clock.ts'
import type { DeviceId, NoteId } from '../../src-shared/base/ids.ts'
import type { Random } from '../../src-shared/base/random.ts'
import type { UpdatesFrom, WindowId } from '../../src-shared/ipc/contract.ts'
import type { MemberRecord } from '../../src-shared/members/member.ts'
import type { Identity } from '../identity/identity.ts'
import type { Disk } from '../journal/disk.ts'
import type { SecureChannel } from '../net/channel.ts'
import type { Log } from '../replica/ports.ts'
import type { MemberDoor } from './door.ts'

/** What a membership is made with, and what it tells. */
export interface MemberOptions {
  /** Where this membership lives. */
  readonly disk: Disk
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly version: string
  readonly identity: Identity
  /** Of ours: what a founder enters itself with. */
  readonly addresses: () => readonly string[]
  /** How it begins where there is no log yet: alone, or with those who invited it. */
  readonly beginning:
    | { readonly kind: 'found' }
    | { readonly kind: 'join'; readonly members: readonly MemberRecord[] }
  readonly door: MemberDoor
  readonly channel: SecureChannel
  readonly events: MemberEvents
  /** Above every version that a window may remember. */
  readonly versionFloor: number
}

export interface MemberEvents {
  /** Notes whose line in the list may have changed. */
  notes(ids: Iterable<NoteId>): void
  /** Anything in the status may have changed. */
  status(): void
  stepped(steps: UpdatesFrom, windows: readonly WindowId[]): void
  applied(id: NoteId, rev: number): void
  /** The configuration names this device: it is a member by committed change. */
  joined(): void
  /** This device was removed; it must not act in this group any more. */
  removed(removal: Removal): void
}

export interface Removal {
  /** Of the entry that removed us; 0: not known. */
  readonly index: number
  readonly by: DeviceId | null
}
