import { z } from 'zod'
import { type DeviceId, isDeviceId } from '../../src-shared/base/ids.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { encodeMemberContext, isDeviceName } from '../../src-shared/members/context.ts'
import {
  addressesMax,
  addressLengthMax,
  type MemberEntry,
} from '../../src-shared/members/member.ts'
import { encodeCommand } from '../../src-shared/notes/command-codec.ts'
import type { AskFailed, AskRefused } from '../net/network.ts'
import type { ConfChangeType, ConfChangeV2 } from '../raft/entry.ts'
import type { Refused } from './device-api.ts'
import { type GroupRoles, nextRoleChange } from './roles.ts'
import type { Watch } from './watch.ts'
import { type MemberView, refusalToRemove } from './words.ts'

/** What changing the group needs of a member. */
export interface GroupPorts {
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
  /** Hands an entry to the leader; its fate shows when it is applied. */
  proposeEntry(entry: Uint8Array): Outcome<unknown, unknown>
  transferTo(id: DeviceId): void
  /** This member was told that it is removed. */
  isRemoved(): boolean
  wall(): string
  ask(to: DeviceId, name: string, body: unknown, ms: number): Promise<Outcome<unknown, AskFailed>>
  /** Poked when the leader, the configuration or the table of members changed. */
  readonly watch: Watch
}

/** How long a majority may take to confirm that a change can commit, in ticks. */
export const confirmTicks = 20
/** From the proposal of a change to its being applied. */
export const changeMs = 5_000
/** A whole ask, with a change of leader in between. */
export const askMs = 12_000
export const transferMs = 3_000
/** A member that left and got no answer waits so long for the news. */
export const removedMs = 1_000
/** A rename is proposed so often, and waited for so long each time. */
export const renameTries = 4
export const renameMs = 2_000
/** Devices in one group: messages, tables and quorums are all made for a household, not for a data centre. */
export const membersMax = 31

const newcomerShape = z.strictObject({
  id: z.string().refine(isDeviceId),
  name: z.string().refine(isDeviceName),
  addresses: z.array(z.string().max(addressLengthMax)).max(addressesMax),
  pin: z.string().nullable(),
})
const nobodyShape = z.null()
const memberShape = z.strictObject({ id: z.string().refine(isDeviceId) })

export type NewMember = z.infer<typeof newcomerShape>

type Answer = Outcome<unknown, AskRefused>

/**
 * Changes of the group. Whoever wants one asks the leader; nobody else proposes one, so that what is checked before a
 * change is checked where it is known. One change at a time (thesis §4.1).
 */
export class Group {
  readonly #ports: GroupPorts
  #changing: Promise<unknown> = Promise.resolve()
  #busy = false

  constructor(ports: GroupPorts) {
    this.#ports = ports
  }

  // ---- asking, on any member ---------------------------------------------------------------------------------------

  /** Whether a change could commit now. Nothing is spent by asking. */
  async canChange(): Promise<Outcome<null, Refused>> {
    const answered = await this.#askLeader('group/can-change', null)
    return answered.ok ? ok(null) : answered
  }

  /** Resolves once it is a member by committed change, applied on this device too. */
  async add(member: NewMember): Promise<Outcome<null, Refused>> {
    const asked = await this.#askLeader('group/add', member)
    const isIn = () => this.#isMember(member.id)
    // A lost answer says nothing about the change: only the log does.
    const seen = await this.#ports.watch.until(isIn, asked.ok ? changeMs : 0)
    if (seen) return ok(null)
    return asked.ok ? fail(unavailable('The change was made, but is not here yet.')) : asked
  }

  async remove(id: DeviceId): Promise<Outcome<null, Refused>> {
    if (!this.#isMember(id)) return fail(unknownDevice)
    const asked = await this.#askLeader('group/remove', { id })
    if (id === this.#ports.selfId) {
      // The answer may be lost with the link that the removal cuts; then the removal itself is what we hear.
      const { watch, isRemoved } = this.#ports
      return asked.ok || (await watch.until(isRemoved, removedMs)) ? ok(null) : asked
    }
    const seen = await this.#ports.watch.until(() => !this.#isMember(id), asked.ok ? changeMs : 0)
    if (seen) return ok(null)
    return asked.ok ? fail(unavailable('The change was made, but is not here yet.')) : asked
  }

  async lead(id: DeviceId): Promise<Outcome<null, Refused>> {
    const target = this.#ports.members().find((member) => member.id === id)
    if (target === undefined) return fail(unknownDevice)
    if (this.#ports.leaderId() === id) return ok(null)
    if (target.role !== 'voter') {
      return fail(notNow(`${target.name} is still catching up, and cannot lead yet.`))
    }
    if (target.online === false) return fail(notNow(`${target.name} is asleep, and cannot lead.`))
    const asked = await this.#askLeader('group/lead', { id })
    if (!asked.ok) return asked
    const led = await this.#ports.watch.until(() => this.#ports.leaderId() === id, transferMs)
    return led ? ok(null) : fail(notNow(`${target.name} did not take over in time.`))
  }

  /** A name is a command like any other: proposed by whoever wants it, and again until it shows. */
  async rename(id: DeviceId, name: string): Promise<Outcome<null, Refused>> {
    const { watch, record, proposeEntry, selfId, wall } = this.#ports
    for (let tries = 0; tries < renameTries; tries++) {
      const known = record(id)
      if (known === undefined || known.removedAt !== null) return fail(unknownDevice)
      if (known.name === name) return ok(null)
      const base = known.changedAt
      const command = { kind: 'device.rename', id, name, base, client: selfId, at: wall() } as const
      const entries = encodeCommand(command)
      if (!entries.ok) return fail({ kind: 'malformed', message: 'The name is too long.' })
      if (!(await watch.until(() => this.#ports.leaderId() !== null, transferMs))) break
      proposeEntry(entries.value[0])
      await watch.until(() => record(id)?.changedAt !== base, renameMs)
    }
    return fail(notNow('Too few devices are awake to agree on the name.'))
  }

  // ---- answering, on the leader ------------------------------------------------------------------------------------

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

  // ---- finding the leader ------------------------------------------------------------------------------------------

  /** Asks whoever leads, again after a change of leader, until `askMs` are over. */
  async #askLeader(name: string, body: unknown): Promise<Outcome<unknown, Refused>> {
    const { watch, selfId } = this.#ports
    let last: DeviceId | null = null
    for (let tries = 0; tries < leadersTried; tries++) {
      const isNew = () => this.#ports.leaderId() !== null && this.#ports.leaderId() !== last
      if (!(await watch.until(isNew, transferMs))) break
      const leader = this.#ports.leaderId()
      if (leader === null) continue
      last = leader
      const answer =
        leader === selfId
          ? await this.answer(selfId, name, body)
          : await this.#askOther(leader, name, body)
      if (answer.ok) return answer
      if (answer.error.kind !== notLeader.kind) return fail(asRefused(answer.error))
    }
    return fail(notNow('No device leads at the moment, so the devices cannot agree on this now.'))
  }

  async #askOther(leader: DeviceId, name: string, body: unknown): Promise<Answer> {
    const answer = await this.#ports.ask(leader, name, body, askMs)
    if (answer.ok) return answer
    if (answer.error.kind === 'refused') return fail(answer.error.refusal)
    return fail(answer.error.kind === 'timed-out' ? silent : notLeader)
  }

  #isMember(id: DeviceId): boolean {
    return this.#ports.members().some((member) => member.id === id)
  }
}

/** Changes of leader that one ask survives. */
const leadersTried = 4

const notLeader: AskRefused = { kind: 'not-leader', message: 'This device does not lead.' }
const malformed: AskRefused = {
  kind: 'malformed',
  message: 'This is not the shape of such an ask.',
}
const silent: AskRefused = { kind: 'unavailable', message: 'The leading device did not answer.' }
const unknownDevice: Refused = { kind: 'unknown-device', message: 'There is no such device here.' }

function refusal(kind: Refused['kind'], message: string): AskRefused {
  return { kind, message }
}

function notNow(message: string): Refused {
  return { kind: 'not-now', message }
}

function unavailable(message: string): Refused {
  return { kind: 'unavailable', message }
}

/** Another version of the app may refuse in words that we do not know. */
function asRefused({ kind, message }: AskRefused): Refused {
  if (kind === 'removed' || kind === 'unavailable') return { kind, message }
  return { kind: 'not-now', message }
}
