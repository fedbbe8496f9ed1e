import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Entry, NodeId } from '../../src-main/raft/entry.ts'
import { MemoryStorage } from '../../src-main/raft/log/memory-storage.ts'
import type { Logger } from '../../src-main/raft/logger.ts'
import { type Message, newMessage } from '../../src-main/raft/message.ts'
import { RawNode } from '../../src-main/raft/raw-node.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { benchWire } from './wire.ts'

/**
 * The core alone: three members in one process, no disk, no wire; then what the wire alone takes.
 * Whatever a figure needs to become steady is done before it is taken.
 */
export function benchCore(print: (line: object) => void): void {
  print({ figure: 'entries per second, batches of 64', ...throughput(64) })
  print({ figure: 'entries per second, one by one', ...throughput(1) })
  print({ figure: 'idle ticks', ...idle() })
  print({ figure: 'growth with log length', ...growth() })
  for (const line of benchWire()) print(line)
}

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

const ids: readonly NodeId[] = [1n, 2n, 3n]
const payloadBytes = 64
const batchSize = 64
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

interface Placed {
  readonly node: RawNode
  readonly storage: MemoryStorage
}

/** Members and a driver that does everything at once; the first of them leads. */
class Trio {
  readonly #members = new Map<NodeId, Placed>()
  committed = 0

  constructor() {
    const random = seededRandom(1)
    for (const id of ids) {
      const storage = new MemoryStorage()
      const confState = {
        voters: ids,
        learners: [],
        votersOutgoing: [],
        learnersNext: [],
        autoLeave: false,
      }
      storage.applySnapshot({ data: null, metadata: { index: 1, term: 1, confState } })
      const node = new RawNode({
        id,
        electionTick: 10,
        heartbeatTick: 1,
        storage,
        random,
        logger: silent,
        maxSizePerMsg: 1024 * 1024,
        maxInflightMsgs: 256,
      })
      this.#members.set(id, { node, storage })
    }
    this.leader.node.campaign()
    this.settle()
  }

  get leader(): Placed {
    return this.member(1n)
  }

  member(id: NodeId): Placed {
    const member = this.#members.get(id)
    if (member === undefined) throw new Error(`there is no member ${id}`)
    return member
  }

  propose(entries: readonly Entry[]): void {
    this.leader.node.step(newMessage('MsgProp', { from: 1n, entries }))
    this.settle()
  }

  tick(): void {
    for (const { node } of this.#members.values()) node.tick()
    this.settle()
  }

  compactTo(index: number): void {
    for (const { storage } of this.#members.values()) {
      storage.createSnapshot(index, null, null)
      storage.compact(index)
    }
  }

  settle(): void {
    let isBusy = true
    while (isBusy) {
      isBusy = false
      for (const member of this.#members.values()) {
        if (!member.node.hasReady()) continue
        isBusy = true
        this.#work(member)
      }
    }
  }

  #work({ node, storage }: Placed): void {
    const ready = node.ready()
    if (ready.hardState !== null) storage.setHardState(ready.hardState)
    storage.append(ready.entries)
    if (node === this.leader.node) this.committed += ready.committedEntries.length
    node.advance()
    for (const message of ready.messages) this.#carry(message)
  }

  #carry(message: Message): void {
    this.member(message.to).node.step(message)
  }
}

function batchOf(count: number): readonly Entry[] {
  const data = new Uint8Array(payloadBytes)
  return Array.from({ length: count }, () => ({ type: 'EntryNormal', term: 0, index: 0, data }))
}

/** Compacts now and then, as a driver with snapshots does. */
function run(trio: Trio, batch: readonly Entry[], entries: number): number {
  const keeps = 10_000
  const start = performance.now()
  const from = trio.committed
  let compacted = trio.committed
  while (trio.committed - from < entries) {
    trio.propose(batch)
    if (trio.committed - compacted > keeps * 2) {
      compacted = trio.committed - keeps
      trio.compactTo(compacted)
    }
  }
  return (performance.now() - start) / (trio.committed - from)
}

function throughput(size: number): object {
  const trio = new Trio()
  const batch = batchOf(size)
  run(trio, batch, size * 3_000)
  const before = process.cpuUsage()
  const from = trio.committed
  const rounds = Array.from({ length: 5 }, () => run(trio, batch, size * 10_000))
  const { user, system } = process.cpuUsage(before)
  const cpuSeconds = (user + system) / 1e6
  return {
    perSecond: Math.round(1000 / Math.min(...rounds)),
    median: Math.round(1000 / median(rounds)),
    // What one core could do, whoever else uses it just now; collecting garbage included.
    perCpuSecond: Math.round((trio.committed - from) / cpuSeconds),
    payloadBytes,
  }
}

/** A member with nothing to do must cost nothing, however long it lives. */
function idle(): object {
  const ticks = 1_000_000
  const trio = new Trio()
  for (let tick = 0; tick < 100_000; tick++) trio.tick()
  const before = heap()
  const start = performance.now()
  for (let tick = 0; tick < ticks; tick++) trio.tick()
  const microseconds = ((performance.now() - start) * 1000) / ticks
  const heapGrowthBytes = heap() - before
  return {
    ticks,
    heapGrowthBytes,
    bytesPerFollowerTick: rounded(bytesPerTick()),
    microsecondsPerTick: rounded(microseconds),
  }
}

/** What ticks of a follower leave behind for the garbage collector. */
function bytesPerTick(): number {
  const { node } = new Trio().member(2n)
  const ticks = 1_000_000
  node.pinElectionTimeout(Number.POSITIVE_INFINITY)
  const live = (): void => {
    for (let tick = 0; tick < ticks; tick++) {
      node.tick()
      node.hasReady()
    }
  }
  live()
  const before = heap()
  live()
  return (process.memoryUsage().heapUsed - before) / ticks
}

/** The same work on a short log and on a long one, in turns, each kept at its length. */
function growth(): object {
  const lengths = [1_000, 1_000_000]
  const batch = batchOf(batchSize)
  const trios = lengths.map((length) => {
    const trio = new Trio()
    while (trio.committed < length) trio.propose(batch)
    return { trio, length, best: Number.POSITIVE_INFINITY }
  })
  for (let round = 0; round < 10; round++) {
    for (const each of trios) each.best = Math.min(each.best, costAt(each.trio, each.length))
  }
  const [short = 0, long = 0] = trios.map(({ best }) => best)
  return {
    nanosecondsPerEntry: { at1000: Math.round(short * 1e6), at1000000: Math.round(long * 1e6) },
    ratio: rounded(long / short),
  }
}

function costAt(trio: Trio, length: number): number {
  const batch = batchOf(batchSize)
  const start = performance.now()
  const from = trio.committed
  while (trio.committed - from < 50_000) {
    trio.propose(batch)
    trio.compactTo(trio.committed - length)
  }
  return (performance.now() - start) / (trio.committed - from)
}

function heap(): number {
  collect()
  return process.memoryUsage().heapUsed
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
