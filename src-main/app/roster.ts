import type { DeviceId } from '../../src-shared/base/ids.ts'
import type { MemberRecord, MemberTable } from '../../src-shared/members/member.ts'
import { currentMembers, mergeTables, sortedMembers } from '../../src-shared/members/table.ts'
import type { StatusRow } from '../net/network.ts'
import type { ConfState, NodeId } from '../raft/entry.ts'
import type { Status } from '../raft/raw-node.ts'
import type { GroupRoles } from './roles.ts'
import type { MemberView } from './words.ts'

export interface RosterPorts {
  readonly selfId: DeviceId
  /** As the log has it, up to this index. */
  table(): MemberTable
  index(): number
  confState(): ConfState
  /** Who invited us: known before the log is. */
  readonly seeds: readonly MemberRecord[]
  /** There is a link to it that answers. */
  isLinked(id: DeviceId): boolean
  /** What the leader says of it now. */
  row(id: DeviceId): StatusRow | null
  holdsAll(id: DeviceId): boolean
}

/** Who is in the group: by the log, and, until the log reaches it, by what other members told. */
export class Roster {
  readonly #ports: RosterPorts
  /** Told by members in their hellos, and by whoever invited us. */
  #told: readonly MemberRecord[]

  constructor(ports: RosterPorts) {
    this.#ports = ports
    this.#told = ports.seeds
  }

  /** Takes in another member's table. True when it says something that is news. */
  learn(members: readonly MemberRecord[]): boolean {
    const before = this.addressBook()
    const one = { members: this.#told, index: newestIn(this.#told) }
    this.#told = mergeTables(one, { members, index: newestIn(members) })
    return JSON.stringify(this.addressBook()) !== JSON.stringify(before)
  }

  /** Everybody, the removed and ourselves included: the network's truth. */
  addressBook(): readonly MemberRecord[] {
    const members = sortedMembers(this.#ports.table())
    if (this.#told.length === 0) return members
    // The log's word counts for whom it knows; what was told adds newcomers, and tombstones.
    return mergeTables({ members: this.#told, index: -1 }, { members, index: this.#ports.index() })
  }

  memberIds(): readonly DeviceId[] {
    return currentMembers(this.#ports.table()).map(({ id }) => id)
  }

  /** Present members by id, as the log has them. */
  members(): readonly MemberView[] {
    const { selfId, confState } = this.#ports
    const learners = new Set(confState().learners.map(String))
    return currentMembers(this.#ports.table()).map(({ id, name }) => {
      const role = learners.has(id) ? 'learner' : 'voter'
      const isSelf = id === selfId
      const holdsAll = this.#isKnown(id) ? this.#ports.holdsAll(id) : null
      return { id, name, role, isSelf, online: this.isOnline(id), holdsAll }
    })
  }

  /** Null: nobody who knows has been heard. */
  isOnline(id: DeviceId): boolean | null {
    const { selfId, isLinked, row } = this.#ports
    if (id === selfId || isLinked(id)) return true
    return row(id)?.online ?? null
  }

  isSelfRemoved(): boolean {
    const record = this.#ports.table().get(this.#ports.selfId)
    return record !== undefined && record.removedAt !== null
  }

  /** What the leader knows of everybody, for deciding who votes. */
  roles({ basic, progress, configuration }: Status): GroupRoles | null {
    if (progress.size === 0 || configuration.voters.outgoing.length > 0) return null
    const table = this.#ports.table()
    const members = [...progress].map(([nodeId, { match, isLearner, recentActive }]) => {
      const id = String(nodeId)
      const isSelf = id === this.#ports.selfId
      const isHere = recentActive && this.#ports.isLinked(id)
      const addedAt = table.get(id)?.addedAt ?? Number.POSITIVE_INFINITY
      const role: 'learner' | 'voter' = isLearner ? 'learner' : 'voter'
      return { id, role, match, active: isSelf || isHere, addedAt }
    })
    return { leaderId: this.#ports.selfId, commit: basic.hardState.commit, members }
  }

  /** Who could lead best when we stop; null: nobody. */
  successor({ progress }: Status): NodeId | null {
    let best: { id: NodeId; match: number } | null = null
    for (const [id, { match, isLearner, recentActive }] of progress) {
      if (isLearner || !recentActive || !this.#ports.isLinked(String(id))) continue
      if (best === null || match > best.match) best = { id, match }
    }
    return best?.id ?? null
  }

  #isKnown(id: DeviceId): boolean {
    return id === this.#ports.selfId || this.#ports.row(id) !== null
  }
}

/** How far in the log a table was when it said this, at least. */
function newestIn(members: readonly MemberRecord[]): number {
  return Math.max(0, ...members.map(({ addedAt, removedAt }) => Math.max(addedAt, removedAt ?? 0)))
}
