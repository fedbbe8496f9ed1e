import { expect, test } from 'vitest'
import type { NodeId } from '../../../src-main/raft/entry.ts'
import { entriesOf, votersAlone } from '../../support/entries.ts'
import { Group } from '../../support/group.ts'
import { electionTick, leaderOf, Member, message } from '../../support/member.ts'

function vote(from: NodeId, term: number, fields = {}) {
  return message('MsgVote', from, { to: 1n, term, index: 9, logTerm: term, ...fields })
}

test('(§5.2) a member starts as a follower of nobody', () => {
  const member = new Member()
  expect([member.role, member.lead, member.term]).toEqual(['follower', 0n, 0])
})

test('(§5.2) a leader sends heartbeats to everybody, at the pace it was given', () => {
  const leader = leaderOf({ config: { heartbeatTick: 2 } })
  const beats = leader.tick(4).map(({ type, to }) => `${type} ${to}`)
  expect(beats).toEqual(['MsgHeartbeat 2', 'MsgHeartbeat 3', 'MsgHeartbeat 2', 'MsgHeartbeat 3'])
})

test('(§5.2) after silence for an election timeout a member raises its term, votes for itself and asks all others', () => {
  const member = new Member({ entries: entriesOf(1, 1, 2), hardState: { term: 2 } })
  expect(member.tick(electionTick - 1)).toEqual([])
  const requests = member.tick()
  expect([member.role, member.term, member.vote]).toEqual(['candidate', 3, 1n])
  expect(requests).toMatchObject([
    { type: 'MsgVote', to: 2n, term: 3, index: 2, logTerm: 2 },
    { type: 'MsgVote', to: 3n, term: 3, index: 2, logTerm: 2 },
  ])
})

test.each<[number, readonly NodeId[], readonly NodeId[], string]>([
  [1, [], [], 'leader'],
  [3, [2n], [], 'leader'],
  [3, [], [], 'candidate'],
  [3, [], [2n], 'candidate'],
  [3, [], [2n, 3n], 'follower'],
  [5, [2n], [], 'candidate'],
  [5, [2n, 3n], [], 'leader'],
  [5, [2n, 3n], [4n, 5n], 'leader'],
  [5, [2n], [3n, 4n, 5n], 'follower'],
  [4, [2n], [3n], 'candidate'],
  [4, [2n, 3n], [], 'leader'],
])(
  '(§5.2) of %i members, with votes of %s and refusals of %s, a candidate is %s',
  (size, granted, refused, role) => {
    const ids = [1n, 2n, 3n, 4n, 5n].slice(0, size)
    const member = new Member({ confState: votersAlone(...ids) })
    member.campaign()
    for (const id of granted) member.hear(message('MsgVoteResp', id, { to: 1n, term: 1 }))
    for (const id of refused)
      member.hear(message('MsgVoteResp', id, { to: 1n, term: 1, reject: true }))
    expect(member.role).toBe(role)
  },
)

test('(§5.2) the votes that count are those for the candidate’s own term', () => {
  const member = new Member({ hardState: { term: 4 } })
  member.campaign()
  member.hear(message('MsgVoteResp', 2n, { to: 1n, term: 4 }))
  expect(member.role).toBe('candidate')
  member.hear(message('MsgVoteResp', 2n, { to: 1n, term: 5 }))
  expect(member.role).toBe('leader')
})

test('(§5.2) a member votes once in a term, for whoever asked first', () => {
  const member = new Member()
  expect(member.hear(vote(2n, 1))).toMatchObject([{ type: 'MsgVoteResp', reject: false }])
  expect(member.hear(vote(3n, 1))).toMatchObject([{ type: 'MsgVoteResp', reject: true }])
  // As if the answer had been lost.
  expect(member.hear(vote(2n, 1))).toMatchObject([{ type: 'MsgVoteResp', reject: false }])
  expect(member.hear(vote(3n, 2))).toMatchObject([{ type: 'MsgVoteResp', reject: false }])
})

test('(§5.2, thesis §3.8) its vote outlives a restart', () => {
  const member = new Member()
  member.hear(vote(2n, 1))
  member.restart()
  expect(member.vote).toBe(2n)
  expect(member.hear(vote(3n, 1))).toMatchObject([{ reject: true }])
})

test('(§5.2, thesis §3.8) no vote leaves before it is written', () => {
  const member = new Member({ config: { asyncStorageWrites: true } })
  member.step(vote(2n, 1))
  const { messages } = member.node.ready()
  expect(messages.map(({ type }) => type)).toEqual(['MsgStorageAppend'])
  expect(messages[0]).toMatchObject({
    term: 1,
    vote: 2n,
    responses: [{ type: 'MsgVoteResp', to: 2n }],
  })
})

test('(§5.2) whoever wins tells all others at once, so that nobody else campaigns', () => {
  const member = new Member()
  member.campaign()
  const sent = member.hear(message('MsgVoteResp', 2n, { to: 1n, term: 1 }))
  expect(sent.map(({ type, to }) => `${type} ${to}`)).toEqual(['MsgApp 2', 'MsgApp 3'])
})

test.each([0, 1])('(§5.2) a candidate that hears a leader %i terms ahead follows it', (ahead) => {
  const member = new Member()
  member.campaign()
  member.hear(message('MsgApp', 2n, { to: 1n, term: 1 + ahead }))
  expect([member.role, member.term, member.lead]).toEqual(['follower', 1 + ahead, 2n])
})

test('(§5.2) a candidate that hears a leader of an earlier term stays one', () => {
  const member = new Member({ hardState: { term: 3 } })
  member.campaign()
  member.hear(message('MsgApp', 2n, { to: 1n, term: 3 }))
  expect([member.role, member.term]).toEqual(['candidate', 4])
})

test('(§5.2) a split vote ends in a timeout and a new election, one term on', () => {
  const group = new Group()
  // Two campaign at once, and each has only its own vote.
  group.loses = ({ type }) => type === 'MsgVote'
  group.elect(1n)
  group.elect(2n)
  expect([group.leaders, group.member(1n).term, group.member(2n).term]).toEqual([[], 1, 1])
  group.heal()
  group.tick(1n, electionTick)
  expect([group.leaders, group.member(1n).term]).toEqual([[1n], 2])
})

test('(§5.2) timeouts are drawn from a fixed interval, anew for every election', () => {
  const drawn = [0, 9, 4, 7]
  const member = new Member({ config: { random: { below: () => drawn.shift() ?? 0 } } })
  const waited = [0, 9, 4].map((extra) => {
    const { term } = member
    member.tick(electionTick + extra - 1)
    expect(member.term).toBe(term)
    member.tick()
    return member.term - term
  })
  expect(waited).toEqual([1, 1, 1])
})

test('(§5.2) the dice are asked for a number below the election tick', () => {
  const bounds: number[] = []
  const below = (bound: number) => {
    bounds.push(bound)
    return bound - 1
  }
  const member = new Member({ config: { random: { below } } })
  member.tick(2 * electionTick - 2)
  expect(member.role).toBe('follower')
  member.tick()
  expect(member.role).toBe('candidate')
  expect(new Set(bounds)).toEqual(new Set([electionTick]))
})

test('(§5.2) there is at most one leader in a term, whoever campaigns and whatever is lost', () => {
  const leaders = new Map<number, Set<NodeId>>()
  for (let lost = 0; lost < 64; lost++) {
    const group = new Group({ confState: votersAlone(1n, 2n, 3n) })
    let count = 0
    // Six messages of talk about votes, each lost or not: all ways it can go.
    group.loses = ({ type }) => type.startsWith('MsgVote') && ((lost >> (count++ % 6)) & 1) === 1
    for (const id of [1n, 2n]) group.member(id).node.campaign()
    group.settle()
    const elected = group.members.filter(({ role }) => role === 'leader')
    leaders.set(lost, new Set(elected.map(({ id }) => id)))
    expect(elected.length).toBeLessThanOrEqual(1)
  }
  expect([...leaders.values()].some(({ size }) => size === 1)).toBe(true)
})
