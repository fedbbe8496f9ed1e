import { expect, test } from 'vitest'
import type { SnapshotMetadata } from '../../../src-main/raft/entry.ts'
import { type Message, newMessage } from '../../../src-main/raft/message.ts'
import type { SnapshotReader, Transport } from '../../../src-main/replica/ports.ts'

/** Members 1, 2 and 3, connected with one another. */
export interface TransportGroup {
  transport(id: string): Transport
  /** What was handed to this member's replica, in order. */
  received(id: string): readonly Message[]
  /** Bytes of the snapshots that arrived whole at this member. */
  snapshots(id: string): readonly Uint8Array[]
  /** Nothing more is on the way. */
  settled(holds: () => boolean): Promise<void>
  /** The others cannot reach this member any more, nor it them. */
  isolate(id: string): Promise<void>
}

/** What every way to the other members must keep: the real one and those that tests put in its place. */
export function transportContract(name: string, connected: () => Promise<TransportGroup>): void {
  test(`${name}: a message arrives once, unchanged, at the member it is for and at no other`, async () => {
    const group = await connected()
    const message = newMessage('MsgApp', {
      from: 1n,
      to: 2n,
      term: 7,
      logTerm: 6,
      index: 40,
      commit: 39,
      entries: [{ type: 'EntryNormal', term: 7, index: 41, data: Uint8Array.of(0, 255) }],
    })
    group.transport('1').send(message)
    await group.settled(() => group.received('2').length > 0)
    expect(group.received('2')).toEqual([message])
    expect(group.received('1')).toEqual([])
    expect(group.received('3')).toEqual([])
  })

  test(`${name}: messages of one kind to one member keep their order`, async () => {
    const group = await connected()
    for (let term = 1; term <= 200; term++) group.transport('3').send(heartbeat('3', '1', term))
    await group.settled(() => group.received('1').length === 200)
    const terms = group.received('1').map((message) => message.term)
    expect(terms).toEqual(Array.from({ length: 200 }, (_, at) => at + 1))
  })

  test(`${name}: sending to a member that is gone, or that nobody knows, neither waits nor throws`, async () => {
    const group = await connected()
    await group.isolate('2')
    group.transport('1').send(heartbeat('1', '2', 1))
    group.transport('1').send(heartbeat('1', '77', 1))
    group.transport('1').send(heartbeat('1', '3', 1))
    await group.settled(() => group.received('3').length === 1)
    expect(group.received('2')).toEqual([])
  })

  test(`${name}: a snapshot arrives with its message; the sender is told once, the reader closed once`, async () => {
    const group = await connected()
    const bytes = Uint8Array.from({ length: 700_001 }, (_, at) => at & 255)
    const source = reader(bytes)
    const told: boolean[] = []
    group.transport('1').sendSnapshot(snapshotMessage('1', '2'), source.reader, (arrived) => {
      told.push(arrived)
    })
    expect(told).toEqual([])
    await group.settled(() => told.length > 0 && group.snapshots('2').length > 0)
    expect(told).toEqual([true])
    expect(Buffer.compare(group.snapshots('2')[0] ?? new Uint8Array(0), bytes)).toBe(0)
    expect(source.closed()).toBe(1)
    expect(group.snapshots('3')).toEqual([])
  })

  test(`${name}: a snapshot for a member that is gone fails, later and once, and its reader is closed`, async () => {
    const group = await connected()
    await group.isolate('2')
    const source = reader(new Uint8Array(10))
    const told: boolean[] = []
    group.transport('1').sendSnapshot(snapshotMessage('1', '2'), source.reader, (arrived) => {
      told.push(arrived)
    })
    expect(told).toEqual([])
    await group.settled(() => told.length > 0)
    expect(told).toEqual([false])
    expect(source.closed()).toBe(1)
  })
}

const metadata: SnapshotMetadata = {
  index: 40,
  term: 3,
  confState: {
    voters: [1n, 2n, 3n],
    learners: [],
    votersOutgoing: [],
    learnersNext: [],
    autoLeave: false,
  },
}

function heartbeat(from: string, to: string, term: number): Message {
  return newMessage('MsgHeartbeat', { from: BigInt(from), to: BigInt(to), term })
}

function snapshotMessage(from: string, to: string): Message {
  const snapshot = { data: null, metadata }
  return newMessage('MsgSnap', { from: BigInt(from), to: BigInt(to), term: 3, snapshot })
}

function reader(bytes: Uint8Array): { reader: SnapshotReader; closed: () => number } {
  let closed = 0
  return {
    closed: () => closed,
    reader: {
      metadata,
      size: bytes.length,
      chunk: async (offset, length) => bytes.slice(offset, offset + length),
      records: async function* () {},
      close: async () => {
        closed += 1
      },
    },
  }
}
