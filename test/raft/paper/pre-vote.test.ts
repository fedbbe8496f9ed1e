import { expect, test } from 'vitest'
import { entriesOf } from '../../support/entries.ts'
import { Group } from '../../support/group.ts'
import { electionTick, Member, message } from '../../support/member.ts'

const preVote = { config: { preVote: true } }
const both = { config: { preVote: true, checkQuorum: true } }

test('(thesis §9.6) a member asks first whether it could win: its term and vote stay', () => {
  const member = new Member({ hardState: { term: 4 }, ...preVote })
  const asked = member.tick(electionTick)
  expect([member.role, member.term, member.vote]).toEqual(['pre-candidate', 4, 0n])
  expect(asked).toMatchObject([
    { type: 'MsgPreVote', to: 2n, term: 5 },
    { type: 'MsgPreVote', to: 3n, term: 5 },
  ])
})

test('(thesis §9.6) only with the consent of a majority does it raise its term and campaign', () => {
  const member = new Member({ hardState: { term: 4 }, ...preVote })
  member.campaign()
  const asked = member.hear(message('MsgPreVoteResp', 2n, { to: 1n, term: 5 }))
  expect([member.role, member.term, member.vote]).toEqual(['candidate', 5, 1n])
  expect(asked.map(({ type }) => type)).toEqual(['MsgVote', 'MsgVote'])
})

test('(thesis §9.6) refused by a majority, it follows again in its old term', () => {
  const member = new Member({ hardState: { term: 4 }, ...preVote })
  member.campaign()
  for (const from of [2n, 3n]) {
    member.hear(message('MsgPreVoteResp', from, { to: 1n, term: 4, reject: true }))
  }
  expect([member.role, member.term]).toEqual(['follower', 4])
})

test('(thesis §9.6) consent promises nothing: it is given to several and remembered for none', () => {
  const member = new Member(preVote)
  for (const from of [2n, 3n]) {
    const asked = message('MsgPreVote', from, { to: 1n, term: 1 })
    expect(member.hear(asked)).toMatchObject([{ type: 'MsgPreVoteResp', reject: false }])
  }
  expect([member.term, member.vote]).toEqual([0, 0n])
})

test.each([
  [1, 9, true],
  [2, 1, true],
  [2, 2, false],
  [3, 1, false],
])(
  '(thesis §9.6) consent is for those only whose log is up to date: ours ends with %i/%i',
  (term, index, isGiven) => {
    const entries = entriesOf(1, ...Array<number>(index - 1).fill(1), term)
    const member = new Member({ entries, hardState: { term: 3 }, ...preVote })
    const asked = message('MsgPreVote', 2n, { to: 1n, term: 4, index: 1, logTerm: 2 })
    expect(member.hear(asked)).toMatchObject([{ type: 'MsgPreVoteResp', reject: !isGiven }])
  },
)

test('(thesis §9.6) and only when no leader was heard of late', () => {
  const group = new Group(both)
  group.elect(1n)
  group.tick(1n)
  const asked = message('MsgPreVote', 3n, { to: 2n, term: 2, index: 9, logTerm: 1 })
  expect(group.member(2n).hear(asked)).toEqual([])
  group.member(2n).tick(electionTick) // campaigns itself by now, and hears nobody
  expect(group.member(2n).hear(asked)).toMatchObject([{ type: 'MsgPreVoteResp', reject: false }])
})

test('(thesis §9.6) a member that was cut off raises no term, and disturbs nobody when it is back', () => {
  const group = new Group(both)
  group.elect(1n)
  group.isolate(3n)
  group.tick(3n, 10 * electionTick)
  group.propose(1n, 'meanwhile')
  expect([group.member(3n).role, group.member(3n).term]).toEqual(['pre-candidate', 1])
  group.heal()
  group.tickAll(2)
  expect(group.members.map(({ term }) => term)).toEqual([1, 1, 1])
  expect([group.leaders, group.member(3n).texts]).toEqual([[1n], ['meanwhile']])
})

test('(thesis §9.6) without it, such a member’s higher term deposes a leader that works', () => {
  const group = new Group()
  group.elect(1n)
  group.isolate(3n)
  group.tick(3n, 3 * electionTick)
  group.heal()
  group.tick(3n, electionTick)
  expect([group.member(1n).role, group.member(1n).term]).toEqual(['follower', 5])
})

test('(thesis §9.6) with it, a group whose leader is gone still elects another', () => {
  const group = new Group(both)
  group.elect(1n)
  group.isolate(1n)
  for (let tick = 0; tick < 2 * electionTick; tick++) {
    for (const id of [2n, 3n]) group.member(id).node.tick()
  }
  group.settle()
  group.elect(2n)
  expect(group.member(2n).role).toBe('leader')
})
