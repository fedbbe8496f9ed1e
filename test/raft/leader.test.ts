import { describe, expect, test } from 'vitest'
import type { Message } from '../../src-main/raft/message.ts'
import { newMessage } from '../../src-main/raft/message.ts'
import { step } from '../../src-main/raft/step.ts'
import { bareRaftAs } from '../support/bare-raft.ts'
import { entryOf, votersAlone } from '../support/entries.ts'
import { Group } from '../support/group.ts'
import {
  electionTick,
  leaderOf,
  type Member,
  message,
  Member as NewMember,
} from '../support/member.ts'

const checking = { checkQuorum: true }

function acknowledge(from: bigint, index: number): Message {
  return message('MsgAppResp', from, { to: 1n, term: 1, index })
}

function beatAnswer(from: bigint): Message {
  return message('MsgHeartbeatResp', from, { to: 1n, term: 1 })
}

function appendsTo(id: bigint, sent: readonly Message[]): readonly Message[] {
  return sent.filter(({ type, to }) => type === 'MsgApp' && to === id)
}

/** Its log is all on everybody’s disk. */
function settledLeader(config = {}): Member {
  const leader = leaderOf({ config })
  for (const from of [2n, 3n]) leader.hear(acknowledge(from, 1))
  for (const from of [2n, 3n]) leader.hear(acknowledge(from, 1))
  return leader
}

describe('[B22] a leader that checks its quorum', () => {
  test('goes on as long as one other of three is heard in every election timeout', () => {
    const leader = leaderOf({ config: checking })
    for (let round = 0; round < 5; round++) {
      leader.hear(round % 2 === 0 ? acknowledge(2n, 1) : beatAnswer(3n))
      leader.tick(electionTick)
      expect(leader.role).toBe('leader')
    }
  })

  test('steps down when nobody was heard since the last check', () => {
    const leader = leaderOf({ config: checking })
    leader.hear(acknowledge(2n, 1))
    leader.tick(electionTick)
    expect(leader.role).toBe('leader')
    leader.tick(electionTick - 1)
    expect(leader.role).toBe('leader')
    leader.tick()
    expect([leader.role, leader.term, leader.lead]).toEqual(['follower', 1, 0n])
  })

  test('takes nothing but answers for being heard', () => {
    const leader = leaderOf({ config: checking })
    leader.hear(message('MsgReadIndex', 2n, { to: 1n, entries: [entryOf(0, 0, 'x')] }))
    leader.hear(message('MsgTransferLeader', 3n, { to: 1n, term: 1 }))
    leader.tick(electionTick)
    expect(leader.role).toBe('follower')
  })

  test('without the option it leads on, heard or not', () => {
    const leader = leaderOf()
    leader.tick(electionTick * 5)
    expect(leader.role).toBe('leader')
  })
})

test('[B23] a member that was just added does not depose the leader, but its silence later does', () => {
  const leader = leaderOf({ confState: votersAlone(1n), config: checking })
  leader.work()
  leader.tick(electionTick - 1)
  leader.node.applyConfChange({
    kind: 'v1',
    id: 0n,
    type: 'ConfChangeAddNode',
    nodeId: 2n,
    context: null,
  })
  leader.tick()
  expect(leader.role).toBe('leader')
  leader.tick(electionTick)
  expect(leader.role).toBe('follower')
})

describe('[B34] the answer to a heartbeat', () => {
  test('repeats to a peer that lacks something, as often as it answers', () => {
    const leader = leaderOf()
    leader.propose('more')
    for (let again = 0; again < 3; again++) {
      const sent = appendsTo(2n, leader.hear(beatAnswer(2n)))
      expect(sent).toHaveLength(1)
      expect(sent[0]).toMatchObject({ index: 0 })
    }
  })

  test('sends nothing to a peer that has everything', () => {
    expect(settledLeader().hear(beatAnswer(2n))).toEqual([])
  })

  test('sends an empty append to a peer that has everything and is probed', () => {
    const leader = settledLeader()
    leader.node.reportUnreachable(2n)
    const sent = appendsTo(2n, leader.hear(beatAnswer(2n)))
    expect(sent.map(({ entries }) => entries.length)).toEqual([0])
    leader.hear(acknowledge(2n, 1))
    expect(leader.hear(beatAnswer(2n))).toEqual([])
  })
})

describe('[B35] proposals', () => {
  test('are passed on by a follower to its leader', () => {
    const follower = new NewMember()
    follower.hear(message('MsgHeartbeat', 2n, { to: 1n, term: 1 }))
    const sent = follower.propose('mine')
    expect(sent).toMatchObject([{ type: 'MsgProp', to: 2n, from: 1n, term: 0 }])
    expect(sent[0]?.entries).toEqual([entryOf(0, 0, 'mine')])
  })

  test('are dropped by a follower without a leader', () => {
    const stepped = new NewMember().node.propose(Uint8Array.of(1))
    expect(stepped).toEqual({ ok: false, error: { kind: 'proposal-dropped' } })
  })

  test('are dropped by a follower that must not pass them on', () => {
    const follower = new NewMember({ config: { disableProposalForwarding: true } })
    follower.hear(message('MsgHeartbeat', 2n, { to: 1n, term: 1 }))
    expect(follower.node.propose(Uint8Array.of(1))).toMatchObject({ ok: false })
    expect(follower.work()).toEqual([])
  })

  test('have an entry: the core itself never steps an empty one', () => {
    const raft = bareRaftAs('leader')
    expect(() => step(raft, newMessage('MsgProp', {}))).toThrow('a proposal has an entry')
  })

  test('are dropped by a leader that is not in the configuration any more', () => {
    const leader = leaderOf()
    leader.node.applyConfChange({
      kind: 'v1',
      id: 0n,
      type: 'ConfChangeRemoveNode',
      nodeId: 1n,
      context: null,
    })
    expect(leader.node.propose(Uint8Array.of(1))).toMatchObject({ ok: false })
    expect(leader.role).toBe('leader')
  })

  test('of a follower end up in everybody’s log', () => {
    const group = new Group()
    group.elect(1n)
    group.propose(3n, 'from three')
    group.tickAll()
    for (const member of group.members) expect(member.texts).toEqual(['from three'])
  })
})

describe('[B36] the commit index', () => {
  test('is sent on at once to a peer that can use it', () => {
    const leader = leaderOf()
    leader.hear(acknowledge(2n, 1))
    const sent = leader.hear(acknowledge(3n, 1))
    expect(appendsTo(3n, sent)).toMatchObject([{ commit: 1, entries: [] }])
  })

  test('is not sent again to a peer that was told', () => {
    const leader = settledLeader()
    leader.propose('x')
    leader.hear(acknowledge(2n, 2)) // commits; both are told
    expect(leader.hear(acknowledge(3n, 2))).toEqual([])
  })

  test('is known to a peer by its heartbeat too', () => {
    const leader = leaderOf()
    leader.hear(acknowledge(2n, 1))
    leader.hear(acknowledge(3n, 1))
    leader.propose('x')
    leader.hear(acknowledge(3n, 2))
    const beats = leader.tick().filter(({ type }) => type === 'MsgHeartbeat')
    expect(beats.map(({ to, commit }) => [to, commit])).toEqual([
      [2n, 1],
      [3n, 2],
    ])
    // Member 2 could commit 2 by now, and the heartbeat did not say so.
    expect(appendsTo(2n, leader.hear(acknowledge(2n, 2)))).toMatchObject([{ commit: 2 }])
  })
})
