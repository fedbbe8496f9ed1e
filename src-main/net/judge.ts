import type { ClusterId, DeviceId } from '../../src-shared/base/ids.ts'
import type { MemberRecord } from '../../src-shared/members/member.ts'
import type { Entry, Snapshot } from '../raft/entry.ts'
import { isLocal, isStorageThread, type Message } from '../raft/message.ts'
import type { ChannelProof } from './channel.ts'
import type { Bye, ByeReason, Hello } from './hello.ts'
import { logIndexMax } from './limits.ts'

/** One run of a device's program, as its hello names it. */
export interface Life {
  readonly boot: number
  readonly session: string
}

export interface Judging {
  readonly self: { readonly clusterId: ClusterId; readonly nodeId: DeviceId } & Life
  readonly members: readonly MemberRecord[]
  /** The newest life of each member that we have met. */
  readonly lives: ReadonlyMap<DeviceId, Life>
}

export type Verdict =
  | { readonly kind: 'welcome'; readonly record: MemberRecord }
  | { readonly kind: 'refuse'; readonly bye: Bye }

/** May this device speak with us? Who is not in the table is told nothing, not even who we are. */
export function judgeHello(hello: Hello, proof: ChannelProof, judging: Judging): Verdict {
  const { self, members, lives } = judging
  if (hello.cluster !== self.clusterId) return refuse('foreign-cluster')
  if (hello.id === self.nodeId) return refuse(hello.session === self.session ? 'self' : 'clone')
  const record = members.find((member) => member.id === hello.id)
  if (record === undefined) return refuse('unknown-member')
  if (record.pin !== proof.pin) return refuse('wrong-key')
  if (record.removedAt !== null) return { kind: 'refuse', bye: removedBye(self.nodeId, record) }
  const before = lives.get(hello.id)
  if (before !== undefined && isClone(hello, before)) return refuse('clone', self.nodeId)
  return { kind: 'welcome', record }
}

/** What a removed device is told: once, when it comes or at the moment it is cut off. */
export function removedBye(from: DeviceId, record: MemberRecord): Bye {
  return { reason: 'removed', from, index: record.removedAt, by: record.removedBy }
}

/**
 * A start counts up durably before anything is said. So a lower count is an old copy of the files, and the same count
 * from another process is a second copy running: either could vote twice in a term.
 */
function isClone(hello: Life, before: Life): boolean {
  return (
    hello.boot < before.boot || (hello.boot === before.boot && hello.session !== before.session)
  )
}

function refuse(reason: ByeReason, from: DeviceId | null = null): Verdict {
  return { kind: 'refuse', bye: { reason, from, index: null, by: null } }
}

/**
 * A hello proves who speaks, not what is said: a member may only speak for itself, to us, and within what an honest log
 * can contain. Null: fine. Else why its link must end.
 */
export function judgeMessage(message: Message, self: bigint, peer: bigint): string | null {
  if (isLocal(message.type)) return `a ${message.type} from outside`
  if (message.to !== self) return 'a message for another member'
  // A wish to hand over leadership goes through a follower to the leader and names the successor as its sender.
  const speaksForItself = message.from === peer || message.type === 'MsgTransferLeader'
  if (!speaksForItself || isStorageThread(message.from)) return 'a message in the name of another'
  if (message.responses.length > 0) return 'a message with orders for a storage thread'
  const { term, logTerm, index, commit, rejectHint } = message
  if (Math.max(term, logTerm, index, commit, rejectHint) > logIndexMax) return 'an absurd number'
  if (message.type === 'MsgApp' && !isRun(message.entries, index)) return 'entries that are no run'
  return message.type === 'MsgSnap' ? judgeSnapshot(message.snapshot) : null
}

function judgeSnapshot(snapshot: Snapshot | null): string | null {
  if (snapshot === null) return 'a snapshot of nothing'
  const { index, term } = snapshot.metadata
  return index < 1 || term < 1 || Math.max(index, term) > logIndexMax ? 'an absurd number' : null
}

/** The entries stand right behind `index`, without gaps, in terms that never fall (paper §5.3). */
function isRun(entries: readonly Entry[], index: number): boolean {
  let term = 0
  for (const [at, entry] of entries.entries()) {
    if (entry.index !== index + 1 + at || entry.term < term) return false
    if (entry.index > logIndexMax || entry.term > logIndexMax) return false
    term = entry.term
  }
  return true
}
