import { expect, test } from 'vitest'
import { entriesOf, snapshotOf, votersAlone } from '../support/entries.ts'
import { Group } from '../support/group.ts'
import { electionTick, leaderOf, Member, message } from '../support/member.ts'

const withLearner = { ...votersAlone(1n, 2n), learners: [3n] }

function learner(): Member {
  return new Member({ id: 3n, confState: withLearner, hardState: { term: 1 } })
}

test('[B77] a learner does not campaign, whatever asks it to', () => {
  const member = learner()
  expect(member.tick(5 * electionTick)).toEqual([])
  expect(member.campaign()).toEqual([])
  expect(member.hear(message('MsgTimeoutNow', 1n, { to: 3n, term: 1 }))).toEqual([])
  expect([member.role, member.term]).toEqual(['follower', 1])
})

test('[B77] a learner answers votes: it may be a voter by now and not know', () => {
  const request = { to: 3n, term: 2, index: 9, logTerm: 1 }
  const member = learner()
  expect(member.hear(message('MsgVote', 2n, request))).toMatchObject([
    { type: 'MsgVoteResp', reject: false, term: 2 },
  ])
  expect(member.vote).toBe(2n)
  expect(learner().hear(message('MsgPreVote', 2n, request))).toMatchObject([
    { type: 'MsgPreVoteResp', reject: false, term: 2 },
  ])
})

test('[B77] a learner gets the log and applies it', () => {
  const group = new Group({ confState: withLearner })
  group.elect(1n)
  group.propose(1n, 'a')
  expect(group.member(3n).texts).toEqual(['a'])
  expect(group.member(3n).log).toBe(group.member(1n).log)
})

test('[B77] a learner gets a snapshot when the log is gone', () => {
  const group = new Group({ confState: withLearner })
  group.isolate(3n)
  group.elect(1n)
  group.propose(1n, 'a')
  group.member(1n).compact(2)
  group.heal()
  group.tick(1n, 2)
  expect(group.sent.filter(({ type, to }) => type === 'MsgSnap' && to === 3n)).toHaveLength(1)
  expect([group.member(3n).commit, group.member(3n).storage.firstIndex()]).toEqual([2, 3])
})

test('[B77] a learner counts in no quorum: not for entries, not for votes, not for being heard', () => {
  const leader = leaderOf({ confState: withLearner, config: { checkQuorum: true } })
  leader.hear(message('MsgAppResp', 3n, { to: 1n, term: 1, index: 1 }))
  expect(leader.commit).toBe(0)
  leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 1 }))
  expect(leader.commit).toBe(1)
  for (let timeout = 0; timeout < 2; timeout++) {
    leader.hear(message('MsgHeartbeatResp', 3n, { to: 1n, term: 1 }))
    leader.tick(electionTick)
  }
  expect(leader.role).toBe('follower')
  leader.campaign()
  leader.hear(message('MsgVoteResp', 3n, { to: 1n, term: leader.term }))
  expect(leader.role).toBe('candidate')
})

test('[B77] leadership is not handed to a learner', () => {
  const leader = leaderOf({ confState: withLearner })
  leader.hear(message('MsgAppResp', 3n, { to: 1n, term: 1, index: 1 }))
  leader.node.transferLeader(3n)
  expect(leader.work()).toEqual([])
  expect(leader.node.basicStatus().leadTransferee).toBe(0n)
  expect(leader.logger.said('is learner. Ignored transferring leadership')).toBe(true)
})

test('[B77] a learner’s read is confirmed by the voters and answered', () => {
  const group = new Group({ confState: withLearner })
  group.elect(1n)
  group.propose(1n, 'a')
  group.member(3n).node.readIndex(Uint8Array.of(7))
  group.settle()
  expect(group.member(3n).reads).toEqual([{ index: 2, requestContext: Uint8Array.of(7) }])
})

test('[B77] a learner that is promoted campaigns like any voter', () => {
  const member = learner()
  const promoted = snapshotOf(1, 4, votersAlone(1n, 2n, 3n))
  member.hear(message('MsgSnap', 1n, { to: 3n, term: 1, snapshot: promoted }))
  member.hear(
    message('MsgApp', 1n, { to: 3n, term: 1, index: 4, logTerm: 1, entries: entriesOf(5, 1) }),
  )
  member.tick(electionTick)
  expect([member.role, member.term]).toEqual(['candidate', 2])
})
