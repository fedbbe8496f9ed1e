import type { Config } from '../../src-main/raft/config.ts'
import type { ConfState, NodeId } from '../../src-main/raft/entry.ts'
import type { Message } from '../../src-main/raft/message.ts'
import { votersAlone } from './entries.ts'
import { Member, type MemberOptions } from './member.ts'

export interface GroupOptions {
  /** By default the voters 1, 2 and 3. */
  readonly confState?: ConfState
  readonly config?: Partial<Config>
  /** What differs for single members. */
  readonly members?: ReadonlyMap<NodeId, MemberOptions>
}

/** A quiet group needs a handful; messages that answer each other would go round for good. */
const settlingRoundsMax = 1000

/**
 * Several members and a network between them, in which nothing moves by itself and anything may be
 * lost.
 */
export class Group {
  readonly #members = new Map<NodeId, Member>()
  readonly #cut = new Set<string>()
  /** Everything that was ever sent, lost or not. */
  readonly sent: Message[] = []
  #queue: Message[] = []
  /** True for what the network loses. */
  loses: (message: Message) => boolean = () => false

  constructor({ confState = votersAlone(1n, 2n, 3n), config, members }: GroupOptions = {}) {
    for (const id of [...confState.voters, ...confState.learners]) {
      const own = members?.get(id)
      this.add(new Member({ confState, ...own, id, config: { ...config, ...own?.config } }))
    }
  }

  add(member: Member): Member {
    this.#members.set(member.id, member)
    return member
  }

  member(id: NodeId): Member {
    const member = this.#members.get(id)
    if (member === undefined) throw new Error(`there is no member ${id}`)
    return member
  }

  get members(): readonly Member[] {
    return [...this.#members.values()]
  }

  get leaders(): readonly NodeId[] {
    return this.members.filter(({ role }) => role === 'leader').map(({ id }) => id)
  }

  /** Nothing passes between these two any more, in either direction. */
  cut(one: NodeId, other: NodeId): void {
    this.#cut.add(`${one} ${other}`).add(`${other} ${one}`)
  }

  isolate(id: NodeId): void {
    for (const other of this.#members.keys()) if (other !== id) this.cut(id, other)
  }

  heal(): void {
    this.#cut.clear()
    this.loses = () => false
  }

  /** Puts messages on their way. */
  send(messages: readonly Message[]): void {
    this.sent.push(...messages)
    this.#queue.push(...messages.filter((each) => this.#passes(each)))
  }

  /** Takes what is on its way off the network. */
  intercept(): readonly Message[] {
    const taken = this.#queue
    this.#queue = []
    return taken
  }

  /** Everybody works and hears until nobody has anything left to say. */
  settle(): void {
    for (let round = 0; round < settlingRoundsMax; round++) {
      for (const member of this.members) this.send(member.work())
      const messages = this.intercept()
      if (messages.length === 0) return
      for (const each of messages) this.#members.get(each.to)?.step(each)
    }
    throw new Error('the members go on talking without end')
  }

  tick(id: NodeId, times = 1): void {
    for (let tick = 0; tick < times; tick++) {
      this.member(id).node.tick()
      this.settle()
    }
  }

  /** Everybody's clocks go on together. */
  tickAll(times = 1): void {
    for (let tick = 0; tick < times; tick++) {
      for (const { node } of this.members) node.tick()
      this.settle()
    }
  }

  elect(id: NodeId): Member {
    const member = this.member(id)
    member.node.campaign()
    this.settle()
    return member
  }

  propose(id: NodeId, text: string): void {
    this.member(id).node.propose(new TextEncoder().encode(text))
    this.settle()
  }

  #passes(message: Message): boolean {
    return !this.#cut.has(`${message.from} ${message.to}`) && !this.loses(message)
  }
}
