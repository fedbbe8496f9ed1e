import { describe, expect, test } from 'vitest'
import type { ConfChangeType, NodeId } from '../../src-main/raft/entry.ts'
import type { Message } from '../../src-main/raft/message.ts'
import { pendingReadsMax } from '../../src-main/raft/read-only.ts'
import { entryOf, votersAlone } from '../support/entries.ts'
import { Group } from '../support/group.ts'
import { leaderOf, Member, type MemberOptions, message } from '../support/member.ts'

const lease = { config: { readOnlyOption: 'lease-based', checkQuorum: true } } as const

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function acknowledge(from: NodeId, index: number): Message {
  return message('MsgAppResp', from, { to: 1n, term: 1, index })
}

/** A leader in term 1 that has committed its first entry. */
function committedLeader(options: MemberOptions = {}): Member {
  const leader = leaderOf(options)
  for (const id of leader.confState.voters) if (id !== 1n) leader.hear(acknowledge(id, 1))
  expect(leader.commit).toBe(1)
  leader.work()
  return leader
}

/** Asks, and answers the heartbeats that go out for it. */
function ask(leader: Member, text: string): readonly Message[] {
  leader.node.readIndex(bytes(text))
  return leader.work().filter(({ type }) => type === 'MsgHeartbeat')
}

function answerTo(beat: Message | undefined): Message {
  if (beat === undefined) throw new Error('a heartbeat is expected')
  const { to, from, term, context } = beat
  return message('MsgHeartbeatResp', to, { to: from, term, context })
}

function readsOf(member: Member): readonly (readonly [number, string])[] {
  return member.reads.map(({ index, requestContext }) => [
    index,
    new TextDecoder().decode(requestContext),
  ])
}

describe('[B83] a read at a leader', () => {
  test('is confirmed by a round of heartbeats, and answered with the commit index of its beginning', () => {
    const leader = committedLeader()
    const beats = ask(leader, 'a')
    expect(beats.map(({ to }) => to)).toEqual([2n, 3n])
    expect(readsOf(leader)).toEqual([])
    leader.propose('later')
    leader.hear(acknowledge(2n, 2))
    expect(leader.commit).toBe(2)
    leader.hear(answerTo(beats[0]))
    expect(readsOf(leader)).toEqual([[1, 'a']])
  })

  test('of a single voter needs no round', () => {
    const leader = committedLeader({ confState: { ...votersAlone(1n), learners: [2n] } })
    expect(ask(leader, 'a')).toEqual([])
    expect(readsOf(leader)).toEqual([[1, 'a']])
  })

  test('for another member is answered with a message and its own entries', () => {
    const leader = committedLeader()
    const entries = [entryOf(0, 0, 'theirs')]
    const beats = leader.hear(message('MsgReadIndex', 3n, { to: 1n, entries }))
    const sent = leader.hear(answerTo(beats[0]))
    expect(sent).toMatchObject([{ type: 'MsgReadIndexResp', to: 3n, index: 1, term: 1, entries }])
    expect(readsOf(leader)).toEqual([])
  })

  test('in its own name is answered here', () => {
    const leader = committedLeader()
    const entries = [entryOf(0, 0, 'mine')]
    const [beat] = leader.hear(message('MsgReadIndex', 1n, { to: 1n, entries }))
    leader.hear(answerTo(beat))
    expect(readsOf(leader)).toEqual([[1, 'mine']])
  })

  test('that a follower asked for is its own in the end', () => {
    const group = new Group({ confState: { ...votersAlone(1n, 2n, 3n), learners: [4n] } })
    group.elect(1n)
    for (const id of [2n, 4n]) {
      group.member(id).node.readIndex(bytes('far'))
      group.settle()
      expect(readsOf(group.member(id))).toEqual([[1, 'far']])
    }
  })

  test.each([0, 2])('a follower takes an answer with one entry, not one with %i', (count) => {
    const follower = new Member()
    const entries = Array.from({ length: count }, () => entryOf(0, 0, 'x'))
    const answer = message('MsgReadIndexResp', 2n, { to: 1n, term: 1, index: 5, entries })
    follower.hear(answer)
    expect(readsOf(follower)).toEqual([])
    const said = `1 invalid format of MsgReadIndexResp from 2, entries count: ${count}`
    expect(follower.logger.said(said)).toBe(true)
  })
})

describe('[B84] before the first commit of its term', () => {
  test('a leader postpones reads, and serves them with the commit index of then', () => {
    const leader = leaderOf()
    expect(ask(leader, 'a')).toEqual([])
    leader.node.step(message('MsgReadIndex', 3n, { to: 1n, entries: [entryOf(0, 0, 'b')] }))
    leader.work()
    leader.propose('x')
    const sent = leader.hear(acknowledge(2n, 2))
    const beats = sent.filter(({ type, to }) => type === 'MsgHeartbeat' && to === 2n)
    expect(beats).toHaveLength(2)
    const answers = leader.hear(answerTo(beats[1]))
    expect(readsOf(leader)).toEqual([[2, 'a']])
    expect(answers).toMatchObject([{ type: 'MsgReadIndexResp', to: 3n, index: 2 }])
  })

  test('so does one with leases, and a single voter, which may have committed more than it knows', () => {
    const leased = leaderOf(lease)
    ask(leased, 'a')
    expect(readsOf(leased)).toEqual([])
    leased.hear(acknowledge(2n, 1))
    expect(readsOf(leased)).toEqual([[1, 'a']])
    const single = new Member({ confState: votersAlone(1n) })
    single.node.campaign()
    single.perform(single.node.ready())
    single.node.advance()
    single.node.readIndex(bytes('a'))
    expect([single.role, single.node.peek().readStates]).toEqual(['leader', []])
    single.work()
    expect(readsOf(single)).toEqual([[1, 'a']])
  })

  test('a change that shrinks the quorum may be what commits', () => {
    const leader = leaderOf({ confState: votersAlone(1n, 2n) })
    ask(leader, 'a')
    change(leader, 'ConfChangeRemoveNode', 2n)
    leader.work()
    expect(readsOf(leader)).toEqual([[1, 'a']])
  })

  test('a candidate passes them over, a follower passes them on or drops them', () => {
    const follower = new Member()
    expect(ask(follower, 'a')).toEqual([])
    expect(follower.logger.said('1 no leader at term 0; dropping index reading msg')).toBe(true)
    follower.hear(message('MsgHeartbeat', 2n, { to: 1n, term: 1 }))
    follower.node.readIndex(bytes('a'))
    expect(follower.work()).toMatchObject([{ type: 'MsgReadIndex', to: 2n, from: 1n, term: 0 }])
    follower.campaign()
    expect([ask(follower, 'a'), readsOf(follower)]).toEqual([[], []])
  })
})

function change(member: Member, type: ConfChangeType, nodeId: NodeId): void {
  member.node.applyConfChange({ kind: 'v1', id: 0n, type, nodeId, context: null })
}

describe('[B85] confirmations', () => {
  test('count for everything asked before, in its order', () => {
    const leader = committedLeader()
    const rounds = ['a', 'b', 'c'].map((text) => ask(leader, text))
    leader.hear(answerTo(rounds[1]?.[0]))
    expect(readsOf(leader)).toEqual([
      [1, 'a'],
      [1, 'b'],
    ])
    leader.hear(answerTo(rounds[0]?.[1])) // late, and known
    expect(readsOf(leader)).toHaveLength(2)
    leader.hear(answerTo(rounds[2]?.[1]))
    expect(readsOf(leader)).toHaveLength(3)
  })

  test('need a quorum: one other of three, two of five', () => {
    const leader = committedLeader({ confState: votersAlone(1n, 2n, 3n, 4n, 5n) })
    const [first, second] = ask(leader, 'a')
    leader.hear(answerTo(first))
    leader.hear(answerTo(first))
    expect(readsOf(leader)).toEqual([])
    leader.hear(answerTo(second))
    expect(readsOf(leader)).toEqual([[1, 'a']])
  })

  test('of learners count for nothing', () => {
    const leader = committedLeader({ confState: { ...votersAlone(1n, 2n), learners: [3n] } })
    const [fromVoter, fromLearner] = ask(leader, 'a')
    leader.hear(answerTo(fromLearner))
    expect(readsOf(leader)).toEqual([])
    leader.hear(answerTo(fromVoter))
    expect(readsOf(leader)).toEqual([[1, 'a']])
  })

  test('need both majorities of a joint configuration', () => {
    const confState = { ...votersAlone(1n, 2n, 3n), votersOutgoing: [1n, 4n, 5n] }
    const leader = leaderOf({ confState })
    for (const from of [2n, 4n]) leader.hear(acknowledge(from, 1))
    leader.work()
    const beats = ask(leader, 'a')
    const beatTo = (id: NodeId) => beats.find(({ to }) => to === id)
    leader.hear(answerTo(beatTo(2n)))
    leader.hear(answerTo(beatTo(3n)))
    expect(readsOf(leader)).toEqual([])
    leader.hear(answerTo(beatTo(5n)))
    expect(readsOf(leader)).toEqual([[1, 'a']])
  })

  test('of an older round prove nothing for the same request asked again', () => {
    const leader = committedLeader()
    const [first] = ask(leader, 'same')
    leader.hear(answerTo(first))
    expect(readsOf(leader)).toHaveLength(1)
    ask(leader, 'same')
    leader.hear(answerTo(first))
    expect(readsOf(leader)).toHaveLength(1)
  })

  test('of an earlier leadership prove nothing for this one', () => {
    const leader = committedLeader()
    const [old] = ask(leader, 'same')
    leader.hear(message('MsgHeartbeat', 2n, { to: 1n, term: 2 }))
    leader.campaign()
    leader.hear(message('MsgVoteResp', 2n, { to: 1n, term: 3 }))
    leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 3, index: 2 }))
    ask(leader, 'same')
    leader.hear(answerTo(old))
    expect([leader.role, readsOf(leader)]).toEqual(['leader', []])
  })

  test('are the position of a request, as eight bytes, the lowest first', () => {
    const leader = committedLeader()
    const contexts = ['a', 'b'].map((text) => ask(leader, text)[0]?.context)
    const [one, two] = contexts.map((context) =>
      new DataView((context ?? new Uint8Array(8)).slice().buffer).getBigUint64(0, true),
    )
    expect(contexts.map((context) => context?.length)).toEqual([8, 8])
    expect(two).toBe((one ?? 0n) + 1n)
  })

  test.each([bytes('short'), bytes('far too long'), new Uint8Array(8).fill(0xff)])(
    'that name no position of ours are passed over: %s',
    (context) => {
      const leader = committedLeader()
      ask(leader, 'a')
      leader.hear(message('MsgHeartbeatResp', 2n, { to: 1n, term: 1, context }))
      expect(readsOf(leader)).toEqual([])
    },
  )

  test('that are lost are asked for again with the next heartbeat', () => {
    const leader = committedLeader()
    const [beat] = ask(leader, 'a')
    const again = leader.tick().filter(({ type }) => type === 'MsgHeartbeat')
    expect(again.map(({ context }) => context)).toEqual([beat?.context, beat?.context])
    leader.hear(answerTo(again[0]))
    expect(readsOf(leader)).toEqual([[1, 'a']])
    const idle = leader.tick().filter(({ type }) => type === 'MsgHeartbeat')
    expect(idle.map(({ context }) => context)).toEqual([null, null])
  })

  test('may be complete because the quorum became smaller', () => {
    const leader = committedLeader({ confState: votersAlone(1n, 2n, 3n, 4n) })
    const [beat] = ask(leader, 'a')
    leader.hear(answerTo(beat))
    expect(readsOf(leader)).toEqual([])
    change(leader, 'ConfChangeRemoveNode', 4n)
    leader.work()
    expect(readsOf(leader)).toEqual([[1, 'a']])
  })
})

test('[B86] a follower gives the context of a heartbeat back as it is', () => {
  for (const context of [null, new Uint8Array(0), bytes('whatever a leader likes')]) {
    const [answer] = new Member().hear(message('MsgHeartbeat', 2n, { to: 1n, term: 1, context }))
    expect(answer).toMatchObject({ type: 'MsgHeartbeatResp', context })
  }
})

test('[B86] reads that wait for confirmation end with the leadership, postponed ones are kept', () => {
  const leader = committedLeader()
  ask(leader, 'waiting')
  leader.hear(message('MsgHeartbeat', 2n, { to: 1n, term: 2 }))
  leader.campaign()
  leader.hear(message('MsgVoteResp', 2n, { to: 1n, term: 3 }))
  ask(leader, 'postponed')
  leader.hear(message('MsgHeartbeat', 2n, { to: 1n, term: 4 }))
  leader.campaign()
  leader.hear(message('MsgVoteResp', 2n, { to: 1n, term: 5 }))
  const sent = leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 5, index: 3 }))
  const beat = sent.find(({ type }) => type === 'MsgHeartbeat')
  leader.hear(answerTo(beat))
  expect(readsOf(leader)).toEqual([[3, 'postponed']])
})

describe('[B87] with leases', () => {
  test('a read is answered at once, without a round', () => {
    const leader = committedLeader(lease)
    expect(ask(leader, 'a')).toEqual([])
    expect(readsOf(leader)).toEqual([[1, 'a']])
    const entries = [entryOf(0, 0, 'b')]
    const sent = leader.hear(message('MsgReadIndex', 2n, { to: 1n, entries }))
    expect(sent).toMatchObject([{ type: 'MsgReadIndexResp', to: 2n, index: 1, entries }])
  })

  test('a follower may not forget its leader, whom it has promised to stay with', () => {
    const follower = new Member(lease)
    follower.hear(message('MsgHeartbeat', 2n, { to: 1n, term: 1 }))
    follower.node.forgetLeader()
    expect(follower.lead).toBe(2n)
    expect(follower.logger.said('ignoring MsgForgetLeader due to ReadOnlyLeaseBased')).toBe(true)
  })

  test('without, it may', () => {
    const follower = new Member()
    follower.hear(message('MsgHeartbeat', 2n, { to: 1n, term: 1 }))
    follower.node.forgetLeader()
    expect([follower.lead, follower.role, follower.term]).toEqual([0n, 'follower', 1])
  })
})

test('reads wait up to a number, and further ones are dropped with a warning', () => {
  for (const leader of [leaderOf(), committedLeader()]) {
    for (let asked = 0; asked < pendingReadsMax; asked++) leader.node.readIndex(Uint8Array.of(1))
    expect(leader.logger.said('reads wait already')).toBe(false)
    leader.node.readIndex(Uint8Array.of(1))
    expect(leader.logger.said(`1 ${pendingReadsMax} reads wait already; dropping another`)).toBe(
      true,
    )
  }
})

test('a removed leader is not the only voter of those who are left', () => {
  const leader = committedLeader({ confState: votersAlone(1n, 2n) })
  change(leader, 'ConfChangeRemoveNode', 1n)
  ask(leader, 'a')
  expect(readsOf(leader)).toEqual([])
})
