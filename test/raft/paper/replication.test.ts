import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Entry } from '../../../src-main/raft/entry.ts'
import { entriesOf, namesOf, votersAlone } from '../../support/entries.ts'
import { Group } from '../../support/group.ts'
import { leaderOf, Member, message } from '../../support/member.ts'

const five = votersAlone(1n, 2n, 3n, 4n, 5n)

test('(§5.3) a leader appends a proposal to its log and sends it to all others at once', () => {
  const leader = leaderOf()
  for (const peer of [2n, 3n])
    leader.hear(message('MsgAppResp', peer, { to: 1n, term: 1, index: 1 }))
  const sent = leader.propose('a')
  expect(leader.log).toBe('1/1 1/2')
  expect(
    sent.map(({ to, index, logTerm, entries }) => [to, index, logTerm, namesOf(entries)]),
  ).toEqual([
    [2n, 1, 1, '1/2'],
    [3n, 1, 1, '1/2'],
  ])
})

test('(§5.3) an entry is committed and applied once a majority has it, and not before', () => {
  const leader = leaderOf({ confState: five })
  leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 1 }))
  expect([leader.commit, leader.applied]).toEqual([0, []])
  leader.hear(message('MsgAppResp', 3n, { to: 1n, term: 1, index: 1 }))
  expect([leader.commit, namesOf(leader.applied)]).toEqual([1, '1/1'])
})

test('(§5.3) a member that is slow or gone holds nobody up', () => {
  const group = new Group({ confState: five })
  group.elect(1n)
  group.isolate(4n)
  group.isolate(5n)
  for (const text of ['a', 'b']) group.propose(1n, text)
  expect([1n, 2n, 3n].map((id) => group.member(id).texts)).toEqual([
    ['a', 'b'],
    ['a', 'b'],
    ['a', 'b'],
  ])
})

test('(§5.3) a leader goes on sending until a follower has everything, however much was lost', () => {
  const group = new Group()
  group.elect(1n)
  let dice = 1
  group.loses = () => {
    dice = (dice * 48_271) % 2_147_483_647
    return dice % 3 !== 0
  }
  for (const text of ['a', 'b', 'c']) group.propose(1n, text)
  group.tick(1n, 100)
  expect(group.members.map(({ texts }) => texts.join())).toEqual(['a,b,c', 'a,b,c', 'a,b,c'])
})

test('(§5.3) committing an entry commits all before it, also those of earlier leaders', () => {
  const leader = new Member({ entries: entriesOf(1, 1, 2, 2), hardState: { term: 2 } })
  leader.campaign()
  leader.hear(message('MsgVoteResp', 2n, { to: 1n, term: 3 }))
  expect(leader.commit).toBe(0)
  leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 3, index: 4 }))
  expect(namesOf(leader.applied)).toBe('1/1 2/2 2/3 3/4')
})

test('(§5.3) appends and heartbeats carry the commit index, and followers apply in the log’s order', () => {
  const member = new Member()
  const heard = { to: 1n, term: 1, entries: entriesOf(1, 1, 1, 1), commit: 1 }
  member.hear(message('MsgApp', 2n, heard))
  expect(namesOf(member.applied)).toBe('1/1')
  member.hear(message('MsgHeartbeat', 2n, { to: 1n, term: 1, commit: 3 }))
  expect(namesOf(member.applied)).toBe('1/1 1/2 1/3')
})

test('(§5.3) a follower takes nothing that does not follow on what it has, and its log stays', () => {
  const member = new Member({ entries: entriesOf(1, 1, 1), hardState: { term: 2 } })
  for (const [index, logTerm] of [
    [5, 1],
    [2, 2],
  ] as const) {
    const heard = { to: 1n, term: 2, index, logTerm, entries: entriesOf(index + 1, 2) }
    expect(member.hear(message('MsgApp', 2n, heard))).toMatchObject([{ reject: true, index }])
  }
  expect(member.log).toBe('1/1 1/2')
})

// Figure 7 of the paper: what followers may have when the leader of term 8 comes to power.
const figure7: readonly (readonly number[])[] = [
  [1, 1, 1, 4, 4, 5, 5, 6, 6],
  [1, 1, 1, 4],
  [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
  [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
  [1, 1, 1, 4, 4, 4, 4],
  [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
]

test.each(figure7.map((terms) => [terms]))(
  '(§5.3, figure 7) a log of terms %s becomes the leader’s',
  (terms) => {
    const leading = entriesOf(1, 1, 1, 1, 4, 4, 5, 5, 6, 6, 6)
    const members = new Map([
      [1n, { entries: leading, hardState: { term: 7 } }],
      [2n, { entries: entriesOf(1, ...terms), hardState: { term: 7 } }],
    ])
    const group = new Group({ members })
    group.elect(1n)
    if (group.leaders.length === 0) group.elect(1n)
    group.tick(1n)
    expect(group.leaders).toEqual([1n])
    expect(group.member(2n).log).toBe(group.member(1n).log)
    expect(group.member(1n).log.startsWith(namesOf(leading))).toBe(true)
  },
)

test('(§5.3) a leader never changes or removes an entry of its own', () => {
  const group = new Group({
    members: new Map([[2n, { entries: entriesOf(1, 1, 1, 1), hardState: { term: 1 } }]]),
  })
  const seen: string[] = []
  group.elect(1n)
  group.elect(3n)
  const leader = group.elect(2n)
  for (const text of ['a', 'b']) {
    seen.push(leader.log)
    group.propose(2n, text)
  }
  seen.push(leader.log)
  for (const [place, log] of seen.entries())
    expect(seen[place + 1] ?? log).toMatch(new RegExp(`^${log}`))
})

/** The longest stretch from the front in which two logs agree. */
function agreement(one: readonly Entry[], other: readonly Entry[]): number {
  const at = one.findIndex((entry, place) => entry.term !== other[place]?.term)
  return at === -1 ? one.length : at
}

test('(§5.3) Log Matching: equal index and term means equal logs up to there, whatever is lost on the way', () => {
  const action = fc.record({
    who: fc.constantFrom(1n, 2n, 3n),
    what: fc.constantFrom('campaign', 'propose', 'propose', 'tick', 'isolate', 'heal'),
  })
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 40 }),
      fc.infiniteStream(fc.nat(9)),
      (actions, dice) => {
        const group = new Group()
        group.loses = () => dice.next().value < 2
        for (const { who, what } of actions) {
          if (what === 'campaign') group.elect(who)
          else if (what === 'propose') group.propose(who, `${who}`)
          else if (what === 'tick') group.tick(who)
          else if (what === 'isolate') group.isolate(who)
          else {
            group.heal()
            group.loses = () => dice.next().value < 2
          }
        }
        const logs = group.members.map(({ storage }) => {
          const all = storage.entries(1, storage.lastIndex() + 1, Number.POSITIVE_INFINITY)
          return all.ok ? all.value : []
        })
        for (const one of logs) {
          for (const other of logs) {
            const agreed = agreement(one, other)
            const later = one.slice(agreed).filter((entry, place) => {
              return other[agreed + place]?.term === entry.term
            })
            expect(later).toEqual([])
          }
        }
        // And what is committed anywhere is in the same place wherever anything is committed there.
        const committed = group.members.map(({ applied }) => applied)
        for (const one of committed) {
          for (const other of committed) {
            const shared = Math.min(one.length, other.length)
            expect(one.slice(0, shared)).toEqual(other.slice(0, shared))
          }
        }
      },
    ),
    { numRuns: 100 },
  )
})
