import { expect, test } from 'vitest'
import { entriesOf, namesOf, votersAlone } from '../../support/entries.ts'
import { Group } from '../../support/group.ts'
import { electionTick, Member, message } from '../../support/member.ts'

// The voter's log, the candidate's last entry: is the vote granted?
test.each<[readonly number[], number, number, boolean]>([
  [[1, 1], 1, 2, true],
  [[1, 1], 1, 3, true],
  [[1, 1], 1, 1, false],
  [[1, 1], 2, 1, true],
  [[1, 2], 1, 9, false],
  [[1, 2], 2, 1, false],
  [[1, 2], 2, 2, true],
  [[], 0, 0, true],
])(
  '(§5.4.1) with a log of terms %s, a candidate whose last entry is %i/%i gets a vote: %s',
  (terms, ...row) => {
    const [logTerm, index, granted] = row
    const member = new Member({ entries: entriesOf(1, ...terms), hardState: { term: 2 } })
    const answer = member.hear(message('MsgVote', 2n, { to: 1n, term: 3, index, logTerm }))
    expect(answer).toMatchObject([{ type: 'MsgVoteResp', reject: !granted }])
    expect(member.vote).toBe(granted ? 2n : 0n)
  },
)

test('(§5.4.1, §5.4.3) whoever leads has all that was committed', () => {
  const group = new Group({ confState: votersAlone(1n, 2n, 3n, 4n, 5n) })
  group.elect(1n)
  group.isolate(4n)
  group.isolate(5n)
  group.propose(1n, 'committed')
  group.heal()
  group.isolate(1n)
  group.elect(5n)
  expect(group.leaders).toEqual([1n]) // the others refuse: it lacks what they have
  group.elect(2n)
  expect(group.member(2n).role).toBe('leader')
  expect(group.member(5n).texts).toEqual(['committed'])
})

/** Figure 8 up to (b): member 1 had an entry of term 2 on itself and 2, then 5 led term 3 alone. */
function figure8(): Group {
  const group = new Group({
    confState: votersAlone(1n, 2n, 3n, 4n, 5n),
    config: { maxSizePerMsg: 0 },
    members: new Map([
      [1n, { entries: entriesOf(1, 1, 2), hardState: { term: 3 } }],
      [2n, { entries: entriesOf(1, 1, 2), hardState: { term: 3 } }],
      [3n, { entries: entriesOf(1, 1), hardState: { term: 3 } }],
      [4n, { entries: entriesOf(1, 1), hardState: { term: 3 } }],
      [5n, { entries: entriesOf(1, 1, 3), hardState: { term: 3 } }],
    ]),
  })
  return group
}

test('(§5.4.2, figure 8c-d) an old entry on a majority is not committed, and may still be overwritten', () => {
  const group = figure8()
  group.isolate(5n)
  // Member 1 leads term 4. Its own entry arrives where it is refused for want of the one of term 2;
  // that one is sent then and arrives, and what follows is lost.
  const asked = new Set([2n])
  group.loses = ({ to, entries }) => {
    if (!entries.some(({ term }) => term === 4)) return false
    const isLost = asked.has(to)
    asked.add(to)
    return isLost
  }
  group.elect(1n)
  group.tick(1n, 3)
  expect(group.member(3n).log).toBe('1/1 2/2')
  expect(group.members.map(({ commit }) => commit)).toEqual([0, 0, 0, 0, 0])
  group.heal()
  group.isolate(1n)
  group.elect(5n)
  if (group.member(5n).role !== 'leader') group.elect(5n)
  group.tick(5n, 3)
  expect(group.member(3n).log.startsWith('1/1 3/2 5/3')).toBe(true)
})

test('(§5.4.2, figure 8e) with an entry of its own term on a majority, all before it is safe', () => {
  const group = figure8()
  group.isolate(5n)
  group.elect(1n)
  group.tick(1n, 3)
  expect(group.member(1n).commit).toBe(3)
  group.heal()
  group.isolate(1n)
  group.elect(5n)
  expect(group.member(5n).role).not.toBe('leader')
  group.elect(3n)
  group.tick(3n, 3)
  expect(group.member(5n).log.startsWith('1/1 2/2 4/3')).toBe(true)
})

test('(§5.4.3) State Machine Safety: nobody applies anything else at an index', () => {
  const group = new Group()
  group.elect(1n)
  group.propose(1n, 'a')
  group.isolate(1n)
  group.propose(1n, 'never')
  group.elect(2n)
  group.propose(2n, 'b')
  group.heal()
  group.tick(2n, 2)
  expect(group.members.map(({ applied }) => namesOf(applied))).toEqual(
    Array(3).fill('1/1 1/2 2/3 2/4'),
  )
  expect(group.members.map(({ texts }) => texts)).toEqual(Array(3).fill(['a', 'b']))
})

test('(§5.5) hearing the same append twice does nothing more', () => {
  const member = new Member()
  const heard = message('MsgApp', 2n, { to: 1n, term: 1, entries: entriesOf(1, 1, 1), commit: 1 })
  expect(member.hear(heard)).toMatchObject([{ type: 'MsgAppResp', reject: false }])
  expect(member.hear(heard)).toMatchObject([{ type: 'MsgAppResp', reject: false }])
  expect([member.log, member.commit, namesOf(member.applied)]).toEqual(['1/1 1/2', 1, '1/1'])
})

test('(§5.5) a follower that was gone is caught up when it is back, from what it wrote', () => {
  const group = new Group()
  group.elect(1n)
  group.propose(1n, 'a')
  group.isolate(3n)
  for (const text of ['b', 'c']) group.propose(1n, text)
  group.member(3n).restart()
  group.heal()
  group.tick(1n, 2)
  expect(group.member(3n).texts).toEqual(['a', 'b', 'c'])
})

test('(§5.5) a request for a vote is asked again, in a new term, until somebody answers', () => {
  const member = new Member()
  const terms = [1, 2, 3].map(() => member.tick(electionTick).find(({ to }) => to === 2n)?.term)
  expect(terms).toEqual([1, 2, 3])
})

test('(§5.6) safety asks nothing of clocks: ticks at any pace commit nothing twice and lose nothing', () => {
  const group = new Group()
  for (let round = 0; round < 30; round++) {
    group.tick([1n, 2n, 3n, 3n, 2n][round % 5] ?? 1n, (round * 7) % 13)
    const leader = group.leaders[0]
    if (leader !== undefined) group.propose(leader, `${round}`)
  }
  const [first, ...others] = group.members.map(({ applied }) => namesOf(applied))
  for (const other of others)
    expect(first?.startsWith(other) || other.startsWith(first ?? '')).toBe(true)
  expect(group.member(1n).texts.length).toBeGreaterThan(10)
})

test('(thesis §3.8) an acknowledgement leaves only after the entries are written', () => {
  const member = new Member({ config: { asyncStorageWrites: true } })
  member.step(message('MsgApp', 2n, { to: 1n, term: 1, entries: entriesOf(1, 1) }))
  const { messages } = member.node.ready()
  expect(messages.map(({ type }) => type)).toEqual(['MsgStorageAppend'])
  expect(messages[0]?.responses[0]).toMatchObject({ type: 'MsgAppResp', to: 2n, index: 1 })
})

test('(thesis §3.8) a member comes back with its term, its vote and its log, and applies what was committed', () => {
  const group = new Group()
  group.elect(1n)
  group.propose(1n, 'a')
  const member = group.member(2n)
  const before = [member.term, member.vote, member.log, member.commit]
  member.restart()
  expect([member.term, member.vote, member.log, member.commit]).toEqual(before)
  expect(member.texts).toEqual([])
  member.work()
  expect(member.texts).toEqual(['a'])
})
