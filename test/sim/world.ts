/**
 * A group of members in one process, in virtual time: what happens to whom is drawn from the seed. The stories of
 * scenarios/ drive the same world by hand.
 */
import type { Message } from '../../src-main/raft/message.ts'
import { InvariantBroken } from '../../src-shared/base/assert.ts'
import { luck } from '../support/lying-disk.ts'
import { seededRandom } from '../support/seeded-random.ts'
import type { Life } from './agenda.ts'
import { leaderAppendsOnly } from './checkers/append-only.ts'
import { committedStays } from './checkers/committed.ts'
import { logsMatch } from './checkers/log-matching.ts'
import { takesEffectOnce } from './checkers/once.ts'
import { oneChangeAtATime } from './checkers/one-change.ts'
import { oneLeader } from './checkers/one-leader.ts'
import { promisesAreKept } from './checkers/promises.ts'
import { committedIsDurable } from './checkers/quorum.ts'
import { nothingDurableIsLost } from './checkers/recovery.ts'
import { statesAgree } from './checkers/state.ts'
import type { Checker } from './checkers/witness.ts'
import { Dice } from './editing/dice.ts'
import { History } from './history.ts'
import { Member } from './member.ts'
import { Network } from './network.ts'
import { openFiles, type Process, startProcess } from './process.ts'
import type { Profile } from './profile.ts'
import { Schedule } from './schedule.ts'
import { slowness } from './slow-disk.ts'
import { virtualClock } from './virtual-clock.ts'

export interface WorldOptions {
  readonly seed: number
  readonly profile: Profile
  /** Lines of the story, for whoever reads it. */
  readonly tell?: (line: string) => void
}

const usPerMs = 1_000

export class World {
  readonly seed: number
  readonly profile: Profile
  readonly dice: Dice
  readonly schedule = new Schedule()
  readonly network: Network
  readonly members = new Map<number, Member>()
  readonly history = new History()
  readonly violations: string[] = []
  readonly #checkers: readonly Checker[]
  readonly #once: ReturnType<typeof takesEffectOnce>
  readonly #tell: (line: string) => void
  readonly #random: ReturnType<typeof seededRandom>
  #boots = 0
  crashes = 0
  partitions = 0
  isTroubled = true
  /** Who is being removed in this run, if anybody is. */
  removing: number | null = null

  constructor({ seed, profile, tell = () => undefined }: WorldOptions) {
    this.seed = seed
    this.profile = profile
    this.dice = new Dice(seed)
    this.#random = seededRandom(seed)
    this.#tell = tell
    const accuse = (rule: string, what: string): void => this.accuse(rule, what)
    this.#once = takesEffectOnce(accuse)
    this.#checkers = [
      oneLeader(accuse),
      leaderAppendsOnly(accuse),
      logsMatch(accuse),
      committedStays(accuse),
      committedIsDurable(accuse, () => this.members),
      promisesAreKept(accuse),
      nothingDurableIsLost(accuse),
      statesAgree(accuse),
      oneChangeAtATime(accuse),
    ]
    this.network = new Network({
      schedule: this.schedule,
      dice: this.dice,
      profile,
      station: (id) => this.#station(id),
      sent: (from, message) => this.#sent(from, message),
      isTroubled: () => this.isTroubled,
    })
    for (let id = 1; id <= profile.founders + profile.newcomers; id++) {
      const isFounder = id <= profile.founders
      const { sectorBytes } = profile
      this.members.set(id, new Member(id, { sectorBytes, isFounder, checkers: this.#checkers }))
    }
  }

  get all(): readonly Member[] {
    return [...this.members.values()]
  }

  get running(): readonly Member[] {
    return this.all.filter(({ process }) => process !== null)
  }

  member(id: number): Member {
    const member = this.members.get(id)
    if (member === undefined) throw new Error(`there is no member ${id}`)
    return member
  }

  /** Who leads in the highest term, if anybody does. */
  leader(): Member | undefined {
    const leaders = this.running.filter(({ isLeader }) => isLeader)
    return leaders.sort((a, b) => b.term - a.term)[0]
  }

  accuse(rule: string, what: string): void {
    this.violations.push(`${rule}: ${what}`)
    this.tell(`VIOLATION ${rule}: ${what}`)
  }

  tell(line: string): void {
    this.schedule.note(line)
    this.#tell(`${(this.schedule.now / 1_000_000).toFixed(6)} ${line}`)
  }

  // ---- processes ---------------------------------------------------------------------------------------------------

  start(member: Member): void {
    if (member.standing === 'gone' || member.life?.isAlive === true) return
    const life: Life = { id: member.id, isAlive: true, pausedUntil: 0 }
    member.life = life
    member.standing = 'up'
    const { schedule, dice, profile } = this
    member.disk.fault = slowness({
      schedule,
      dice,
      profile,
      life,
      isTroubled: () => this.isTroubled,
      crash: () => this.crash(member),
    })
    this.tell(`${member.id} starts`)
    this.#boot(member, life).catch((error: unknown) => this.#halted(member, life, error))
  }

  async #boot(member: Member, life: Life): Promise<void> {
    const { profile, network } = this
    const drift = profile.tickDriftPercent
    const options = {
      member,
      life,
      clock: virtualClock(this.schedule, life, this.dice.below(2 * drift + 1) - drift),
      random: seededRandom(this.dice.below(2 ** 31)),
      profile,
      network,
      founders: member.isFounder
        ? this.all.filter((each) => each.isFounder).map(({ id }) => id)
        : [],
      bootCounter: ++this.#boots,
      halted: (error: unknown) => this.#halted(member, life, error),
      removed: (id: number) => this.#removed(id),
      applied: this.#once,
    }
    const files = await openFiles(options)
    if (files.ok) {
      await startProcess(options, files.value)
      return
    }
    this.tell(`${member.id} refuses to start: ${files.error}`)
    if (files.error.startsWith('disk:') || files.error.includes('unreadable')) {
      if (profile.brokenVerb > 0 || profile.fullEveryMs > 0) return this.crash(member)
    }
    if (!member.isRotten) return this.accuse('a sound disk opens', `${member.id}: ${files.error}`)
    this.end(member)
    member.standing = 'refused'
  }

  /** The power goes; what was not synced may be lost. It starts again after a while, unless it is to stay down. */
  crash(member: Member, restartMs = 1 + this.dice.below(this.profile.restartMsMax)): void {
    if (member.life?.isAlive !== true) return
    this.tell(`${member.id} crashes`)
    this.end(member)
    this.crashes++
    member.standing = 'down'
    if (this.isTroubled && this.dice.chance(this.profile.rotPercent)) this.#rot(member)
    if (restartMs < Number.POSITIVE_INFINITY) {
      const start = (): void => this.start(member)
      this.schedule.after(restartMs * usPerMs, 'restart', null, start)
    }
  }

  /** The process is no more. */
  end(member: Member): void {
    const { life } = member
    if (life === null) return
    life.isAlive = false
    member.process = null
    member.isLeader = false
    this.network.died(life)
    const { capacity } = member.disk
    member.disk = member.disk.crash(luck(this.#random))
    member.disk.capacity = capacity
  }

  pause(member: Member, ms: number): void {
    if (member.life?.isAlive !== true) return
    this.tell(`${member.id} pauses for ${ms} ms`)
    member.life.pausedUntil = this.schedule.now + ms * usPerMs
  }

  #rot(member: Member): void {
    // The end of the log that no mark speaks of yet cannot be told from a write that the crash cut off.
    const newest = [...member.disk.files().keys()]
      .filter((name) => /^wal\/\d/.test(name))
      .sort()
      .at(-1)
    const files = [...member.disk.files()].filter(
      ([name, content]) => content.length > 0 && name !== newest,
    )
    if (files.length === 0) return
    const [name, content] = this.dice.pick(files)
    const rotten = Buffer.from(content)
    const at = this.dice.below(rotten.length)
    rotten[at] = (rotten[at] ?? 0) ^ (1 << this.dice.below(8))
    member.disk.tamper(name, rotten)
    member.isRotten = true
    this.tell(`${member.id} rots: ${name} at ${at}`)
  }

  #halted(member: Member, life: Life, error: unknown): void {
    if (!life.isAlive) return
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    this.tell(`${member.id} halts: ${text}`)
    const mayFail = this.profile.brokenVerb > 0 || this.profile.fullEveryMs > 0
    if (error instanceof InvariantBroken || !(mayFail || member.isRotten)) {
      this.accuse('nobody halts without a reason', `${member.id}: ${text}`)
      return
    }
    this.schedule.after(1, 'halted', life, () => this.crash(member))
  }

  #removed(id: number): void {
    const member = this.members.get(id)
    if (member === undefined || member.standing === 'gone') return
    this.schedule.after(this.dice.below(3_000_000), 'leaves', null, () => {
      this.tell(`${id} is gone`)
      this.end(member)
      member.standing = 'gone'
    })
  }

  #station(id: number): Process | null {
    const process = this.members.get(id)?.process ?? null
    return process?.isOpen === true ? process : null
  }

  #sent(from: number, message: Message): void {
    const member = this.member(from)
    for (const checker of this.#checkers) checker.sent?.(member, message)
    this.tell(`${from} -> ${message.to} ${describe(message)}`)
  }

  // ---- time --------------------------------------------------------------------------------------------------------

  async step(): Promise<boolean> {
    try {
      return (await this.schedule.step()) && this.violations.length === 0
    } catch (error) {
      this.accuse('nothing throws', error instanceof Error ? (error.stack ?? '') : String(error))
      return false
    }
  }

  /** Lets so many milliseconds pass. */
  async run(ms: number): Promise<void> {
    const end = this.schedule.now + ms * usPerMs
    while (this.schedule.now < end && (await this.step()));
  }

  /** True as soon as it holds, false after so many milliseconds. */
  async until(holds: () => boolean, ms: number): Promise<boolean> {
    const end = this.schedule.now + ms * usPerMs
    while (!holds()) if (this.schedule.now >= end || !(await this.step())) return holds()
    return true
  }

  process(id: number): Process {
    const { process } = this.member(id)
    if (process === null) throw new Error(`member ${id} does not run`)
    return process
  }
}

function describe(message: Message): string {
  const { type, term, index, logTerm, entries, commit, reject } = message
  return `${type} term ${term} at ${logTerm}/${index} +${entries.length} commit ${commit}${reject ? ' reject' : ''}`
}
