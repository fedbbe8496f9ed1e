import { describe, expect, test } from 'vitest'
import { transferContext } from '../../src-main/raft/election.ts'
import type { ConfChangeType, NodeId } from '../../src-main/raft/entry.ts'
import type { Message } from '../../src-main/raft/message.ts'
import { entriesOf, votersAlone } from '../support/entries.ts'
import { Group } from '../support/group.ts'
import { electionTick, leaderOf, Member, message } from '../support/member.ts'

/** A leader in term 1 of voters 2 and 3 and learner 4, of whom 2 has everything. */
function leaderWithOneBehind(): Member {
  const leader = leaderOf({ confState: { ...votersAlone(1n, 2n, 3n), learners: [4n] } })
  leader.hear(acknowledge(2n, 1))
  leader.hear(acknowledge(2n, 1))
  return leader
}

function acknowledge(from: NodeId, index: number): Message {
  return message('MsgAppResp', from, { to: 1n, term: 1, index })
}

function transfer(leader: Member, to: NodeId): readonly Message[] {
  leader.node.transferLeader(to)
  return leader.work()
}

function targetOf(leader: Member): NodeId {
  return leader.node.basicStatus().leadTransferee
}

function mayPropose(leader: Member): boolean {
  return leader.node.propose(Uint8Array.of(1)).ok
}

function applied(leader: Member, type: ConfChangeType, nodeId: NodeId): void {
  leader.node.applyConfChange({ kind: 'v1', id: 0n, type, nodeId, context: null })
}

describe('[B79] a transfer', () => {
  test('to a member with all of the log goes at once', () => {
    const leader = leaderWithOneBehind()
    expect(transfer(leader, 2n)).toMatchObject([{ type: 'MsgTimeoutNow', to: 2n, term: 1 }])
  })

  test('to one that lacks something first sends that', () => {
    const leader = leaderWithOneBehind()
    leader.hear(message('MsgHeartbeatResp', 3n, { to: 1n, term: 1 })) // so that it may be sent to
    expect(transfer(leader, 3n).map(({ type }) => type)).not.toContain('MsgTimeoutNow')
    expect(leader.hear(acknowledge(3n, 1))).toContainEqual(
      expect.objectContaining({ type: 'MsgTimeoutNow', to: 3n }),
    )
  })

  test('moves leadership, in one election without pre-votes and in spite of leases', () => {
    const group = new Group({ config: { preVote: true, checkQuorum: true } })
    group.elect(1n)
    group.propose(1n, 'before')
    group.member(1n).node.transferLeader(3n)
    group.settle()
    expect([group.leaders, group.member(3n).term]).toEqual([[3n], 2])
    expect(group.sent.filter(({ type, term }) => type === 'MsgPreVote' && term > 1)).toEqual([])
  })

  test('moves it to a member that needed a snapshot first', () => {
    const group = new Group()
    group.elect(1n)
    group.isolate(3n)
    group.propose(1n, 'missed')
    group.tick(1n)
    group.member(1n).compact(2)
    group.member(1n).node.reportUnreachable(3n)
    group.heal()
    group.member(1n).node.transferLeader(3n)
    group.tick(1n)
    expect([group.leaders, group.member(3n).storage.snapshotMetadata().index]).toEqual([[3n], 2])
  })

  test('is asked of a follower too, which passes it on in the name of the target', () => {
    const follower = new Member({ id: 2n })
    follower.hear(message('MsgHeartbeat', 1n, { to: 2n, term: 1 }))
    expect(transfer(follower, 3n)).toMatchObject([
      { type: 'MsgTransferLeader', to: 1n, from: 3n, term: 1 },
    ])
    expect(transfer(new Member({ id: 2n }), 3n)).toEqual([])
    const group = new Group()
    group.elect(1n)
    group.member(2n).node.transferLeader(3n)
    group.settle()
    expect(group.leaders).toEqual([3n])
  })
})

describe('[B80] nothing comes of a transfer', () => {
  test.each([1n, 9n, 4n, 0n])('to %i', (to) => {
    const leader = leaderWithOneBehind()
    expect(transfer(leader, to)).toEqual([])
    expect([leader.role, targetOf(leader), mayPropose(leader)]).toEqual(['leader', 0n, true])
  })

  test('to itself but the end of one under way', () => {
    const leader = leaderWithOneBehind()
    transfer(leader, 3n)
    expect([targetOf(leader), mayPropose(leader)]).toEqual([3n, false])
    transfer(leader, 1n)
    expect([targetOf(leader), mayPropose(leader)]).toEqual([0n, true])
  })

  test('that is asked again: neither a message nor more time', () => {
    const leader = leaderWithOneBehind()
    transfer(leader, 3n)
    leader.tick(electionTick - 1)
    expect(transfer(leader, 3n)).toEqual([])
    expect(targetOf(leader)).toBe(3n)
    leader.tick()
    expect(targetOf(leader)).toBe(0n)
  })

  test('to a member that is not told, when another target takes its place', () => {
    const leader = leaderWithOneBehind()
    transfer(leader, 3n)
    leader.tick(electionTick - 1)
    expect(transfer(leader, 2n)).toMatchObject([{ type: 'MsgTimeoutNow', to: 2n }])
    leader.tick(electionTick - 1) // the new target has its own time
    expect(targetOf(leader)).toBe(2n)
    expect(leader.hear(acknowledge(3n, 1)).map(({ type }) => type)).not.toContain('MsgTimeoutNow')
  })
})

describe('[B81] a transfer under way', () => {
  test('has proposals dropped until it is over', () => {
    const leader = leaderWithOneBehind()
    transfer(leader, 3n)
    leader.tick(electionTick - 1)
    expect(mayPropose(leader)).toBe(false)
    leader.tick()
    expect([leader.role, mayPropose(leader)]).toEqual(['leader', true])
  })

  test('is over when a later term comes, and not back with the next leadership', () => {
    const leader = leaderWithOneBehind()
    transfer(leader, 3n)
    leader.hear(message('MsgVote', 2n, { to: 1n, term: 2, logTerm: 9, index: 9 }))
    expect(targetOf(leader)).toBe(0n)
    leader.campaign()
    leader.hear(message('MsgVoteResp', 2n, { to: 1n, term: 3 }))
    expect([leader.role, targetOf(leader), mayPropose(leader)]).toEqual(['leader', 0n, true])
  })

  test.each(['ConfChangeRemoveNode', 'ConfChangeAddLearnerNode'] as const)(
    'is over when its target is taken out by a %s that is applied',
    (type) => {
      const leader = leaderWithOneBehind()
      transfer(leader, 3n)
      applied(leader, 'ConfChangeAddNode', 5n)
      expect(targetOf(leader)).toBe(3n)
      applied(leader, type, 3n)
      expect([targetOf(leader), mayPropose(leader)]).toEqual([0n, true])
    },
  )
})

describe('[B82] the word to take over', () => {
  const word = message('MsgTimeoutNow', 2n, { to: 1n, term: 1 })

  test('makes a follower a candidate at once, without asking first, and marked as such', () => {
    const member = new Member({ hardState: { term: 1 }, config: { preVote: true } })
    const asked = member.hear(word)
    expect([member.role, member.term]).toEqual(['candidate', 2])
    expect(asked.map(({ type, to, context }) => [type, to, context])).toEqual([
      ['MsgVote', 2n, transferContext],
      ['MsgVote', 3n, transferContext],
    ])
  })

  test('an election of any other kind bears no mark', () => {
    const member = new Member()
    expect(member.campaign().map(({ context }) => context)).toEqual([null, null])
  })

  test.each(['candidate', 'pre-candidate'])('is passed over by a %s', (role) => {
    const member = new Member({ config: { preVote: role === 'pre-candidate' } })
    member.campaign()
    const { term } = member
    member.hear(message('MsgTimeoutNow', 2n, { to: 1n, term }))
    expect([member.role, member.term]).toEqual([role, term])
    expect(member.logger.said('ignored MsgTimeoutNow from 2')).toBe(true)
  })

  test.each([
    ['a learner', { ...votersAlone(2n, 3n), learners: [1n] }],
    ['a member that was removed', votersAlone(2n, 3n)],
  ])('is passed over by %s, whom stray votes make no leader either', (_, confState) => {
    const member = new Member({ confState, hardState: { term: 1 }, entries: entriesOf(1, 1) })
    expect(member.hear(word)).toEqual([])
    expect([member.role, member.term]).toEqual(['follower', 1])
    for (const from of [2n, 3n]) {
      member.hear(message('MsgVoteResp', from, { to: 1n, term: 1 }))
      member.hear(message('MsgVoteResp', from, { to: 1n, term: 2 }))
    }
    expect(member.role).toBe('follower')
  })
})
