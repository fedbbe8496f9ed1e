import { z } from 'zod'
import { type DeviceId, isDeviceId } from '../../src-shared/base/ids.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { encodeMemberContext, isDeviceName } from '../../src-shared/members/context.ts'
import {
  addressesMax,
  addressLengthMax,
  type MemberEntry,
} from '../../src-shared/members/member.ts'
import type { AskRefused } from '../net/network.ts'
import type { ConfChangeType, ConfChangeV2 } from '../raft/entry.ts'
import type { Refused } from './device-api.ts'
import { type GroupRoles, nextRoleChange } from './roles.ts'
import type { Watch } from './watch.ts'
import { type MemberView, refusalToRemove } from './words.ts'

/** What changing the group needs of the member that leads it. */
export interface GroupChangesPorts {
  readonly selfId: DeviceId
  /** Null: none is known now. */
  leaderId(): DeviceId | null
  /** Present members with their roles, as the last applied configuration has them. */
  members(): readonly MemberView[]
  record(id: DeviceId): MemberEntry | undefined
  /** Only while this member leads. */
  roles(): GroupRoles | null
  /** Resolves ok once a majority has confirmed that this member leads, and all it committed is applied. */
  read(ticksMax: number): Promise<Outcome<unknown, unknown>>
  propose(change: ConfChangeV2): Promise<Outcome<unknown, { readonly kind: string }>>
  transferTo(id: DeviceId): void
  /** Poked when the leader, the configuration or the table of members changed. */
  readonly watch: Watch
}

/** How long a majority may take to confirm that a change can commit, in ticks. */
export const confirmTicks = 20
/** From the proposal of a change to its being applied. */
export const changeMs = 5_000
export const transferMs = 3_000
/** Devices in one group: messages, tables and quorums are all made for a household, not for a data centre. */
export const membersMax = 31

const newcomerShape = z.strictObject({
  id: z.string().refine(isDeviceId),
  name: z.string().refine(isDeviceName),
  addresses: z.array(z.string().max(addressLengthMax)).max(addressesMax),
  pin: z.string(),
})
const nobodyShape = z.null()
const memberShape = z.strictObject({ id: z.string().refine(isDeviceId) })

export type NewMember = z.infer<typeof newcomerShape>

export type Answer = Outcome<unknown, AskRefused>

/**
 * Changes of the group, on its leader. Nobody else proposes one, so that what is checked before a change is checked where
 * it is known. One change at a time (thesis §4.1).
 */
export class GroupChanges {
  readonly #ports: GroupChangesPorts
  #changing: Promise<unknown> = Promise.resolve()
  #busy = false

  constructor(ports: GroupChangesPorts) {
    this.#ports = ports
  }

  /** A question of another member, or our own. */
  async answer(from: DeviceId, name: string, body: unknown): Promise<Answer> {
    if (this.#ports.leaderId() !== this.#ports.selfId) return fail(notLeader)
    switch (name) {
      case 'group/can-change':
        return nobodyShape.safeParse(body).success ? this.#confirm() : fail(malformed)
      case 'group/add': {
        const asked = newcomerShape.safeParse(body)
        return asked.success ? this.#add(asked.data, from) : fail(malformed)
      }
      case 'group/remove': {
        const asked = memberShape.safeParse(body)
        return asked.success ? this.#remove(asked.data.id, from) : fail(malformed)
      }
      case 'group/lead': {
        const asked = memberShape.safeParse(body)
        if (!asked.success) return fail(malformed)
        this.#ports.transferTo(asked.data.id)
        return ok(null)
      }
      default:
        return fail({ kind: 'unknown-ask', message: `This device does not know ${name}.` })
    }
  }

  /** Promotes or demotes where the roles are not as they should be. Called now and then; does nothing while a change is under way. */
  settleRoles(): void {
    const roles = this.#ports.roles()
    if (roles === null || this.#busy) return
    const change = nextRoleChange(roles)
    if (change === null) return
    const type = change.kind === 'promote' ? 'ConfChangeAddNode' : 'ConfChangeAddLearnerNode'
    const wanted = change.kind === 'promote' ? 'voter' : 'learner'
    void this.#oneAtATime(() =>
      this.#change({ type, id: change.id, member: null, by: this.#ports.selfId }, () =>
        this.#ports.members().some(({ id, role }) => id === change.id && role === wanted),
      ),
    )
  }

  #add(member: NewMember, by: DeviceId): Promise<Answer> {
    return this.#oneAtATime(async () => {
      if (this.#isMember(member.id)) return ok(null)
      if (this.#ports.record(member.id) !== undefined) {
        return fail(refusal('removed', 'This device was removed; it has to join under a new id.'))
      }
      if (this.#ports.members().length >= membersMax) {
        return fail(refusal('not-now', `A group has at most ${membersMax} devices.`))
      }
      const confirmed = await this.#confirm()
      if (!confirmed.ok) return confirmed
      const type = 'ConfChangeAddLearnerNode'
      return this.#change({ type, id: member.id, member, by }, () => this.#isMember(member.id))
    })
  }

  #remove(id: DeviceId, by: DeviceId): Promise<Answer> {
    return this.#oneAtATime(async () => {
      const { selfId } = this.#ports
      const members = this.#ports.members()
      const target = members.find((member) => member.id === id)
      if (target === undefined) return ok(null)
      const why = refusalToRemove({ members, leaderId: selfId }, target)
      if (why !== null) return fail(refusal('not-now', why))
      if (members.length === 1) return fail(refusal('not-now', 'This is the only device.'))
      if (id === selfId) return this.#handOver()
      const type = 'ConfChangeRemoveNode'
      return this.#change({ type, id, member: null, by }, () => !this.#isMember(id))
    })
  }

  /** A leader that goes hands over first, so that nobody has to wait for an election; the new leader removes it. */
  async #handOver(): Promise<Answer> {
    const roles = this.#ports.roles()
    const best = roles?.members
      .filter((each) => each.role === 'voter' && each.active && each.id !== this.#ports.selfId)
      .sort((a, b) => b.match - a.match)[0]
    if (best === undefined) return fail(refusal('not-now', 'No other device could lead now.'))
    this.#ports.transferTo(best.id)
    const moved = () => this.#ports.leaderId() === best.id
    const left = await this.#ports.watch.until(moved, transferMs)
    return fail(left ? notLeader : refusal('not-now', 'No other device took over in time.'))
  }

  /** A majority answers us now: what we propose can commit. */
  async #confirm(): Promise<Answer> {
    const read = await this.#ports.read(confirmTicks)
    if (read.ok) return ok(null)
    return fail(refusal('not-now', 'Too few devices are awake to agree on a change.'))
  }

  async #change(
    wanted: { type: ConfChangeType; id: DeviceId; member: NewMember | null; by: DeviceId },
    isDone: () => boolean,
  ): Promise<Answer> {
    const { type, id, member, by } = wanted
    // Not by way of another leader: it has not checked what we have.
    if (this.#ports.leaderId() !== this.#ports.selfId) return fail(notLeader)
    const { name = null, addresses = null, pin = null } = member ?? {}
    const proposed = await this.#ports.propose({
      kind: 'v2',
      transition: 'ConfChangeTransitionAuto',
      changes: [{ type, nodeId: BigInt(id) }],
      context: encodeMemberContext({ id, name, addresses, pin, by }),
    })
    if (!proposed.ok) return fail(notLeader)
    if (await this.#ports.watch.until(isDone, changeMs)) return ok(null)
    return fail(refusal('not-now', 'The devices did not agree on the change in time.'))
  }

  async #oneAtATime(change: () => Promise<Answer>): Promise<Answer> {
    const before = this.#changing
    const turn = before.then(async () => {
      this.#busy = true
      try {
        return await change()
      } finally {
        this.#busy = false
      }
    })
    this.#changing = turn
    return turn
  }

  #isMember(id: DeviceId): boolean {
    return this.#ports.members().some((member) => member.id === id)
  }
}

export const notLeader: AskRefused = { kind: 'not-leader', message: 'This device does not lead.' }
const malformed: AskRefused = {
  kind: 'malformed',
  message: 'This is not the shape of such an ask.',
}

function refusal(kind: Refused['kind'], message: string): AskRefused {
  return { kind, message }
}
