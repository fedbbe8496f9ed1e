import { expect, test } from 'vitest'
import { votersAlone } from '../../support/entries.ts'
import { Group } from '../../support/group.ts'
import { electionTick, leaderOf, message } from '../../support/member.ts'

function dropped(leader: ReturnType<typeof leaderOf>): boolean {
  return !leader.node.propose(Uint8Array.of(1)).ok
}

test('(thesis §3.10) leadership goes to whom it was given, one term on, and nothing is lost', () => {
  const group = new Group()
  group.elect(1n)
  group.propose(1n, 'a')
  group.member(1n).node.transferLeader(3n)
  group.settle()
  expect([group.leaders, group.member(3n).term]).toEqual([[3n], 2])
  group.propose(3n, 'b')
  expect(group.member(1n).texts).toEqual(['a', 'b'])
})

test('(thesis §3.10, step 1) while it hands over, a leader takes no proposals', () => {
  const leader = leaderOf()
  leader.node.transferLeader(2n)
  expect(dropped(leader)).toBe(true)
})

test('(thesis §3.10, step 2) the target gets all of the log first, and campaigns only then', () => {
  const leader = leaderOf({ confState: votersAlone(1n, 2n) })
  leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 1 }))
  leader.propose('a')
  leader.node.transferLeader(2n)
  const sent = leader.work()
  expect(sent.map(({ type }) => type)).not.toContain('MsgTimeoutNow')
  const told = leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 2 }))
  expect(told.map(({ type }) => type)).toContain('MsgTimeoutNow')
})

test('(thesis §3.10, step 3) the target campaigns at once, whatever its clock says', () => {
  const group = new Group()
  group.elect(1n)
  const target = group.member(2n)
  const asked = target.hear(message('MsgTimeoutNow', 1n, { to: 2n, term: 1 }))
  expect(asked.map(({ type, to, term }) => `${type} ${to} ${term}`)).toEqual([
    'MsgVote 1 2',
    'MsgVote 3 2',
  ])
})

test('(thesis §3.10) the old leader steps down when it hears of the new term', () => {
  const group = new Group()
  group.elect(1n)
  group.member(1n).node.transferLeader(2n)
  group.settle()
  expect([group.member(1n).role, group.member(1n).lead]).toEqual(['follower', 2n])
})

test('(thesis §3.10) a target that does not take over within an election timeout is given up', () => {
  const leader = leaderOf()
  leader.node.transferLeader(2n)
  leader.tick(electionTick - 1)
  expect(dropped(leader)).toBe(true)
  leader.tick()
  expect([dropped(leader), leader.role]).toEqual([false, 'leader'])
})

test('(thesis §3.10, §4.2.3) the election of a transfer is heard though a leader is alive', () => {
  const group = new Group({ config: { checkQuorum: true, preVote: true } })
  group.elect(1n)
  group.tick(1n)
  group.elect(3n)
  expect(group.leaders).toEqual([1n]) // an election of its own accord is not
  group.member(1n).node.transferLeader(2n)
  group.settle()
  expect(group.leaders).toEqual([2n])
})
