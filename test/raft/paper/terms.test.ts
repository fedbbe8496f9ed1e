import { expect, test } from 'vitest'
import { entriesOf } from '../../support/entries.ts'
import { Group } from '../../support/group.ts'
import { electionTick, leaderOf, Member, message } from '../../support/member.ts'

/** A member of term 3 in each of the roles. */
const roles: readonly [string, () => Member][] = [
  ['follower', () => new Member({ hardState: { term: 3 } })],
  [
    'candidate',
    () => {
      const member = new Member({ hardState: { term: 2 } })
      member.campaign()
      return member
    },
  ],
  ['leader', () => leaderOf({ hardState: { term: 2 } })],
]

test.each(roles)(
  '(§5.1) a %s that hears of a higher term takes it on and follows',
  (role, make) => {
    const member = make()
    expect([member.role, member.term]).toEqual([role, 3])
    member.hear(message('MsgApp', 2n, { to: 1n, term: 4 }))
    expect([member.role, member.term, member.lead]).toEqual(['follower', 4, 2n])
  },
)

test.each(roles)('(§5.1) a %s takes nothing from an earlier term', (role, make) => {
  const member = make()
  const before = [member.role, member.term, member.vote, member.log, member.commit]
  const stale = { to: 1n, term: 2 }
  for (const heard of [
    message('MsgApp', 2n, { ...stale, entries: entriesOf(1, 2), commit: 1 }),
    message('MsgHeartbeat', 2n, { ...stale, commit: 1 }),
    message('MsgVote', 2n, { ...stale, index: 99, logTerm: 2 }),
    message('MsgVoteResp', 2n, stale),
    message('MsgAppResp', 2n, { ...stale, index: 1 }),
  ]) {
    expect(member.hear(heard)).toEqual([])
  }
  expect([member.role, member.term, member.vote, member.log, member.commit]).toEqual(before)
  expect(member.role).toBe(role)
})

test('(§5.1) a follower is passive: it says nothing of itself while its leader is heard', () => {
  const member = new Member()
  for (let round = 0; round < 5; round++) {
    expect(member.tick(electionTick - 1)).toEqual([])
    member.hear(message('MsgHeartbeat', 2n, { to: 1n, term: 1 }))
  }
  expect(member.role).toBe('follower')
})

test('(§5.1) what a client asks of a follower goes to the leader', () => {
  const group = new Group()
  group.elect(1n)
  group.propose(3n, 'from afar')
  expect(group.members.map(({ texts }) => texts)).toEqual([
    ['from afar'],
    ['from afar'],
    ['from afar'],
  ])
})

test('(§5.1) terms only ever grow, and a restart keeps them', () => {
  const member = new Member({ hardState: { term: 3 } })
  member.hear(message('MsgHeartbeat', 2n, { to: 1n, term: 7 }))
  member.hear(message('MsgHeartbeat', 3n, { to: 1n, term: 5 }))
  expect(member.term).toBe(7)
  member.restart()
  expect(member.term).toBe(7)
})
