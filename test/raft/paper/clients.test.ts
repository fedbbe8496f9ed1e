import { expect, test } from 'vitest'
import { entriesOf } from '../../support/entries.ts'
import { Group } from '../../support/group.ts'
import { leaderOf, Member, message } from '../../support/member.ts'

test('(§8) a member that knows no leader takes nothing, so that the client asks again', () => {
  const member = new Member()
  expect(member.node.propose(Uint8Array.of(1))).toEqual({
    ok: false,
    error: { kind: 'proposal-dropped' },
  })
})

test('(§8) a member can always say whom it takes for the leader', () => {
  const group = new Group()
  group.elect(2n)
  expect(group.members.map(({ lead }) => lead)).toEqual([2n, 2n, 2n])
})

test('(§8) a leader begins its term with an empty entry: its commit tells it what is committed', () => {
  const leader = new Member({ entries: entriesOf(1, 1, 1), hardState: { term: 1, commit: 0 } })
  leader.campaign()
  leader.hear(message('MsgVoteResp', 2n, { to: 1n, term: 2 }))
  expect([leader.log, leader.commit]).toEqual(['1/1 1/2 2/3', 0])
  leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 2, index: 3 }))
  expect(leader.commit).toBe(3)
})

test('(§8) a read waits for that first commit, and for a majority to say that the leader still leads', () => {
  const leader = leaderOf()
  leader.node.readIndex(Uint8Array.of(1))
  expect(leader.work()).toEqual([])
  const beats = leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 1 }))
  const context = beats.find(({ type }) => type === 'MsgHeartbeat')?.context ?? null
  expect([context === null, leader.reads]).toEqual([false, []])
  leader.hear(message('MsgHeartbeatResp', 3n, { to: 1n, term: 1, context }))
  expect(leader.reads).toEqual([{ index: 1, requestContext: Uint8Array.of(1) }])
})

test('(§8) a read is in no log', () => {
  const group = new Group()
  group.elect(1n)
  const { log } = group.member(1n)
  group.member(1n).node.readIndex(Uint8Array.of(1))
  group.settle()
  expect([group.member(1n).reads.length, group.member(1n).log]).toEqual([1, log])
})
