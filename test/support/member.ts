import type { Config } from '../../src-main/raft/config.ts'
import type { ConfState, Entry, HardState, NodeId, Snapshot } from '../../src-main/raft/entry.ts'
import { MemoryStorage } from '../../src-main/raft/log/memory-storage.ts'
import { type Message, type MessageFields, newMessage } from '../../src-main/raft/message.ts'
import { RawNode, type StepRefused } from '../../src-main/raft/raw-node.ts'
import type { ReadState } from '../../src-main/raft/read-only.ts'
import type { Ready } from '../../src-main/raft/ready.ts'
import { decodeConfChange, decodeConfChangeV2 } from '../../src-main/raft/wire/conf-change.ts'
import type { Outcome } from '../../src-shared/base/outcome.ts'
import { emptyHardState, snapshotOf, votersAlone } from './entries.ts'
import { RecordingLogger } from './recording-logger.ts'

export interface MemberOptions {
  readonly id?: NodeId
  /** Whom it knows from its storage; by default the voters 1, 2 and 3. */
  readonly confState?: ConfState
  /** The index and term of the snapshot that its log begins behind. */
  readonly after?: { readonly term: number; readonly index: number }
  /** What is in its log. */
  readonly entries?: readonly Entry[]
  readonly hardState?: Partial<HardState>
  readonly config?: Partial<Config>
  /** An empty one of another kind, to be filled with the above. */
  readonly storage?: MemoryStorage
}

/** Ticks until an election, if the dice say nothing else. */
export const electionTick = 10

/** One member and a driver for it that does all it is told to, at once and in order. */
export class Member {
  readonly id: NodeId
  readonly storage: MemoryStorage
  readonly logger = new RecordingLogger()
  readonly applied: Entry[] = []
  readonly reads: ReadState[] = []
  #node: RawNode
  #confState: ConfState
  readonly #config: Partial<Config>

  constructor(options: MemberOptions = {}) {
    const { id = 1n, confState = votersAlone(1n, 2n, 3n), after, entries = [] } = options
    this.id = id
    this.#confState = confState
    this.#config = options.config ?? {}
    this.storage = options.storage ?? new MemoryStorage()
    this.storage.applySnapshot(snapshotOf(after?.term ?? 0, after?.index ?? 0, confState))
    this.storage.append(entries)
    this.storage.setHardState({ ...emptyHardState, ...options.hardState })
    this.#node = this.#newNode()
  }

  get node(): RawNode {
    return this.#node
  }

  get confState(): ConfState {
    return this.#confState
  }

  get term(): number {
    return this.#node.basicStatus().hardState.term
  }

  get commit(): number {
    return this.#node.basicStatus().hardState.commit
  }

  get vote(): NodeId {
    return this.#node.basicStatus().hardState.vote
  }

  get lead(): NodeId {
    return this.#node.basicStatus().softState.lead
  }

  /** `follower`, `pre-candidate`, `candidate` or `leader`. */
  get role(): string {
    const names = {
      StateFollower: 'follower',
      StatePreCandidate: 'pre-candidate',
      StateCandidate: 'candidate',
      StateLeader: 'leader',
    }
    return names[this.#node.basicStatus().softState.raftState]
  }

  /** The texts that were applied, without the empty entries. */
  get texts(): readonly string[] {
    return this.applied
      .filter(({ type, data }) => type === 'EntryNormal' && data !== null && data.length > 0)
      .map(({ data }) => new TextDecoder().decode(data ?? undefined))
  }

  /** What is written, as `term/index` from the first entry to the last. */
  get log(): string {
    const { storage } = this
    if (storage.lastIndex() < storage.firstIndex()) return ''
    const all = storage.entries(storage.firstIndex(), storage.lastIndex() + 1, Number.MAX_VALUE)
    return all.ok ? all.value.map(({ term, index }) => `${term}/${index}`).join(' ') : all.error
  }

  step(heard: Message): Outcome<void, StepRefused> {
    return this.#node.step(heard)
  }

  /** Takes a message in and does what follows from it. */
  hear(heard: Message): readonly Message[] {
    this.#node.step(heard)
    return this.work()
  }

  tick(times = 1): readonly Message[] {
    const sent: Message[] = []
    for (let tick = 0; tick < times; tick++) {
      this.#node.tick()
      sent.push(...this.work())
    }
    return sent
  }

  campaign(): readonly Message[] {
    this.#node.campaign()
    return this.work()
  }

  propose(text: string): readonly Message[] {
    this.#node.propose(new TextEncoder().encode(text))
    return this.work()
  }

  /** Does all there is to do; answers what is to be sent. */
  work(): readonly Message[] {
    const sent: Message[] = []
    while (this.#node.hasReady()) {
      const ready = this.#node.ready()
      this.perform(ready)
      this.#node.advance()
      sent.push(...ready.messages)
    }
    return sent
  }

  /** Writes and applies, in the one safe order. */
  perform(
    ready: Pick<Ready, 'hardState' | 'snapshot' | 'entries' | 'committedEntries' | 'readStates'>,
  ): void {
    this.write(ready)
    this.apply(ready.committedEntries)
    this.reads.push(...ready.readStates)
  }

  write({ hardState, snapshot, entries }: Pick<Ready, 'hardState' | 'snapshot' | 'entries'>): void {
    if (hardState !== null) this.storage.setHardState(hardState)
    if (snapshot !== null) this.#receive(snapshot)
    this.storage.append(entries)
  }

  apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.applied.push(entry)
      const data = entry.data ?? new Uint8Array()
      if (entry.type === 'EntryNormal') continue
      const decoded =
        entry.type === 'EntryConfChange' ? decodeConfChange(data) : decodeConfChangeV2(data)
      if (!decoded.ok) throw new Error(decoded.error.kind)
      this.#confState = this.#node.applyConfChange(decoded.value)
    }
  }

  /** Makes a snapshot at this index and forgets the log up to it. */
  compact(index: number): void {
    this.storage.createSnapshot(index, this.#confState, new TextEncoder().encode(`to ${index}`))
    this.storage.compact(index)
  }

  /** Comes back with what was written; what was applied is applied from its snapshot on again. */
  restart(config: Partial<Config> = {}): void {
    this.applied.length = 0
    this.logger.forget()
    this.#confState = this.storage.initialState().confState
    this.#node = this.#newNode(config)
  }

  #receive(snapshot: Snapshot): void {
    this.storage.applySnapshot(snapshot)
    this.#confState = snapshot.metadata.confState
  }

  #newNode(config: Partial<Config> = {}): RawNode {
    return new RawNode({
      id: this.id,
      electionTick,
      heartbeatTick: 1,
      storage: this.storage,
      random: { below: () => 0 },
      logger: this.logger,
      maxSizePerMsg: Number.POSITIVE_INFINITY,
      maxInflightMsgs: 256,
      ...this.#config,
      ...config,
    })
  }
}

/** A member that leads term 1 and has sent the empty entry that its leadership began with. */
export function leaderOf(options: MemberOptions = {}): Member {
  const member = new Member(options)
  elect(member)
  return member
}

/** Lets the others of its configuration vote for it; what it then sends is dropped. */
export function elect(member: Member): readonly Message[] {
  const requests = member.campaign()
  const granting = requests.filter(({ type }) => type === 'MsgVote')
  const sent = granting.flatMap(({ to, term }) => member.hear(message('MsgVoteResp', to, { term })))
  if (member.role !== 'leader') throw new Error(`member ${member.id} is ${member.role}`)
  return sent.concat(member.work())
}

/** A message from another member. */
export function message(
  type: Message['type'],
  from: NodeId,
  fields: Partial<MessageFields> = {},
): Message {
  return newMessage(type, { from, ...fields }) as Message
}
