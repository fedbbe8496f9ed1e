import { assert } from '../../src-shared/base/assert.ts'
import type { DeviceId } from '../../src-shared/base/ids.ts'
import type { Random } from '../../src-shared/base/random.ts'
import type { MemoryStorage } from '../raft/log/memory-storage.ts'
import { RawNode } from '../raft/raw-node.ts'
import type { Log } from '../replica/ports.ts'

/** Raft counts in these, in ms. */
export const tickMs = 100
/** An election after 1 to 2 s of silence; five heartbeats fit into the shorter. */
export const electionTicks = 10
export const heartbeatTicks = 2
/** Of entries, on the wire, in one append. */
export const appendBytesMax = 256 * 1024
export const committedBytesMax = 1024 * 1024
/** What a leader takes in before it is committed: the longest command of several devices at once. */
export const uncommittedBytesMax = 64 * 1024 * 1024
export const appendsInFlightMax = 256
export const bytesInFlightMax = 4 * 1024 * 1024

export interface RaftOptions {
  readonly id: DeviceId
  readonly storage: MemoryStorage
  /** Of the state that was restored. */
  readonly applied: number
  readonly random: Random
  readonly log: Log
  /** What a founder says of itself; null: it joins, or has a log already. */
  readonly founder: Uint8Array | null
}

/** Raft as this app runs it. A founder with an empty log is a group of one. */
export function makeRaft(options: RaftOptions): RawNode {
  const { storage, applied, random, log, founder } = options
  const id = BigInt(options.id)
  const raw = new RawNode({
    id,
    electionTick: electionTicks,
    heartbeatTick: heartbeatTicks,
    storage,
    random,
    logger: log,
    applied,
    asyncStorageWrites: true,
    maxSizePerMsg: appendBytesMax,
    maxCommittedSizePerReady: committedBytesMax,
    maxUncommittedEntriesSize: uncommittedBytesMax,
    maxInflightMsgs: appendsInFlightMax,
    maxInflightBytes: bytesInFlightMax,
    checkQuorum: true,
    preVote: true,
    stepDownOnRemoval: true,
  })
  if (founder !== null && storage.lastIndex() === 0) {
    const founded = raw.bootstrap([{ id, context: founder }])
    assert(founded.ok, 'a group of one is founded on an empty log')
  }
  return raw
}
