import { describe, expect, test } from 'vitest'
import type { Message } from '../../src-main/raft/message.ts'
import { entriesOf, snapshotOf, votersAlone } from '../support/entries.ts'
import { leaderOf, Member, message } from '../support/member.ts'

const alone = votersAlone(1n)

function typesOf(messages: readonly Message[]): readonly string[] {
  return messages.map(({ type }) => type)
}

describe('[B56] a Ready', () => {
  test('that is only looked at takes nothing', () => {
    const leader = leaderOf()
    leader.node.propose(Uint8Array.of(1))
    const before = leader.node.peek()
    expect(leader.node.peek()).toEqual(before)
    expect(leader.node.ready()).toEqual(before)
    expect(typesOf(leader.node.peek().messages)).toEqual([])
  })

  test('that is taken takes what it shows; what comes before it is worked off stays', () => {
    const leader = leaderOf()
    leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 1 }))
    leader.node.propose(Uint8Array.of(1))
    const first = leader.node.ready()
    leader.node.propose(Uint8Array.of(2))
    leader.perform(first)
    leader.node.advance()
    const second = leader.node.ready()
    expect([first.entries.length, second.entries.length]).toEqual([1, 1])
    expect(second.entries[0]?.data).toEqual(Uint8Array.of(2))
    expect(typesOf(second.messages)).toEqual(['MsgApp'])
  })

  test('is worked off before the next one is taken', () => {
    const member = new Member({ confState: alone })
    member.node.campaign()
    member.node.ready()
    expect(() => member.node.ready()).toThrow('worked off before the next')
  })

  test('is not worked off by advancing where the storage answers by itself', () => {
    const member = new Member({ config: { asyncStorageWrites: true } })
    expect(() => member.node.advance()).toThrow('asynchronous')
  })
})

describe('[B57] the hard state', () => {
  test('is there when it is not what it was, and only then', () => {
    const member = new Member()
    expect(member.node.peek().hardState).toBeNull()
    member.node.step(message('MsgVote', 2n, { to: 1n, term: 1 }))
    expect(member.node.ready().hardState).toEqual({ term: 1, vote: 2n, commit: 0 })
    member.node.advance()
    expect(member.node.peek().hardState).toBeNull()
  })

  test('need not be synced when only the commit index moved', () => {
    const member = new Member({ entries: entriesOf(1, 1), hardState: { term: 1 } })
    const beat = message('MsgHeartbeat', 2n, { to: 1n, term: 1, commit: 1 })
    member.node.step(beat)
    expect(member.node.ready()).toMatchObject({
      hardState: { term: 1, vote: 0n, commit: 1 },
      mustSync: false,
    })
  })

  test.each<[string, Message]>([
    ['an entry', message('MsgApp', 2n, { to: 1n, term: 1, entries: entriesOf(1, 1) })],
    ['a vote', message('MsgVote', 2n, { to: 1n, term: 1 })],
    ['a term', message('MsgHeartbeat', 2n, { to: 1n, term: 2 })],
  ])('must be synced with %s', (_, heard) => {
    const member = new Member({ hardState: { term: 1 } })
    member.node.step(heard)
    expect(member.node.ready().mustSync).toBe(true)
  })
})

test('[B57] after a restart with nothing new there is only what was committed, to be applied', () => {
  const entries = entriesOf(1, 1, 1, 1)
  const member = new Member({ entries, hardState: { term: 1, commit: 2 } })
  expect(member.node.ready()).toEqual({
    softState: null,
    hardState: null,
    readStates: [],
    entries: [],
    snapshot: null,
    committedEntries: entries.slice(0, 2),
    messages: [],
    mustSync: false,
  })
  member.node.advance()
  expect(member.node.hasReady()).toBe(false)
})

test('[B57] after a restart from a snapshot, what comes behind it', () => {
  const entries = entriesOf(3, 1, 1)
  const after = { term: 1, index: 2 }
  const member = new Member({ after, entries, hardState: { term: 1, commit: 3 } })
  expect(member.node.ready().committedEntries).toEqual(entries.slice(0, 1))
})

test('[B57] what was applied before a restart is not handed out again', () => {
  const entries = entriesOf(1, 1, 1, 1)
  const config = { applied: 2 }
  const member = new Member({ entries, hardState: { term: 1, commit: 3 }, config })
  expect(member.node.ready().committedEntries).toEqual(entries.slice(2))
})

test.each([1, 6])(
  '[B57] a stored commit index of %i lies outside of the log: it stops',
  (commit) => {
    const after = { term: 1, index: 2 }
    expect(
      () => new Member({ after, entries: entriesOf(3, 1), hardState: { term: 1, commit } }),
    ).toThrow('[L3]')
  },
)

describe('[B58] what is told once', () => {
  test('the soft state, when it is not what it was', () => {
    const member = new Member()
    member.node.step(message('MsgHeartbeat', 2n, { to: 1n, term: 1 }))
    expect(member.node.ready().softState).toEqual({ lead: 2n, raftState: 'StateFollower' })
    member.node.advance()
    member.node.step(message('MsgHeartbeat', 2n, { to: 1n, term: 1 }))
    expect(member.node.ready().softState).toBeNull()
  })

  test('the answers to reads', () => {
    const member = leaderOf({ confState: alone })
    const asked = Uint8Array.of(1, 2, 3)
    member.node.readIndex(asked)
    expect(member.node.ready().readStates).toEqual([{ index: 1, requestContext: asked }])
    member.node.advance()
    expect([member.node.peek().readStates, member.node.hasReady()]).toEqual([[], false])
  })
})

describe('[B62] with asynchronous storage writes', () => {
  const config = { asyncStorageWrites: true }

  function responsesOf(member: Member): readonly Message[] {
    const { messages } = member.node.ready()
    return messages.flatMap(({ responses }) => responses)
  }

  test.each<[string, Message, string]>([
    [
      'an acknowledgement',
      message('MsgApp', 2n, { to: 1n, term: 1, entries: entriesOf(1, 1) }),
      'MsgAppResp',
    ],
    ['a refused append', message('MsgApp', 2n, { to: 1n, term: 1, index: 9 }), 'MsgAppResp'],
    ['a vote', message('MsgVote', 2n, { to: 1n, term: 1 }), 'MsgVoteResp'],
    ['a pre-vote', message('MsgPreVote', 2n, { to: 1n, term: 1 }), 'MsgPreVoteResp'],
  ])('%s waits for the disk', (_, heard, type) => {
    const member = new Member({ config })
    member.step(heard)
    const { messages } = member.node.ready()
    expect(typesOf(messages)).toEqual(['MsgStorageAppend'])
    expect(messages[0]?.responses[0]).toMatchObject({ type, to: 2n })
  })

  test('a refused vote waits as well', () => {
    const member = new Member({ config, entries: entriesOf(1, 5), hardState: { term: 5 } })
    member.step(message('MsgVote', 2n, { to: 1n, term: 6, logTerm: 1, index: 1 }))
    member.step(message('MsgPreVote', 3n, { to: 1n, term: 7, logTerm: 1, index: 1 }))
    expect(responsesOf(member)).toMatchObject([
      { type: 'MsgVoteResp', to: 2n, reject: true },
      { type: 'MsgPreVoteResp', to: 3n, reject: true },
    ])
  })

  test('anything else leaves at once', () => {
    const member = new Member({ config })
    member.step(message('MsgHeartbeat', 2n, { to: 1n, term: 1 }))
    const { messages } = member.node.ready()
    expect(typesOf(messages)).toEqual(['MsgHeartbeatResp', 'MsgStorageAppend'])
    expect(messages[1]?.responses).toEqual([])
  })

  test('the disk’s answer names the last entry, behind the promises', () => {
    const member = new Member({ config })
    member.step(message('MsgApp', 2n, { to: 1n, term: 1, entries: entriesOf(1, 1, 1) }))
    expect(responsesOf(member)).toMatchObject([
      { type: 'MsgAppResp', to: 2n, index: 2 },
      { type: 'MsgStorageAppendResp', to: 1n, term: 1, index: 2, logTerm: 1 },
    ])
  })

  test('also when only the hard state is written, while entries are on their way', () => {
    const member = new Member({ config })
    member.step(message('MsgApp', 2n, { to: 1n, term: 1, entries: entriesOf(1, 1) }))
    member.node.ready()
    member.step(message('MsgHeartbeat', 2n, { to: 1n, term: 1, commit: 1 }))
    const responses = responsesOf(member)
    expect(responses).toMatchObject([{ type: 'MsgStorageAppendResp', index: 1, logTerm: 1 }])
  })

  test('and not when the log is all written', () => {
    const member = new Member({ config, entries: entriesOf(1, 1), hardState: { term: 1 } })
    member.step(message('MsgHeartbeat', 2n, { to: 1n, term: 1, commit: 1 }))
    const append = member.node.ready().messages.find(({ type }) => type === 'MsgStorageAppend')
    expect(append).toMatchObject({ commit: 1, responses: [] })
  })

  test('a leader counts itself behind its own disk', () => {
    const member = new Member({ config, confState: alone })
    member.node.campaign()
    for (const response of responsesOf(member)) member.step(response)
    expect([member.role, member.commit]).toEqual(['leader', 0])
    const responses = responsesOf(member)
    expect(typesOf(responses)).toEqual(['MsgAppResp', 'MsgStorageAppendResp'])
    for (const response of responses) member.step(response)
    expect(member.commit).toBe(1)
  })

  test('what is not yet written here is not applied here, wherever else it is', () => {
    const member = new Member({ config })
    const entries = entriesOf(1, 1, 1)
    member.step(message('MsgApp', 2n, { to: 1n, term: 1, entries, commit: 2 }))
    const ready = member.node.ready()
    expect([ready.committedEntries, ready.hardState?.commit]).toEqual([[], 2])
    const own = ready.messages.flatMap(({ responses }) => responses)
    member.storage.append(entries)
    for (const response of own) if (response.to === 1n) member.step(response)
    expect(member.node.ready().committedEntries).toEqual(entries)
  })

  test('a snapshot is answered with itself', () => {
    const member = new Member({ config })
    const snapshot = snapshotOf(1, 7)
    member.step(message('MsgSnap', 2n, { to: 1n, term: 1, snapshot }))
    expect(responsesOf(member)).toMatchObject([
      { type: 'MsgAppResp', to: 2n, index: 7 },
      { type: 'MsgStorageAppendResp', to: 1n, snapshot, index: 0 },
    ])
  })
})
