import { describe, expect, test } from 'vitest'
import { appendThread, applyThread } from '../../src-main/raft/entry.ts'
import {
  isLocal,
  isResponse,
  type Message,
  messageTypes,
  newMessage,
} from '../../src-main/raft/message.ts'
import { entriesOf, entryOf, snapshotOf, votersAlone } from '../support/entries.ts'
import { leaderOf, Member, message } from '../support/member.ts'

const local = [
  'MsgHup',
  'MsgBeat',
  'MsgUnreachable',
  'MsgSnapStatus',
  'MsgCheckQuorum',
  'MsgStorageAppend',
  'MsgStorageAppendResp',
  'MsgStorageApply',
  'MsgStorageApplyResp',
]
const responses = [
  'MsgAppResp',
  'MsgVoteResp',
  'MsgHeartbeatResp',
  'MsgUnreachable',
  'MsgReadIndexResp',
  'MsgPreVoteResp',
  'MsgStorageAppendResp',
  'MsgStorageApplyResp',
]

test('[B6] which messages a member makes for itself, and which answer something', () => {
  expect(messageTypes.filter(isLocal)).toEqual(local)
  expect(messageTypes.filter(isResponse)).toEqual(responses)
})

test.each(messageTypes)(
  '[B6] an empty %s crashes nobody, and is refused if it is local',
  (type) => {
    const member = new Member({ entries: entriesOf(1, 1), hardState: { term: 1, commit: 1 } })
    const stepped = member.step(newMessage(type, {}) as Message)
    member.work()
    const refusal = stepped.ok ? null : stepped.error.kind
    if (local.includes(type)) expect(refusal).toBe('local-message')
    else if (responses.includes(type)) expect(refusal).toBe('peer-not-found')
    else expect([null, 'proposal-dropped', 'malformed']).toContain(refusal)
  },
)

test.each([appendThread, applyThread])('[B6] thread %i may send what is local', (thread) => {
  const member = new Member()
  expect(member.step(message('MsgStorageApplyResp', thread))).toMatchObject({ ok: true })
})

test('[B6] the answer of a member that is not in the configuration is refused', () => {
  const member = leaderOf()
  const answer = { to: 1n, term: 1, index: 1 }
  expect(member.step(message('MsgAppResp', 9n, answer))).toMatchObject({
    ok: false,
    error: { kind: 'peer-not-found' },
  })
  expect(member.step(message('MsgAppResp', 2n, answer))).toMatchObject({ ok: true })
})

describe('what no member would send is refused with its claim and changes nothing', () => {
  const onlyLearners = { ...votersAlone(), learners: [1n] }
  const twice = { ...votersAlone(1n, 2n), learners: [2n] }
  test.each<[string, Message]>([
    ['a candidate without a term', message('MsgVote', 2n, { index: 9, logTerm: 9 })],
    ['a pre-candidate without a term', message('MsgPreVote', 2n, { index: 9, logTerm: 9 })],
    ['a leader without a term', message('MsgHeartbeat', 2n)],
    ['an append without a term', message('MsgApp', 2n, { entries: entriesOf(1, 1) })],
    ['an empty proposal', message('MsgProp', 2n)],
    ['a request to read without an entry', message('MsgReadIndex', 2n)],
    [
      'a gap between the entries',
      message('MsgApp', 2n, { term: 5, entries: [entryOf(5, 1), entryOf(5, 3)] }),
    ],
    ['a gap before the entries', message('MsgApp', 2n, { term: 5, entries: entriesOf(2, 5) })],
    ['a term that goes down', message('MsgApp', 2n, { term: 5, entries: entriesOf(1, 3, 2) })],
    ['an entry of the future', message('MsgApp', 2n, { term: 5, entries: entriesOf(1, 6) })],
    [
      'a group without voters',
      message('MsgSnap', 2n, { term: 5, snapshot: snapshotOf(5, 9, onlyLearners) }),
    ],
    [
      'a voter that is a learner',
      message('MsgSnap', 2n, { term: 5, snapshot: snapshotOf(5, 9, twice) }),
    ],
  ])('%s', (_, malformed) => {
    const member = new Member({ hardState: { term: 1 } })
    const before = member.node.status()
    expect(member.step(malformed)).toMatchObject({ ok: false, error: { kind: 'malformed' } })
    expect(member.node.status()).toEqual(before)
    expect(member.node.hasReady()).toBe(false)
  })

  test('a proposed change of the configuration that cannot be read', () => {
    const member = leaderOf()
    member.work()
    const entry = {
      type: 'EntryConfChangeV2',
      term: 0,
      index: 0,
      data: Uint8Array.of(0xff),
    } as const
    const stepped = member.step(message('MsgProp', 2n, { entries: [entryOf(0, 0, 'a'), entry] }))
    expect(stepped).toMatchObject({ ok: false, error: { kind: 'malformed' } })
    expect([member.node.hasReady(), member.log]).toEqual([false, '1/1'])
  })
})
