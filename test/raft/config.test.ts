import { expect, test } from 'vitest'
import { type Config, settingsOf } from '../../src-main/raft/config.ts'
import { appendThread, applyThread } from '../../src-main/raft/entry.ts'
import { MemoryStorage } from '../../src-main/raft/log/memory-storage.ts'
import { RawNode } from '../../src-main/raft/raw-node.ts'
import { entriesOf, votersAlone } from '../support/entries.ts'
import { leaderOf, message } from '../support/member.ts'
import { RecordingLogger } from '../support/recording-logger.ts'

const least: Config = {
  id: 1n,
  electionTick: 10,
  heartbeatTick: 1,
  storage: new MemoryStorage(),
  random: { below: () => 0 },
  logger: new RecordingLogger(),
  maxSizePerMsg: 100,
  maxInflightMsgs: 1,
}

test.each<[keyof Config, Partial<Config>]>([
  ['id', { id: 0n }],
  ['id', { id: appendThread }],
  ['id', { id: applyThread }],
  ['heartbeatTick', { heartbeatTick: 0 }],
  ['heartbeatTick', { heartbeatTick: -1 }],
  ['heartbeatTick', { heartbeatTick: 0.5 }],
  ['electionTick', { electionTick: 1 }],
  ['electionTick', { electionTick: Number.NaN }],
  ['storage', { storage: null as unknown as MemoryStorage }],
  ['maxInflightMsgs', { maxInflightMsgs: 0 }],
  ['maxInflightMsgs', { maxInflightMsgs: -1 }],
  ['maxInflightBytes', { maxInflightBytes: 99 }],
  ['readOnlyOption', { readOnlyOption: 'lease-based' }],
  ['maxSizePerMsg', { maxSizePerMsg: -1 }],
  ['maxUncommittedEntriesSize', { maxUncommittedEntriesSize: -1 }],
  ['applied', { applied: Number.NaN }],
])('[B25] refuses a wrong %s: %o', (field, wrong) => {
  const config = { ...least, ...wrong }
  const settings = settingsOf(config)
  if (settings.ok) throw new Error('it was taken')
  expect(settings.error.field).toBe(field)
  expect(() => new RawNode(config)).toThrow(settings.error.claim)
})

test('[B25] the edges of what is taken', () => {
  const edges: Partial<Config>[] = [
    { electionTick: 2 },
    { maxInflightBytes: 100 },
    { readOnlyOption: 'lease-based', checkQuorum: true },
    { id: applyThread - 1n },
    { maxSizePerMsg: 0 },
    { maxSizePerMsg: Number.POSITIVE_INFINITY },
  ]
  for (const edge of edges) expect(settingsOf({ ...least, ...edge })).toMatchObject({ ok: true })
})

test('[B25] what is left out has no limit, or that of a message', () => {
  const none = Number.POSITIVE_INFINITY
  const zero = { maxInflightBytes: 0, maxUncommittedEntriesSize: 0, maxCommittedSizePerReady: 0 }
  for (const config of [least, { ...least, ...zero }]) {
    expect(settingsOf(config)).toMatchObject({
      value: {
        maxInflightBytes: none,
        maxUncommittedEntriesSize: none,
        maxCommittedSizePerReady: 100,
        readOnlyOption: 'safe',
        checkQuorum: false,
        preVote: false,
        asyncStorageWrites: false,
      },
    })
  }
})

test('[B25] a message of size 0 holds one entry, and so does a Ready', () => {
  const config = { maxSizePerMsg: 0 }
  const leader = leaderOf({ confState: votersAlone(1n, 2n), config })
  leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 1 }))
  const sent = leader.hear(message('MsgProp', 1n, { entries: entriesOf(0, 0, 0, 0) }))
  const sizes = sent.filter(({ type }) => type === 'MsgApp').map(({ entries }) => entries.length)
  expect(sizes).toEqual([1])
  leader.node.step(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 4 }))
  const handedOut: number[] = []
  while (leader.node.hasReady()) {
    const ready = leader.node.ready()
    handedOut.push(ready.committedEntries.length)
    leader.perform(ready)
    leader.node.advance()
  }
  expect(handedOut).toEqual([1, 1, 1])
})
