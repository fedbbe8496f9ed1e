import { expect, test } from 'vitest'
import type { ConfState } from '../../src-main/raft/entry.ts'
import { emptyConfState, MemoryStorage } from '../../src-main/raft/log/memory-storage.ts'
import { newMessage } from '../../src-main/raft/message.ts'
import type { SnapshotReader, Transport } from '../../src-main/replica/ports.ts'
import { Snapshots } from '../../src-main/replica/snapshots.ts'
import { MemoryJournal, quiet } from '../support/replica-world.ts'

function sender(confState: ConfState) {
  const metadata = { index: 5, term: 1, confState }
  const reader: SnapshotReader = {
    metadata,
    size: 0,
    chunk: async () => new Uint8Array(0),
    async *records() {},
    close: async () => undefined,
  }
  const storage = new MemoryStorage()
  storage.applySnapshot({ data: null, metadata })
  const journal = new MemoryJournal()
  journal.openSnapshot = async () => reader
  const streams: ((arrived: boolean) => void)[] = []
  const transport: Transport = {
    send: () => undefined,
    // As the network does: an older stream to the same member gives way, and says so.
    sendSnapshot: (_message, _reader, settled) => {
      streams.at(-1)?.(false)
      streams.push(settled)
    },
  }
  const reports: boolean[] = []
  let taken = 0
  const snapshots = new Snapshots({
    journal,
    transport,
    storage,
    log: quiet,
    limits: undefined,
    fresh: async () => {
      taken++
    },
    report: (_id, arrived) => reports.push(arrived),
    failed: (error) => {
      throw error
    },
  })
  const send = async (): Promise<void> => {
    snapshots.send(newMessage('MsgSnap', { to: 2n, from: 1n }))
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  }
  return { send, streams, reports, taken: () => taken }
}

test('a stream whose place another has taken is not reported: raft would ask for one after the other', async () => {
  const { send, streams, reports } = sender({ ...emptyConfState, voters: [1n, 2n] })
  await send()
  await send()
  expect(streams).toHaveLength(2)
  expect(reports).toEqual([])
  streams[1]?.(true)
  expect(reports).toEqual([true])
})

test('a member that the newest snapshot does not name gets a new one', async () => {
  const named = sender({ ...emptyConfState, voters: [1n], learners: [2n] })
  await named.send()
  expect(named.taken()).toBe(0)
  const newcomer = sender({ ...emptyConfState, voters: [1n] })
  await newcomer.send()
  expect(newcomer.taken()).toBe(1)
})
