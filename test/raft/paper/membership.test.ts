import { expect, test } from 'vitest'
import type {
  ConfChangeSingle,
  ConfChangeTransition,
  ConfChangeType,
  ConfChangeV2,
  NodeId,
} from '../../../src-main/raft/entry.ts'
import { entriesOf, snapshotOf, votersAlone } from '../../support/entries.ts'
import { Group } from '../../support/group.ts'
import { electionTick, Member, message } from '../../support/member.ts'

function change(
  list: readonly [ConfChangeType, NodeId][],
  transition: ConfChangeTransition = 'ConfChangeTransitionAuto',
): ConfChangeV2 {
  const changes: ConfChangeSingle[] = list.map(([type, nodeId]) => ({ type, nodeId }))
  return { kind: 'v2', transition, changes, context: null }
}

const leaving = change([])
const explicit = 'ConfChangeTransitionJointExplicit'

function propose(group: Group, leader: NodeId, proposed: ConfChangeV2): void {
  const taken = group.member(leader).node.proposeConfChange(proposed)
  if (!taken.ok) throw new Error(taken.error.kind)
  group.settle()
}

/** A member that has nothing yet but the configuration that the group was founded with. */
function joiner(group: Group, id: NodeId): Member {
  return group.add(new Member({ id, confState: votersAlone(1n, 2n, 3n) }))
}

test('(thesis §4.1) a member is added with one entry, gets the log, and counts from when that is applied', () => {
  const group = new Group()
  group.elect(1n)
  group.propose(1n, 'before')
  joiner(group, 4n)
  propose(group, 1n, change([['ConfChangeAddNode', 4n]]))
  group.tick(1n, 2)
  expect(group.member(1n).confState.voters).toEqual([1n, 2n, 3n, 4n])
  expect(group.member(4n).texts).toEqual(['before'])
  group.isolate(2n)
  group.isolate(3n)
  group.propose(1n, 'two of four are no majority')
  expect(group.member(1n).texts).toEqual(['before'])
})

test('(thesis §4.1) a member is removed with one entry, and the quorum shrinks', () => {
  const group = new Group({ confState: votersAlone(1n, 2n) })
  group.elect(1n)
  propose(group, 1n, change([['ConfChangeRemoveNode', 2n]]))
  group.isolate(2n)
  group.propose(1n, 'alone')
  expect(group.member(1n).texts).toEqual(['alone'])
})

test('(thesis §4.1) one change at a time: a second one is taken for an empty entry until the first is applied', () => {
  const group = new Group()
  group.elect(1n)
  const { node } = group.member(1n)
  node.proposeConfChange(change([['ConfChangeAddLearnerNode', 4n]]))
  node.proposeConfChange(change([['ConfChangeAddLearnerNode', 5n]]))
  group.settle()
  expect(group.member(1n).confState.learners).toEqual([4n])
  expect(
    group.member(1n).logger.said('possible unapplied conf change at index 2 (applied to 1)'),
  ).toBe(true)
  propose(group, 1n, change([['ConfChangeAddLearnerNode', 5n]]))
  expect(group.member(1n).confState.learners).toEqual([4n, 5n])
})

test('(thesis §4.1) a new leader changes nothing before all that it found in its log is applied', () => {
  const leader = new Member({ entries: entriesOf(1, 1), hardState: { term: 1 } })
  leader.campaign()
  leader.hear(message('MsgVoteResp', 2n, { to: 1n, term: 2 }))
  leader.node.proposeConfChange(change([['ConfChangeRemoveNode', 3n]]))
  leader.work()
  expect(leader.logger.said('possible unapplied conf change at index 1 (applied to 0)')).toBe(true)
  leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 2, index: 3 }))
  expect(leader.confState.voters).toEqual([1n, 2n, 3n])
  leader.node.proposeConfChange(change([['ConfChangeRemoveNode', 3n]]))
  leader.work()
  leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 2, index: 4 }))
  expect(leader.confState.voters).toEqual([1n, 2n])
})

test('(§6, thesis §4.2.1) a new member first catches up without a vote', () => {
  const group = new Group()
  group.elect(1n)
  group.propose(1n, 'a')
  joiner(group, 4n)
  propose(group, 1n, change([['ConfChangeAddLearnerNode', 4n]]))
  group.tick(1n, 2)
  expect(group.member(4n).texts).toEqual(['a'])
  // One of three is gone: with a fourth voter that has nothing this would be no quorum.
  group.isolate(3n)
  group.propose(1n, 'b')
  expect(group.member(1n).texts).toEqual(['a', 'b'])
  group.heal()
  group.tick(1n)
  propose(group, 1n, change([['ConfChangeAddNode', 4n]]))
  expect(group.member(4n).confState).toEqual(votersAlone(1n, 2n, 3n, 4n))
})

test('(§6, thesis §4.2.2) a leader that is removed manages the group until the change is committed, without its own vote', () => {
  const group = new Group()
  group.elect(1n)
  group.isolate(3n)
  // Two of three commit the change; from then on the quorum is two of the members 2 and 3.
  propose(group, 1n, change([['ConfChangeRemoveNode', 1n]]))
  expect(group.member(1n).confState.voters).toEqual([2n, 3n])
  expect(group.member(1n).role).toBe('leader')
  expect(group.member(1n).node.propose(Uint8Array.of(1))).toMatchObject({
    ok: false,
    error: { kind: 'proposal-dropped' },
  })
  group.heal()
  group.tick(1n, 2)
  expect(group.member(3n).confState.voters).toEqual([2n, 3n])
  group.elect(2n)
  expect([group.member(2n).role, group.member(1n).role]).toEqual(['leader', 'leader'])
  group.propose(2n, 'goes on')
  expect([group.member(2n).texts, group.member(1n).texts]).toEqual([['goes on'], []])
})

test('(§6, thesis §4.2.2) a leader may also step down as soon as its removal is applied', () => {
  const group = new Group({ config: { stepDownOnRemoval: true } })
  group.elect(1n)
  propose(group, 1n, change([['ConfChangeRemoveNode', 1n]]))
  expect(group.member(1n).role).toBe('follower')
  expect(group.member(1n).tick(5 * electionTick)).toEqual([]) // and never campaigns again
})

test('(§6, thesis §4.2.3) a removed member that campaigns disturbs nobody who hears a leader', () => {
  const group = new Group({ config: { checkQuorum: true } })
  group.elect(1n)
  group.cut(1n, 3n)
  propose(group, 1n, change([['ConfChangeRemoveNode', 3n]]))
  group.member(3n).node.campaign() // it has not heard of its removal
  group.settle()
  expect([group.leaders, group.member(2n).term, group.member(3n).role]).toEqual([
    [1n],
    1,
    'candidate',
  ])
  group.tick(1n)
  expect(group.leaders).toEqual([1n])
})

test('(thesis §4.2.3) a member that has not heard its leader for an election timeout votes again', () => {
  const group = new Group({ config: { checkQuorum: true } })
  group.elect(1n)
  group.isolate(1n)
  group.member(2n).node.tick()
  group.elect(3n)
  expect(group.member(3n).role).toBe('candidate')
  for (let tick = 0; tick < electionTick; tick++) group.member(2n).node.tick()
  group.intercept()
  group.elect(3n)
  expect(group.member(3n).role).toBe('leader')
})

test('(§6, thesis §4.3) a joint configuration decides by a majority of the old and one of the new', () => {
  const group = new Group()
  group.elect(1n)
  for (const id of [4n, 5n]) joiner(group, id)
  const replaced: readonly [ConfChangeType, NodeId][] = [
    ['ConfChangeRemoveNode', 2n],
    ['ConfChangeRemoveNode', 3n],
    ['ConfChangeAddNode', 4n],
    ['ConfChangeAddNode', 5n],
  ]
  propose(group, 1n, change(replaced, explicit))
  group.tick(1n, 2)
  expect(group.member(1n).confState).toMatchObject({
    voters: [1n, 4n, 5n],
    votersOutgoing: [1n, 2n, 3n],
  })
  group.isolate(2n)
  group.isolate(3n)
  group.propose(1n, 'a') // the new majority alone
  expect(group.member(1n).texts).toEqual([])
  group.heal()
  group.isolate(4n)
  group.isolate(5n)
  group.tick(1n, 2) // the old majority has it now too, and the new one had it
  expect(group.member(1n).texts).toEqual(['a'])
  group.propose(1n, 'b') // the old majority alone
  expect(group.member(1n).texts).toEqual(['a'])
  group.heal()
  group.tick(1n, 2)
  expect(group.member(1n).texts).toEqual(['a', 'b'])
})

test('(§6, thesis §4.3) entries go to all members of both, and a member of either may lead', () => {
  for (const next of [2n, 4n]) {
    const group = new Group()
    group.elect(1n)
    joiner(group, 4n)
    propose(
      group,
      1n,
      change(
        [
          ['ConfChangeAddNode', 4n],
          ['ConfChangeRemoveNode', 2n],
        ],
        explicit,
      ),
    )
    group.tick(1n, 2)
    group.propose(1n, 'to all')
    expect([2n, 3n, 4n].map((id) => group.member(id).texts)).toEqual(Array(3).fill(['to all']))
    group.elect(next)
    expect(group.member(next).role).toBe('leader')
  }
})

test('(§6, thesis §4.3) an election in a joint configuration needs both majorities too', () => {
  const group = new Group()
  group.elect(1n)
  for (const id of [4n, 5n]) joiner(group, id)
  propose(
    group,
    1n,
    change(
      [
        ['ConfChangeAddNode', 4n],
        ['ConfChangeAddNode', 5n],
      ],
      explicit,
    ),
  )
  group.tick(1n, 2)
  // The incoming half is 1 to 5, the outgoing one 1 to 3: with 4 and 5 member 1 has three of five,
  // but one of three.
  group.isolate(2n)
  group.isolate(3n)
  group.elect(4n)
  expect(group.member(4n).role).toBe('candidate')
  group.heal()
  group.isolate(3n)
  group.isolate(5n)
  group.elect(4n)
  expect(group.member(4n).role).toBe('leader')
})

test('(§6, thesis §4.3) the second entry leaves the old configuration behind, by itself if asked to', () => {
  const group = new Group()
  group.elect(1n)
  joiner(group, 4n)
  const replaced: readonly [ConfChangeType, NodeId][] = [
    ['ConfChangeAddNode', 4n],
    ['ConfChangeRemoveNode', 3n],
  ]
  propose(group, 1n, change(replaced, explicit))
  group.tick(1n, 2)
  expect(group.member(1n).confState.votersOutgoing).toEqual([1n, 2n, 3n])
  propose(group, 1n, leaving)
  expect(group.member(4n).confState).toEqual(votersAlone(1n, 2n, 4n))
  const other = new Group()
  other.elect(1n)
  joiner(other, 4n)
  propose(other, 1n, change(replaced)) // two changes: joint, and left by itself
  other.tick(1n, 2)
  expect(other.member(1n).confState).toEqual(votersAlone(1n, 2n, 4n))
})

test('(thesis §4.3) if the leader is lost in between, the next one leaves the joint configuration', () => {
  const group = new Group()
  group.elect(1n)
  joiner(group, 4n)
  const both: readonly [ConfChangeType, NodeId][] = [
    ['ConfChangeAddNode', 4n],
    ['ConfChangeRemoveNode', 3n],
  ]
  // The entry that would leave is lost with its leader.
  let applied = false
  group.loses = ({ from, entries }) => {
    applied ||= entries.some(({ type, data }) => type === 'EntryConfChangeV2' && data === null)
    return applied && from === 1n
  }
  propose(group, 1n, change(both))
  group.heal()
  group.isolate(1n)
  for (const id of [2n, 3n]) group.elect(id)
  const leader = group.leaders.find((id) => id !== 1n)
  expect(leader).toBeDefined()
  group.tick(leader ?? 0n, 3)
  expect(group.member(leader ?? 0n).confState).toEqual(votersAlone(1n, 2n, 4n))
})

test('(§6) a snapshot carries the configuration, so that a member that lacks the changes has their result', () => {
  const member = new Member({ confState: votersAlone() })
  const snapshot = snapshotOf(1, 9, { ...votersAlone(1n, 2n), learners: [7n] })
  member.hear(message('MsgSnap', 2n, { to: 1n, term: 1, snapshot }))
  expect(member.confState).toEqual({ ...votersAlone(1n, 2n), learners: [7n] })
  member.restart()
  expect(member.node.status().configuration.learners).toEqual([7n])
})
