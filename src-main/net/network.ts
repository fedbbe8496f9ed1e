/** What the rest of the app gives to the network and hears from it; see peer-network.ts for the network itself. */
import type { Clock } from '../../src-shared/base/clock.ts'
import type { ClusterId, DeviceId } from '../../src-shared/base/ids.ts'
import type { Outcome } from '../../src-shared/base/outcome.ts'
import type { Random } from '../../src-shared/base/random.ts'
import type { MemberRecord } from '../../src-shared/members/member.ts'
import type { Message } from '../raft/message.ts'
import type { Log, SnapshotReceiver, StagedSnapshot } from '../replica/ports.ts'
import type { SecureChannel } from './channel.ts'
import type { Bye, Hello } from './hello.ts'
import type { PeerListener } from './listener.ts'

export interface PeerNetworkOptions {
  readonly self: {
    readonly clusterId: ClusterId
    readonly nodeId: DeviceId
    readonly version: string
    readonly bootCounter: number
    readonly name: string
  }
  /** The address book's truth, the removed and ourselves included; asked at every hello and every dial. */
  readonly members: () => readonly MemberRecord[]
  /** Owned by the install: it outlives a membership, so that a device that joins keeps its address. Already started. */
  readonly listener: Pick<PeerListener, 'addresses' | 'admitMembers'>
  readonly channel: SecureChannel
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly events: NetworkEvents
}

export interface NetworkEvents {
  /** A message whose sender, receiver and shape were checked. */
  onMessage(message: Message): void
  /** A message to this member was lost, or the way to it is. At most once per member and turn of the event loop. */
  onUnreachable(id: DeviceId): void
  onStatus(from: DeviceId, table: StatusTable): void
  /** A rejected promise is a bug and goes to `onBroken`. */
  onAsk(from: DeviceId, name: string, body: unknown): Promise<Outcome<unknown, AskRefused>>
  /** A member introduced itself; merge its table by index (then call `membersChanged`). */
  onHello(from: DeviceId, hello: Hello): void
  onPresence(id: DeviceId, online: boolean): void
  /** A device would not have us: removed, foreign, clone. Believe it only where `known`: said by a member, with its own key. */
  onRefused(bye: Bye, known: boolean): void
  /** Another process uses a member's identity. */
  onClone(id: DeviceId): void
  /** Null: not wanted (old, or no space). `message` is the MsgSnap, its snapshot without data. */
  receiveSnapshot(from: DeviceId, message: Message): Promise<SnapshotReceiver | null>
  /** The bytes are here, checked and durable. */
  onSnapshot(message: Message, staged: StagedSnapshot): void
  /** A handler of ours threw: a bug, or our disk. The member must stop. */
  onBroken(error: unknown): void
}

/** One line per member, as the leader knows it. */
export interface StatusTable {
  readonly term: number
  readonly commit: number
  readonly rows: readonly StatusRow[]
}

export interface StatusRow {
  readonly id: DeviceId
  readonly match: number
  readonly online: boolean
}

/** What an answer may say besides yes: a kind for the program, a sentence for the person. */
export interface AskRefused {
  readonly kind: string
  readonly message: string
}

/** `refused`: the other side said so. All the others: whether it was done is not known, except for `unreachable` and `too-many`. */
export type AskFailed =
  | { readonly kind: 'refused'; readonly refusal: AskRefused }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'too-many' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'timed-out' }
