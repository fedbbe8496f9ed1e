/** Replicas over a journal in memory and a network that is a list: everything happens when the test says so. */

import { DiskFailed } from '../../src-main/journal/disk.ts'
import type { ConfState, Entry, HardState, SnapshotMetadata } from '../../src-main/raft/entry.ts'
import { MemoryStorage } from '../../src-main/raft/log/memory-storage.ts'
import type { Message } from '../../src-main/raft/message.ts'
import { RawNode } from '../../src-main/raft/raw-node.ts'
import type {
  FrozenState,
  Journal,
  Log,
  Machine,
  Recovered,
  SnapshotReader,
  SnapshotReceiver,
  StagedSnapshot,
  StateRecord,
  Transport,
} from '../../src-main/replica/ports.ts'
import { Replica } from '../../src-main/replica/replica.ts'
import { assert } from '../../src-shared/base/assert.ts'

export const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

interface Kept {
  readonly metadata: SnapshotMetadata
  readonly records: readonly StateRecord[]
}

/** Keeps what was saved apart from what is asked to be saved, so that a crash can forget the rest. */
export class MemoryJournal implements Journal {
  hardState: HardState = { term: 0, vote: 0n, commit: 0 }
  entries: Entry[] = []
  snapshot: Kept | null = null
  saves = 0
  /** While held, saves wait. */
  #held: (() => void)[] | null = null
  failWith: DiskFailed | null = null

  hold(): void {
    this.#held ??= []
  }

  release(): void {
    const held = this.#held ?? []
    this.#held = null
    for (const go of held) go()
  }

  get waiting(): number {
    return this.#held?.length ?? 0
  }

  async save(hardState: HardState | null, entries: readonly Entry[]): Promise<void> {
    if (this.#held !== null) await new Promise<void>((go) => this.#held?.push(go))
    if (this.failWith !== null) throw this.failWith
    this.saves++
    if (hardState !== null) this.hardState = hardState
    const first = entries[0]
    if (first === undefined) return
    this.entries = [...this.entries.filter((entry) => entry.index < first.index), ...entries]
  }

  async saveSnapshot(metadata: SnapshotMetadata, state: FrozenState, upTo: number): Promise<void> {
    this.snapshot = { metadata, records: [...state.records(0)] }
    this.entries = this.entries.filter((entry) => entry.index > upTo)
  }

  async openSnapshot(): Promise<SnapshotReader | null> {
    return this.snapshot === null ? null : readerOf(this.snapshot)
  }

  async receiveSnapshot(): Promise<SnapshotReceiver> {
    throw new Error('snapshots are handed over whole here')
  }

  async installSnapshot(staged: StagedSnapshot): Promise<SnapshotReader> {
    const kept = (staged as Staged).kept
    this.snapshot = kept
    this.entries = this.entries.filter((entry) => entry.index > kept.metadata.index)
    return readerOf(kept)
  }

  async close(): Promise<void> {}

  recovered(): Recovered {
    return {
      hardState: this.hardState,
      snapshot: this.snapshot?.metadata ?? null,
      entries: this.entries,
    }
  }
}

interface Staged extends StagedSnapshot {
  readonly kept: Kept
}

function readerOf({ metadata, records }: Kept): SnapshotReader & { kept: Kept } {
  return {
    kept: { metadata, records },
    metadata,
    size: 0,
    chunk: async () => new Uint8Array(0),
    async *records() {
      yield* records
    },
    close: async () => undefined,
  }
}

/** A list of the texts that were applied. */
export class ListMachine implements Machine {
  applied: string[] = []
  restores = 0
  #held: Promise<void> | null = null
  #release: () => void = () => undefined

  hold(): void {
    this.#held = new Promise((go) => {
      this.#release = go
    })
  }

  release(): void {
    this.#held = null
    this.#release()
  }

  async apply(entries: readonly Entry[]): Promise<void> {
    if (this.#held !== null) await this.#held
    for (const { data } of entries) {
      if (data !== null && data.length > 0) this.applied.push(new TextDecoder().decode(data))
    }
  }

  async applyConfChange(): Promise<void> {}

  freeze(): FrozenState {
    const list = [...this.applied]
    return {
      records: () =>
        list.map((text, at) => ({
          key: String(at).padStart(8, '0'),
          bytes: new TextEncoder().encode(text),
        })),
    }
  }

  async restore(_metadata: SnapshotMetadata, records: AsyncIterable<StateRecord>): Promise<void> {
    this.restores++
    this.applied = []
    for await (const { bytes } of records)
      this.applied.push(new TextDecoder().decode(bytes ?? undefined))
  }
}

export interface Member {
  readonly id: bigint
  readonly journal: MemoryJournal
  machine: ListMachine
  replica: Replica
  halted: Error | null
  blocked: string | null
}

export class ReplicaWorld {
  readonly members = new Map<bigint, Member>()
  readonly sent: Message[] = []
  readonly #cut = new Set<bigint>()
  #nonce = 0

  constructor(count: number) {
    const voters = Array.from({ length: count }, (_, at) => BigInt(at + 1))
    const confState: ConfState = {
      voters,
      learners: [],
      votersOutgoing: [],
      learnersNext: [],
      autoLeave: false,
    }
    for (const id of voters) {
      const journal = new MemoryJournal()
      journal.snapshot = { metadata: { index: 1, term: 1, confState }, records: [] }
      journal.hardState = { term: 1, vote: 0n, commit: 1 }
      this.members.set(id, this.#start(id, journal))
    }
  }

  member(id: number): Member {
    const member = this.members.get(BigInt(id))
    assert(member !== undefined, 'the member exists')
    return member
  }

  /** The process is gone and comes back with what its journal has. */
  async restart(id: number): Promise<Member> {
    const before = this.member(id)
    await before.replica.stop()
    const member = this.#start(before.id, before.journal)
    this.members.set(before.id, member)
    return member
  }

  isolate(id: number): void {
    this.#cut.add(BigInt(id))
  }

  heal(): void {
    this.#cut.clear()
  }

  /** Ticks and delivers until nothing moves, so many times. */
  async run(ticks: number): Promise<void> {
    for (let n = 0; n < ticks; n++) {
      for (const { replica } of this.members.values()) replica.tick()
      await this.settle()
    }
  }

  async settle(): Promise<void> {
    for (let idle = 0; idle < 12; ) {
      await new Promise((turn) => setImmediate(turn))
      const messages = this.sent.splice(0)
      idle = messages.length === 0 ? idle + 1 : 0
      for (const message of messages) {
        if (this.#cut.has(message.from) || this.#cut.has(message.to)) continue
        this.members.get(message.to)?.replica.receive(message)
      }
    }
  }

  leader(): Member | undefined {
    return [...this.members.values()].find(
      ({ replica }) => replica.basicStatus()?.softState.raftState === 'StateLeader',
    )
  }

  async elect(id: number): Promise<Member> {
    this.member(id).replica.campaign()
    await this.settle()
    const leader = this.leader()
    assert(leader?.id === BigInt(id), 'the member leads')
    return leader
  }

  propose(member: Member, text: string): boolean {
    return member.replica.propose(new TextEncoder().encode(text)).ok
  }

  #start(id: bigint, journal: MemoryJournal): Member {
    const { hardState, snapshot, entries } = journal.recovered()
    assert(snapshot !== null, 'every member starts from a snapshot')
    const storage = new MemoryStorage()
    storage.applySnapshot({ data: null, metadata: snapshot })
    storage.setHardState(hardState)
    if (entries.length > 0) storage.append(entries)
    const machine = new ListMachine()
    for (const { bytes } of journal.snapshot?.records ?? []) {
      machine.applied.push(new TextDecoder().decode(bytes ?? undefined))
    }
    const raw = new RawNode({
      id,
      electionTick: 10,
      heartbeatTick: 1,
      storage,
      applied: snapshot.index,
      maxSizePerMsg: 1024 * 1024,
      maxInflightMsgs: 64,
      asyncStorageWrites: true,
      preVote: true,
      checkQuorum: true,
      logger: quiet,
      random: { below: (bound) => Number(id) % bound },
    })
    const transport: Transport = {
      send: (message) => {
        this.sent.push(message)
      },
      sendSnapshot: (message, reader, settled) => this.#carry(message, reader, settled),
    }
    const member: Member = {
      id,
      journal,
      machine,
      halted: null,
      blocked: null,
      replica: undefined as never,
    }
    member.replica = new Replica({
      raw,
      storage,
      ports: { journal, transport, machine, log: quiet },
      events: {
        changed: () => undefined,
        blocked: (why) => {
          member.blocked = why
        },
        halted: (error) => {
          member.halted = error
        },
      },
      nonce: new Uint8Array([++this.#nonce]),
      confState: snapshot.confState,
      applied: snapshot.index,
    })
    member.replica.start()
    return member
  }

  #carry(message: Message, reader: SnapshotReader, settled: (arrived: boolean) => void): void {
    if (this.#cut.has(message.from) || this.#cut.has(message.to)) return settled(false)
    const { kept } = reader as SnapshotReader & { kept: Kept }
    const staged: Staged = { kept, metadata: kept.metadata, discard: async () => undefined }
    this.members.get(message.to)?.replica.receiveSnapshot(message, staged)
    settled(true)
  }
}

export const diskFull = new DiskFailed('full', 'wal/1', 'no space left')
export const diskBroken = new DiskFailed('broken', 'wal/1', 'input/output error')
