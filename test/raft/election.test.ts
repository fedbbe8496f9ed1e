import { describe, expect, test } from 'vitest'
import { transferContext } from '../../src-main/raft/election.ts'
import type { ConfChangeV2, NodeId } from '../../src-main/raft/entry.ts'
import { type Message, newMessage } from '../../src-main/raft/message.ts'
import { step } from '../../src-main/raft/step.ts'
import { encodeConfChange, encodeConfChangeV2 } from '../../src-main/raft/wire/conf-change.ts'
import { bareRaftAs } from '../support/bare-raft.ts'
import { entriesOf, entryOf, votersAlone } from '../support/entries.ts'
import { Group } from '../support/group.ts'
import { electionTick, leaderOf, Member, message } from '../support/member.ts'
import { seededRandom } from '../support/seeded-random.ts'

type Ask = 'MsgVote' | 'MsgPreVote'

/** Member 2 asks member 1 for its vote. */
function ask(type: Ask, term: number, logTerm: number, index: number): Message {
  return message(type, 2n, { to: 1n, term, logTerm, index })
}

function isGranted(answers: readonly Message[]): boolean | null {
  const [answer] = answers
  return answer === undefined ? null : !answer.reject
}

// A log of entries 1/1 and 2/2 is asked by candidates whose log ends elsewhere; who it has voted
// for.
test.each<[number, number, NodeId, boolean]>([
  [0, 0, 0n, false],
  [0, 1, 0n, false],
  [0, 2, 0n, false],
  [0, 3, 0n, false],
  [1, 0, 0n, false],
  [1, 1, 0n, false],
  [1, 2, 0n, false],
  [1, 3, 0n, false],
  [2, 0, 0n, false],
  [2, 1, 0n, false],
  [2, 2, 0n, true],
  [2, 3, 0n, true],
  [3, 0, 0n, true],
  [3, 1, 0n, true],
  [3, 2, 0n, true],
  [3, 3, 0n, true],
  [3, 2, 2n, true],
  [3, 2, 3n, false],
  [2, 2, 2n, true],
  [2, 2, 3n, false],
  [2, 1, 2n, false],
])('[B10] a log that ends at term %i, index %i, after a vote for %i: %s', (...row) => {
  const [logTerm, index, vote, granted] = row
  const member = new Member({ entries: entriesOf(1, 1, 2), hardState: { term: 3, vote } })
  const answers = member.hear(ask('MsgVote', 3, logTerm, index))
  expect(answers).toMatchObject([{ type: 'MsgVoteResp', to: 2n, term: 3, reject: !granted }])
  expect(member.vote).toBe(granted ? 2n : vote)
})

test('[B10] a known leader of the same term blocks a fresh vote, but not one given before', () => {
  const follower = (vote: NodeId) => {
    const member = new Member({ hardState: { term: 3, vote } })
    member.hear(message('MsgHeartbeat', 3n, { to: 1n, term: 3 }))
    return member
  }
  expect(isGranted(follower(0n).hear(ask('MsgVote', 3, 9, 9)))).toBe(false)
  expect(isGranted(follower(2n).hear(ask('MsgVote', 3, 9, 9)))).toBe(true)
})

test('[B10] a pre-vote of a future term is given whatever was voted and whoever leads', () => {
  const member = new Member({ hardState: { term: 3, vote: 3n } })
  member.hear(message('MsgHeartbeat', 3n, { to: 1n, term: 3 }))
  expect(isGranted(member.hear(ask('MsgPreVote', 4, 9, 9)))).toBe(true)
  expect(isGranted(member.hear(ask('MsgPreVote', 3, 9, 9)))).toBe(false)
})

test.each(['follower', 'pre-candidate', 'candidate', 'leader'] as const)(
  '[B11] a %s gives a vote of a later term, and steps back into it',
  (role) => {
    const raft = bareRaftAs(role)
    step(raft, ask('MsgVote', raft.term + 1, 9, 9))
    const granted = { type: 'MsgVoteResp', to: 2n, term: raft.term, reject: false }
    expect(raft.promises).toMatchObject([granted])
    expect([raft.role.kind, raft.vote]).toEqual(['follower', 2n])
  },
)

test.each(['follower', 'pre-candidate', 'candidate', 'leader'] as const)(
  '[B11] a %s answers a pre-vote and stays as it is',
  (role) => {
    const raft = bareRaftAs(role)
    const before = [raft.role, raft.term, raft.vote]
    step(raft, ask('MsgPreVote', raft.term + 1, 9, 9))
    expect(raft.promises).toMatchObject([{ type: 'MsgPreVoteResp', to: 2n, reject: false }])
    expect([raft.role, raft.term, raft.vote]).toEqual(before)
  },
)

test.each<[Ask, boolean, string]>([
  ['MsgVote', true, 'follower'],
  ['MsgPreVote', false, 'candidate'],
])('[B12] a granted %s puts off our own election: %s', (type, isReal, role) => {
  const member = new Member({ hardState: { term: 1 } })
  member.tick(electionTick - 1)
  const term = type === 'MsgVote' ? 1 : 2
  expect(isGranted(member.hear(ask(type, term, 0, 0)))).toBe(true)
  expect(member.vote).toBe(isReal ? 2n : 0n)
  member.tick()
  expect(member.role).toBe(role)
})

test('[B12] a refused vote puts off nothing', () => {
  const member = new Member({ entries: entriesOf(1, 1), hardState: { term: 1 } })
  member.tick(electionTick - 1)
  expect(isGranted(member.hear(ask('MsgVote', 1, 0, 0)))).toBe(false)
  expect(isGranted(member.hear(ask('MsgPreVote', 2, 0, 0)))).toBe(false)
  member.tick()
  expect(member.role).toBe('candidate')
})

test('[B13] a pre-vote is given in the term that was asked about, a refusal carries our own', () => {
  const member = new Member({ hardState: { term: 3 }, entries: entriesOf(1, 3) })
  expect(member.hear(ask('MsgPreVote', 7, 3, 1))).toMatchObject([{ term: 7, reject: false }])
  expect(member.hear(ask('MsgPreVote', 7, 2, 9))).toMatchObject([{ term: 3, reject: true }])
  expect(member.hear(ask('MsgVote', 8, 2, 9))).toMatchObject([{ term: 8, reject: true }])
})

test('a member that never had a term refuses a shorter log by silence', () => {
  const member = new Member({ after: { term: 1, index: 5 } })
  expect([member.term, member.hear(ask('MsgPreVote', 1, 0, 0))]).toEqual([0, []])
})

test('[B19] a leader that is told to campaign goes on leading', () => {
  const leader = leaderOf()
  leader.work()
  expect([leader.campaign(), leader.role, leader.term]).toEqual([[], 'leader', 1])
})

describe('[B19] with a committed change of the configuration that is not applied', () => {
  const change: ConfChangeV2 = {
    kind: 'v2',
    transition: 'ConfChangeTransitionAuto',
    changes: [{ type: 'ConfChangeRemoveNode', nodeId: 3n }],
    context: null,
  }
  const v1 = {
    kind: 'v1',
    id: 0n,
    type: 'ConfChangeRemoveNode',
    nodeId: 3n,
    context: null,
  } as const
  const older = { ...entryOf(1, 9), type: 'EntryConfChange', data: encodeConfChange(v1) } as const
  const newer = {
    ...entryOf(1, 9),
    type: 'EntryConfChangeV2',
    data: encodeConfChangeV2(change),
  } as const

  test.each([older, newer])('a member does not campaign ($type)', (entry) => {
    // The change is the last of many, so that it is found only when all pages are looked through.
    const entries = [...entriesOf(1, ...Array<number>(8).fill(1)), entry]
    const config = { maxCommittedSizePerReady: 20 }
    const member = new Member({ entries, hardState: { term: 1, commit: 9 }, config })
    member.node.campaign()
    expect(member.role).toBe('follower')
    expect(member.logger.said('still pending configuration changes to apply')).toBe(true)
    member.work()
    member.node.campaign()
    expect(member.role).toBe('candidate')
  })

  test('nor does it on the word of a leader that hands over', () => {
    const entries = [{ ...newer, index: 1 }]
    const member = new Member({ entries, hardState: { term: 1, commit: 1 } })
    member.node.step(message('MsgTimeoutNow', 2n, { to: 1n, term: 1 }))
    expect(member.role).toBe('follower')
  })
})

describe('[B24] while the lease of a leader lasts', () => {
  const config = { checkQuorum: true }
  const follower = (ticks: number) => {
    const member = new Member({ config })
    member.hear(message('MsgHeartbeat', 3n, { to: 1n, term: 1 }))
    // Its own election is far off, so that only the lease decides.
    member.node.pinElectionTimeout(electionTick * 9)
    member.tick(ticks)
    return member
  }

  test.each(['MsgVote', 'MsgPreVote'] as const)('a %s is not even answered', (type) => {
    const member = follower(electionTick - 1)
    expect(member.hear(ask(type, 9, 9, 9))).toEqual([])
    expect([member.term, member.lead]).toEqual([1, 3n])
    expect(member.logger.said('lease is not expired (remaining ticks: 1)')).toBe(true)
  })

  test.each(['MsgVote', 'MsgPreVote'] as const)('and a tick later a %s is', (type) => {
    expect(isGranted(follower(electionTick).hear(ask(type, 9, 9, 9)))).toBe(true)
  })

  test('nor does a leader answer that hears a quorum', () => {
    const leader = leaderOf({ config })
    leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 1 }))
    expect(leader.hear(ask('MsgVote', 9, 9, 9))).toEqual([])
    expect([leader.role, leader.term]).toEqual(['leader', 1])
  })

  test('a vote for a candidate that is told to take over is given all the same', () => {
    const told = { ...ask('MsgVote', 9, 9, 9), context: transferContext }
    expect(isGranted(follower(0).hear(told as Message))).toBe(true)
    const other = { ...told, context: new TextEncoder().encode('CampaignTransfex') }
    expect(follower(0).hear(other as Message)).toEqual([])
  })

  test('right after a start, with no leader known, votes are given', () => {
    expect(isGranted(new Member({ config }).hear(ask('MsgVote', 9, 9, 9)))).toBe(true)
  })
})

test('the context of a transfer is what every member of the group understands', () => {
  expect(new TextDecoder().decode(transferContext)).toBe('CampaignTransfer')
})

test('[B20] a member that was cut off comes back without raising a term', () => {
  const group = new Group({ config: { preVote: true } })
  group.elect(1n)
  group.isolate(3n)
  group.propose(1n, 'meanwhile')
  group.tick(3n, electionTick * 20)
  expect([group.member(3n).role, group.member(3n).term]).toEqual(['pre-candidate', 1])
  group.heal()
  group.tick(3n, electionTick)
  expect([group.leaders, group.member(1n).term]).toEqual([[1n], 1])
  group.tick(1n)
  expect(group.member(3n).texts).toEqual(['meanwhile'])
})

test('[B20] a split vote resolves in the next round', () => {
  const group = new Group({ config: { preVote: true } })
  group.member(2n).node.campaign()
  group.member(3n).node.campaign()
  group.isolate(1n)
  group.settle()
  expect(group.leaders).toEqual([])
  group.heal()
  group.elect(3n)
  expect(group.leaders).toEqual([3n])
})

test('[B20] members with and without pre-votes elect a leader together', () => {
  const members = new Map([[3n, { config: { preVote: false } }]])
  const group = new Group({ config: { preVote: true, random: seededRandom(5) }, members })
  group.elect(1n)
  group.isolate(3n)
  group.tick(3n, electionTick * 3) // its term runs ahead, as it asks nobody before
  expect(group.member(3n).term).toBeGreaterThan(1)
  group.propose(1n, 'meanwhile')
  group.heal()
  group.tickAll(electionTick * 6)
  expect(group.leaders.length).toBe(1)
  group.propose(group.leaders[0] ?? 0n, 'after')
  group.tickAll()
  for (const member of group.members) expect(member.texts).toEqual(['meanwhile', 'after'])
})

test('[B21] a leader may overwrite entries of a later term that were never committed', () => {
  // Member 3 led term 2 and nobody else heard of its entry; member 1 has only been told the term.
  const members = new Map([
    [1n, { hardState: { term: 2, vote: 3n }, entries: entriesOf(1, 1) }],
    [2n, { hardState: { term: 2, vote: 3n }, entries: entriesOf(1, 1) }],
    [3n, { hardState: { term: 2, vote: 3n }, entries: entriesOf(1, 1, 2) }],
    [4n, { hardState: { term: 2, vote: 3n }, entries: entriesOf(1, 1) }],
    [5n, { hardState: { term: 2, vote: 3n }, entries: entriesOf(1, 1) }],
  ])
  const group = new Group({ confState: votersAlone(1n, 2n, 3n, 4n, 5n), members })
  group.elect(1n)
  expect([group.leaders, group.member(1n).term]).toEqual([[1n], 3])
  for (const member of group.members) expect(member.log).toBe('1/1 3/2')
})

test('[B19] a message that tells a leader to campaign is for a member alone', () => {
  const member = new Member()
  expect(member.step(newMessage('MsgHup', { from: 2n }))).toMatchObject({ ok: false })
})
