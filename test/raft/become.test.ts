import { expect, test } from 'vitest'
import {
  becomeCandidate,
  becomeFollower,
  becomeLeader,
  becomePreCandidate,
} from '../../src-main/raft/become.ts'
import { newMessage } from '../../src-main/raft/message.ts'
import { leaderOf, type Raft } from '../../src-main/raft/raft.ts'
import { raftStateOf } from '../../src-main/raft/role.ts'
import { step } from '../../src-main/raft/step.ts'
import { bareRaftAs, type RoleName } from '../support/bare-raft.ts'

type Transition = (raft: Raft) => unknown

const transitions: Readonly<Record<RoleName, Transition>> = {
  follower: (raft) => becomeFollower(raft, raft.term, 0n),
  'pre-candidate': becomePreCandidate,
  candidate: becomeCandidate,
  leader: becomeLeader,
}

// From, to, and then: allowed, terms gained, leader.
test.each<[RoleName, RoleName, boolean, number, bigint]>([
  ['follower', 'follower', true, 0, 0n],
  ['follower', 'pre-candidate', true, 0, 0n],
  ['follower', 'candidate', true, 1, 0n],
  ['follower', 'leader', false, 0, 0n],
  ['pre-candidate', 'follower', true, 0, 0n],
  ['pre-candidate', 'pre-candidate', true, 0, 0n],
  ['pre-candidate', 'candidate', true, 1, 0n],
  ['pre-candidate', 'leader', true, 0, 1n],
  ['candidate', 'follower', true, 0, 0n],
  ['candidate', 'pre-candidate', true, 0, 0n],
  ['candidate', 'candidate', true, 1, 0n],
  ['candidate', 'leader', true, 0, 1n],
  ['leader', 'follower', true, 0, 0n],
  ['leader', 'pre-candidate', false, 0, 0n],
  ['leader', 'candidate', false, 0, 0n],
  ['leader', 'leader', false, 0, 0n],
])('[B18] %s to %s: %s', (from, to, isAllowed, gained, leader) => {
  const raft = bareRaftAs(from)
  const { term } = raft
  if (!isAllowed) {
    expect(() => transitions[to](raft)).toThrow()
    return
  }
  transitions[to](raft)
  const kind = to === 'pre-candidate' ? 'candidate' : to
  expect([raft.role.kind, raft.term - term, leaderOf(raft)]).toEqual([kind, gained, leader])
  if (to === 'pre-candidate') expect(raftStateOf(raft.role)).toBe('StatePreCandidate')
})

test('[T1] nobody goes back to an earlier term', () => {
  const raft = bareRaftAs('candidate')
  expect(() => becomeFollower(raft, 0, 0n)).toThrow('[T1]')
})

test('a new term has no vote; the same term keeps it', () => {
  const raft = bareRaftAs('candidate')
  becomeFollower(raft, raft.term, 0n)
  expect(raft.vote).toBe(1n)
  becomeFollower(raft, raft.term + 1, 0n)
  expect(raft.vote).toBe(0n)
})

test.each<[RoleName, number]>([
  ['follower', 0],
  ['pre-candidate', 0],
  ['candidate', 0],
  ['leader', 2],
])('[B33] a %s sends %i heartbeats when it is time for them', (role, beats) => {
  const raft = bareRaftAs(role)
  step(raft, newMessage('MsgBeat', {}))
  expect(raft.messages.map(({ type }) => type)).toEqual(Array(beats).fill('MsgHeartbeat'))
})
