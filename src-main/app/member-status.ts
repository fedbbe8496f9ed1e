import type { DeviceRole, MemberStatus, Status } from '../../src-shared/ipc/contract.ts'
import { sortedMembers } from '../../src-shared/members/table.ts'
import { digestHex } from '../../src-shared/notes/digest.ts'
import type { Member } from './member.ts'
import { type GroupView, sentence } from './words.ts'

export interface StatusAbout {
  readonly member: Member
  readonly name: string
  readonly version: string
  /** "HOST:PORT" of our peer listener. */
  readonly peerAddress: string
  readonly dataDir: string
}

/** All that a window shows of the group; every number is one that this device knows, and null where it knows none. */
export function statusOf(about: StatusAbout): Status {
  const { member, name, version } = about
  const basic = member.replica.basicStatus()
  const { commands, oldest } = member.courier.sizes
  const trouble = member.trouble?.message ?? null
  const { hardState } = basic ?? { hardState: { term: 0, commit: member.machine.index } }
  return {
    device: { id: member.selfId, name, role: roleOf(member) },
    cluster: {
      id: member.identity.clusterId,
      term: hardState.term,
      leaderId: member.leaderId,
      commitIndex: hardState.commit,
      appliedIndex: member.machine.index,
    },
    members: memberStatuses(member),
    notes: { total: member.view.total },
    outbox: { pending: commands, oldest },
    trouble,
    sentence: sentence(groupView(member, commands)),
    version,
    details: detailsOf(about, hardState),
  }
}

export function groupView(member: Member, pending: number): GroupView {
  const by = member.removal?.by ?? null
  const byName = by === null ? null : (member.machine.state.members.get(by)?.name ?? null)
  return {
    members: member.roster.members(),
    leaderId: member.leaderId,
    pending,
    trouble: member.trouble?.message ?? null,
    removed: member.isRemoved ? { by: byName } : null,
  }
}

function roleOf(member: Member): DeviceRole {
  if (member.isRemoved) return 'removed'
  const self = BigInt(member.selfId)
  const { voters, votersOutgoing } = member.replica.confState
  if (!voters.includes(self) && !votersOutgoing.includes(self)) return 'learner'
  switch (member.replica.basicStatus()?.softState.raftState) {
    case 'StateLeader':
      return 'leader'
    case 'StateCandidate':
      return 'candidate'
    case 'StatePreCandidate':
      return 'precandidate'
    default:
      return 'follower'
  }
}

/** Everybody who is or was in the group, by id. */
export function memberStatuses(member: Member): readonly MemberStatus[] {
  const { roster, ladder, network, selfId, leaderId } = member
  const learners = new Set(member.replica.confState.learners.map(String))
  return sortedMembers(member.machine.state.members).map((record) => {
    const { id, name, removedAt } = record
    const isSelf = id === selfId
    const matchIndex = ladder.row(id)?.match ?? (isSelf ? member.machine.index : null)
    const met = network.addressesOf(id)
    return {
      id,
      name,
      role: learners.has(id) ? 'learner' : 'voter',
      online: removedAt === null ? roster.isOnline(id) : null,
      matchIndex: removedAt === null ? matchIndex : null,
      holds: removedAt === null ? holdsOf(member, isSelf, matchIndex) : null,
      isLeader: id === leaderId,
      isSelf,
      removed: removedAt !== null,
      addresses: met.length > 0 ? met : record.addresses,
      lastSeen: network.lastSeen(id),
    }
  })
}

function holdsOf(member: Member, isSelf: boolean, matchIndex: number | null): number | null {
  if (isSelf) return member.byIndex.total
  return matchIndex === null ? null : member.byIndex.heldAt(matchIndex)
}

function detailsOf(
  { member, version, peerAddress, dataDir }: StatusAbout,
  { term, commit }: { readonly term: number; readonly commit: number },
): Status['details'] {
  const { identity, machine, replica } = member
  const log = member.logExtent
  const { voters, learners } = replica.confState
  const details: readonly [string, string][] = [
    ['Version', version],
    ['Device id', identity.nodeId],
    ['Group id', identity.clusterId],
    ['Start', String(identity.bootCounter)],
    ['Leader', member.leaderId ?? 'none'],
    ['Term', String(term)],
    ['Committed', String(commit)],
    ['Applied', String(machine.index)],
    ['Log', `${log.first} to ${log.last}`],
    ['Voters', voters.join(', ')],
    ['Learners', learners.join(', ') || 'none'],
    ['Peer address', peerAddress],
    ['Data directory', dataDir],
    ['State hash', digestHex(machine.state.digest)],
    ['Notices', member.notices.join(' ') || 'none'],
  ]
  return details.map(([label, value]) => ({ label, value }))
}
