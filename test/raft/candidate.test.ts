import { expect, test } from 'vitest'
import type { Message } from '../../src-main/raft/message.ts'
import { entriesOf, snapshotOf, votersAlone } from '../support/entries.ts'
import { Member, message } from '../support/member.ts'

const five = votersAlone(1n, 2n, 3n, 4n, 5n)

function candidate(config = {}, confState = five): Member {
  const member = new Member({ confState, config })
  member.campaign()
  return member
}

function vote(from: bigint, reject = false, term = 1): Message {
  return message('MsgVoteResp', from, { to: 1n, term, reject })
}

function preVote(from: bigint, reject = false): Message {
  return message('MsgPreVoteResp', from, { to: 1n, term: reject ? 0 : 1, reject })
}

test('[B14] a majority of votes makes a leader, in one round', () => {
  const member = candidate()
  member.hear(vote(2n))
  expect(member.role).toBe('candidate')
  member.hear(vote(3n))
  expect([member.role, member.term]).toEqual(['leader', 1])
})

test('[B14] the first vote of each counts: nobody votes twice or takes a vote back', () => {
  const member = candidate()
  for (let again = 0; again < 4; again++) member.hear(vote(2n))
  expect(member.role).toBe('candidate')
  member.hear(vote(3n, true))
  member.hear(vote(3n))
  expect(member.role).toBe('candidate')
  member.hear(vote(2n, true))
  member.hear(vote(4n))
  expect(member.role).toBe('leader')
})

test('[B14] a majority of refusals makes a follower of the same term', () => {
  const member = candidate()
  for (const from of [2n, 3n, 4n]) member.hear(vote(from, true))
  expect([member.role, member.term, member.vote]).toEqual(['follower', 1, 1n])
})

test('[B14] so it does of a pre-candidate, which had no term to lose', () => {
  const member = candidate({ preVote: true })
  const refusals = [2n, 3n, 4n].map((from) => ({ ...preVote(from, true), term: 0 }) as Message)
  for (const refusal of refusals) member.hear(refusal)
  expect([member.role, member.term, member.vote]).toEqual(['follower', 0, 0n])
})

test('[B15] its own vote counts once it is durable, and not before', () => {
  const member = new Member({ config: { asyncStorageWrites: true } })
  member.node.campaign()
  const ready = member.node.ready()
  member.step(vote(2n))
  expect(member.role).toBe('candidate') // one other vote of three
  const responses = ready.messages.flatMap(({ responses: own }) => own)
  for (const response of responses) member.step(response)
  expect(member.role).toBe('leader')
})

test('[B15] a late vote for itself is nothing to a member that has lost meanwhile', () => {
  const member = new Member({ config: { asyncStorageWrites: true } })
  member.node.campaign()
  const responses = member.node.ready().messages.flatMap(({ responses: own }) => own)
  member.step(message('MsgHeartbeat', 2n, { to: 1n, term: 1 }))
  for (const response of responses) member.step(response)
  expect([member.role, member.lead]).toEqual(['follower', 2n])
  // Nor does it count in the next election.
  member.node.campaign()
  for (const response of responses) member.step(response)
  member.step(message('MsgVoteResp', 3n, { to: 1n, term: 2 }))
  expect(member.role).toBe('candidate')
})

test('[B15] a late pre-vote for itself is no vote', () => {
  const member = new Member({ config: { asyncStorageWrites: true, preVote: true } })
  member.node.campaign()
  const own = member.node.ready().messages.flatMap(({ responses }) => responses)
  member.step(preVote(2n))
  member.step(preVote(3n))
  expect([member.role, member.term]).toEqual(['candidate', 1])
  for (const response of own) member.step(response)
  member.step(vote(2n))
  expect(member.role).toBe('candidate') // one vote of three: its own has not been written yet
})

test('[B15] a late vote is no pre-vote', () => {
  const member = new Member({ hardState: { term: 1 }, config: { preVote: true } })
  member.campaign()
  member.hear(vote(2n)) // asked for in term 1, before it began to ask beforehand
  expect([member.role, member.term]).toEqual(['pre-candidate', 1])
})

test.each([false, true])(
  '[B16] a voter alone leads after its Ready is done (pre-vote: %s)',
  (preVoting) => {
    const member = new Member({ confState: votersAlone(1n), config: { preVote: preVoting } })
    member.node.campaign()
    expect(member.role).not.toBe('leader')
    const rounds = preVoting ? 2 : 1
    for (let round = 0; round < rounds; round++) {
      expect(member.role).not.toBe('leader')
      member.perform(member.node.ready())
      member.node.advance()
    }
    expect(member.role).toBe('leader')
  },
)

test.each([false, true])(
  '[B17] a leader of its own term ends an election (pre-vote: %s)',
  (preVoting) => {
    for (const type of ['MsgApp', 'MsgHeartbeat', 'MsgSnap'] as const) {
      const member = candidate({ preVote: preVoting })
      const snapshot = type === 'MsgSnap' ? snapshotOf(0, 0) : null
      const term = Math.max(1, member.term)
      const answers = member.hear(message(type, 3n, { to: 1n, term, snapshot }))
      expect([member.role, member.term, member.lead]).toEqual(['follower', term, 3n])
      expect(answers).toMatchObject([{ to: 3n }])
    }
  },
)

test('[B17] and its log gives way to the leader’s', () => {
  const member = new Member({ entries: entriesOf(1, 1, 1), hardState: { term: 1 } })
  member.campaign()
  const entries = entriesOf(2, 2)
  member.hear(message('MsgApp', 3n, { to: 1n, term: 2, index: 1, logTerm: 1, entries }))
  expect([member.role, member.log]).toEqual(['follower', '1/1 2/2'])
})

test('[B35] a candidate drops proposals', () => {
  const member = candidate()
  const proposal = message('MsgProp', 2n, { entries: entriesOf(0, 0) })
  expect(member.step(proposal)).toEqual({ ok: false, error: { kind: 'proposal-dropped' } })
})

test('[B82] a candidate passes over a request to take over, for it tries to anyhow', () => {
  const member = candidate()
  member.hear(message('MsgTimeoutNow', 2n, { to: 1n, term: 1 }))
  expect([member.role, member.term]).toEqual(['candidate', 1])
  expect(member.logger.said('1 [term 1 state StateCandidate] ignored MsgTimeoutNow from 2')).toBe(
    true,
  )
})

test('[B84] a candidate passes over requests to read', () => {
  const member = candidate()
  member.node.readIndex(Uint8Array.of(1))
  expect([member.work(), member.reads]).toEqual([[], []])
})

test('votes of members that are no voters do not count', () => {
  const member = candidate({}, { ...votersAlone(1n, 2n, 3n), learners: [4n] })
  member.hear(vote(4n))
  expect(member.role).toBe('candidate')
})
