import type { DeviceId } from '../../src-shared/base/ids.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { MemberEntry } from '../../src-shared/members/member.ts'
import { encodeCommand } from '../../src-shared/notes/command-codec.ts'
import type { AskFailed, AskRefused } from '../net/network.ts'
import type { Refused } from './device-api.ts'
import { type Answer, changeMs, type NewMember, notLeader, transferMs } from './group-changes.ts'
import type { Watch } from './watch.ts'
import type { MemberView } from './words.ts'

/** What asking for a change needs of a member. */
export interface GroupPorts {
  readonly selfId: DeviceId
  /** Null: none is known now. */
  leaderId(): DeviceId | null
  members(): readonly MemberView[]
  record(id: DeviceId): MemberEntry | undefined
  /** Answers as the leader that we are. */
  answerHere(name: string, body: unknown): Promise<Answer>
  ask(to: DeviceId, name: string, body: unknown, ms: number): Promise<Outcome<unknown, AskFailed>>
  /** Hands an entry to the leader; its fate shows when it is applied. */
  proposeEntry(entry: Uint8Array): Outcome<unknown, unknown>
  /** This member was told that it is removed. */
  isRemoved(): boolean
  wall(): string
  /** Poked when the leader, the configuration or the table of members changed. */
  readonly watch: Watch
}

/** A whole ask, with a change of leader in between. */
export const askMs = 12_000
/** A member that left and got no answer waits so long for the news. */
export const removedMs = 1_000
/** A rename is proposed so often, and waited for so long each time. */
export const renameTries = 4
export const renameMs = 2_000
/** Changes of leader that one ask survives. */
const leadersTried = 4

/** What a member asks of its group. Changes are asked of the leader, and of the next one where that has changed. */
export class Group {
  readonly #ports: GroupPorts

  constructor(ports: GroupPorts) {
    this.#ports = ports
  }

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
          ? await this.#ports.answerHere(name, body)
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

const silent: AskRefused = { kind: 'unavailable', message: 'The leading device did not answer.' }
const unknownDevice: Refused = { kind: 'unknown-device', message: 'There is no such device here.' }

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
