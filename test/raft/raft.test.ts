import { expect, test } from 'vitest'
import { settingsOf } from '../../src-main/raft/config.ts'
import { MemoryStorage } from '../../src-main/raft/log/memory-storage.ts'
import { messageTypes } from '../../src-main/raft/message.ts'
import { type Raft, send } from '../../src-main/raft/raft.ts'
import { newRaft } from '../../src-main/raft/start.ts'
import { entryOf } from '../support/entries.ts'
import { Group } from '../support/group.ts'
import { Member, message } from '../support/member.ts'
import { RecordingLogger } from '../support/recording-logger.ts'

function raftInTerm(term: number): Raft {
  const settings = settingsOf({
    id: 1n,
    electionTick: 10,
    heartbeatTick: 1,
    storage: new MemoryStorage(),
    random: { below: () => 0 },
    logger: new RecordingLogger(),
    maxSizePerMsg: 0,
    maxInflightMsgs: 1,
  })
  if (!settings.ok) throw new Error(settings.error.claim)
  const raft = newRaft(settings.value)
  raft.term = term
  return raft
}

const talkOfVotes = ['MsgVote', 'MsgVoteResp', 'MsgPreVote', 'MsgPreVoteResp']
const withoutTerm = ['MsgProp', 'MsgReadIndex']

test.each(messageTypes)('[B7] what term a %s is sent with', (type) => {
  const raft = raftInTerm(7)
  if (talkOfVotes.includes(type)) {
    expect(() => send(raft, type, { to: 2n })).toThrow('[M1]')
    expect(() => send(raft, type, { to: 2n, term: 0 })).toThrow('[M1]')
    send(raft, type, { to: 2n, term: 9 })
  } else {
    expect(() => send(raft, type, { to: 2n, term: 9 })).toThrow('[M1]')
    send(raft, type, { to: 2n })
  }
  const [sent] = [...raft.messages, ...raft.promises]
  expect(sent?.term).toBe(talkOfVotes.includes(type) ? 9 : withoutTerm.includes(type) ? 0 : 7)
})

test.each(['MsgProp', 'MsgReadIndex'] as const)(
  '[B7] a %s goes from follower to follower to leader without a term, in the name of who asked',
  (type) => {
    const group = new Group()
    group.elect(1n)
    // Member 2 still believes in member 1 when the read arrives, which follows member 3 by then.
    const follower = group.member(2n)
    const [toOld] = follower.hear(message(type, 0n, { entries: [entryOf(0, 0, 'x')] }))
    expect(toOld).toMatchObject({ type, to: 1n, from: 2n, term: 0 })
    group.cut(2n, 1n)
    group.cut(2n, 3n)
    group.elect(3n)
    const old = group.member(1n)
    expect([old.role, old.lead]).toEqual(['follower', 3n])
    const [toNew] = toOld === undefined ? [] : old.hear(toOld)
    expect(toNew).toMatchObject({ type, to: 3n, from: 2n, term: 0 })
    expect(toNew?.entries).toEqual([entryOf(0, 0, 'x')])
  },
)

test('[B7] only promises are addressed to ourselves', () => {
  expect(() => send(raftInTerm(1), 'MsgApp', { to: 1n })).toThrow('[M2]')
})

test('the core keeps no bytes that others hold: a buffer that is used again changes nothing', () => {
  const member = new Member({ confState: { ...new Member().confState, voters: [1n] } })
  member.campaign()
  const data = new TextEncoder().encode('before')
  member.node.propose(data)
  data.set(new TextEncoder().encode('after!'))
  member.work()
  expect(member.texts).toEqual(['before'])
})

test('a follower’s log keeps no view of the message that its entries came in', () => {
  const member = new Member()
  const entry = entryOf(1, 1, 'before')
  member.step(message('MsgApp', 2n, { to: 1n, term: 1, entries: [entry], commit: 1 }))
  entry.data?.set(new TextEncoder().encode('after!'))
  member.work()
  expect(member.texts).toEqual(['before'])
})
