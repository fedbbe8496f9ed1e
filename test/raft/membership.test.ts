import { describe, expect, test } from 'vitest'
import type {
  ConfChange,
  ConfChangeSingle,
  ConfChangeTransition,
  ConfChangeType,
  ConfChangeV2,
  Entry,
  NodeId,
} from '../../src-main/raft/entry.ts'
import type { Message } from '../../src-main/raft/message.ts'
import { encodeConfChange, encodeConfChangeV2 } from '../../src-main/raft/wire/conf-change.ts'
import { entriesOf, snapshotOf, votersAlone } from '../support/entries.ts'
import { Group } from '../support/group.ts'
import { electionTick, leaderOf, Member, message } from '../support/member.ts'

const add = (nodeId: NodeId): ConfChangeSingle => ({ type: 'ConfChangeAddNode', nodeId })
const remove = (nodeId: NodeId): ConfChangeSingle => ({ type: 'ConfChangeRemoveNode', nodeId })
const learn = (nodeId: NodeId): ConfChangeSingle => ({ type: 'ConfChangeAddLearnerNode', nodeId })

const auto = 'ConfChangeTransitionAuto'
const implicit = 'ConfChangeTransitionJointImplicit'
const explicit = 'ConfChangeTransitionJointExplicit'

function changeOf(transition: ConfChangeTransition, ...changes: ConfChangeSingle[]): ConfChangeV2 {
  return { kind: 'v2', transition, changes, context: null }
}

function v1(type: ConfChangeType, nodeId: NodeId): ConfChange {
  return { kind: 'v1', id: 0n, type, nodeId, context: null }
}

const joint = { ...votersAlone(1n, 2n, 3n), votersOutgoing: [1n, 2n] }

/** A leader alone in deciding, which has applied all it has. */
function alone(confState = votersAlone(1n)): Member {
  const member = leaderOf({ confState })
  member.work()
  return member
}

function lastEntry(member: Member): Entry | undefined {
  const { storage } = member
  const last = storage.lastIndex()
  const found = storage.entries(last, last + 1, Number.POSITIVE_INFINITY)
  return found.ok ? found.value[0] : undefined
}

describe('[B70] a proposed change', () => {
  test('waits for what the leader found in its log, whatever that is', () => {
    const leader = leaderOf({ entries: entriesOf(1, 1, 1), hardState: { term: 1 } })
    leader.node.proposeConfChange(v1('ConfChangeAddNode', 4n))
    leader.work()
    expect(lastEntry(leader)).toMatchObject({ type: 'EntryNormal', index: 4, data: null })
    expect(leader.logger.said('possible unapplied conf change at index 2 (applied to 0)')).toBe(
      true,
    )
    leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 2, index: 4 }))
    leader.node.proposeConfChange(v1('ConfChangeAddNode', 4n))
    leader.work()
    expect(lastEntry(leader)).toMatchObject({ type: 'EntryConfChange', index: 5 })
  })

  test('waits for the one before it to be applied; its place is taken by an empty entry', () => {
    const leader = alone(votersAlone(1n, 2n))
    leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 1 }))
    leader.node.proposeConfChange(changeOf(auto, add(3n)))
    leader.node.proposeConfChange(changeOf(auto, add(4n)))
    leader.work()
    expect(lastEntry(leader)).toMatchObject({ type: 'EntryNormal', index: 3, data: null })
    expect(leader.logger.said('possible unapplied conf change at index 2 (applied to 1)')).toBe(
      true,
    )
  })

  test('of one proposal counts each in its place', () => {
    const leader = alone()
    const data = encodeConfChangeV2(changeOf(auto, add(2n)))
    const change: Entry = { type: 'EntryConfChangeV2', term: 0, index: 0, data }
    const [plain] = entriesOf(0, 0)
    if (plain === undefined) throw new Error('one entry')
    leader.node.step(message('MsgProp', 1n, { entries: [plain, change, change] }))
    const { entries } = leader.node.peek()
    expect(entries.map(({ type }) => type)).toEqual([
      'EntryNormal',
      'EntryConfChangeV2',
      'EntryNormal',
    ])
    expect(leader.logger.said('possible unapplied conf change at index 3 (applied to 1)')).toBe(
      true,
    )
  })

  test('waits for the way out of a joint configuration', () => {
    const leader = leaderOf({ confState: { ...votersAlone(1n), votersOutgoing: [1n] } })
    leader.work()
    leader.node.proposeConfChange(changeOf(explicit, add(4n)))
    leader.work()
    expect(lastEntry(leader)).toMatchObject({ type: 'EntryNormal', data: null })
    expect(leader.logger.said('must transition out of joint config first')).toBe(true)
    leader.node.proposeConfChange(changeOf(auto))
    leader.work()
    expect(leader.confState).toEqual(votersAlone(1n))
  })

  test('cannot leave a joint configuration that it is not in', () => {
    const leader = alone()
    leader.node.proposeConfChange(changeOf(auto))
    leader.work()
    expect(lastEntry(leader)).toMatchObject({ type: 'EntryNormal', data: null })
    expect(leader.logger.said('not in joint state; refusing empty conf change')).toBe(true)
  })

  test('of an earlier leadership holds up none of the next', () => {
    const leader = alone(votersAlone(1n, 2n))
    leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 1 }))
    leader.node.proposeConfChange(changeOf(auto, add(3n)))
    leader.work()
    // Another leader takes its place, without the change, and hands over again.
    const entries = entriesOf(2, 2)
    leader.hear(
      message('MsgApp', 2n, { to: 1n, term: 2, index: 1, logTerm: 1, entries, commit: 2 }),
    )
    leader.campaign()
    leader.hear(message('MsgVoteResp', 2n, { to: 1n, term: 3 }))
    leader.node.proposeConfChange(changeOf(auto, add(3n)))
    leader.work()
    expect(lastEntry(leader)).toMatchObject({ type: 'EntryConfChangeV2', index: 4 })
  })
})

describe('[B71] a joint configuration that leaves by itself', () => {
  const enter = changeOf(implicit, add(2n))

  test('is left by the leader as soon as it is applied', () => {
    const group = new Group({ confState: votersAlone(1n) })
    group.elect(1n)
    group.add(new Member({ id: 2n, confState: votersAlone(1n) }))
    group.member(1n).node.proposeConfChange(enter)
    group.settle()
    expect(group.member(1n).confState).toEqual(votersAlone(1n, 2n))
    const left = lastEntry(group.member(1n))
    expect(left).toMatchObject({ type: 'EntryConfChangeV2', index: 3, data: null })
  })

  test('waits while leadership is handed over, and is asked for again', () => {
    const leader = leaderOf({ confState: votersAlone(1n, 2n, 3n) })
    leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 1 }))
    leader.node.proposeConfChange(changeOf(implicit, remove(3n)))
    leader.work()
    leader.node.transferLeader(3n)
    leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 2 }))
    expect(leader.logger.said('not initiating automatic transition')).toBe(true)
    expect(leader.storage.lastIndex()).toBe(2)
    leader.tick(electionTick) // the transfer is given up
    leader.propose('another apply')
    leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 3 }))
    expect(lastEntry(leader)).toMatchObject({ type: 'EntryConfChangeV2', index: 4, data: null })
  })

  test('is left by whoever leads next', () => {
    const confState = { ...votersAlone(1n, 2n), votersOutgoing: [1n, 3n], autoLeave: true }
    const next = new Member({ confState })
    next.campaign()
    for (const from of [2n, 3n]) next.hear(message('MsgVoteResp', from, { to: 1n, term: 1 }))
    for (const from of [2n, 3n])
      next.hear(message('MsgAppResp', from, { to: 1n, term: 1, index: 1 }))
    expect(lastEntry(next)).toMatchObject({ type: 'EntryConfChangeV2', index: 2, data: null })
  })
})

test.each<[string, ConfChangeV2, object]>([
  ['one change is simple', changeOf(auto, add(2n)), votersAlone(1n, 2n)],
  ['one learner too', changeOf(auto, learn(2n)), { ...votersAlone(1n), learners: [2n] }],
  [
    'several changes are joint, and leave by themselves',
    changeOf(auto, add(2n), learn(3n)),
    { ...votersAlone(1n, 2n), learners: [3n], votersOutgoing: [1n], autoLeave: true },
  ],
  [
    'one change may be asked to be joint',
    changeOf(implicit, add(2n)),
    { ...votersAlone(1n, 2n), votersOutgoing: [1n], autoLeave: true },
  ],
  [
    'and to stay so until it is left explicitly',
    changeOf(explicit, add(2n)),
    { ...votersAlone(1n, 2n), votersOutgoing: [1n] },
  ],
])('[B72] %s', (_, change, expected) => {
  expect(new Member({ confState: votersAlone(1n) }).node.applyConfChange(change)).toEqual(expected)
})

test('[B72] a change of nothing leaves, whatever its context', () => {
  const member = new Member({ confState: joint })
  const change = { ...changeOf(auto), context: Uint8Array.of(1) }
  expect(member.node.applyConfChange(change)).toEqual(votersAlone(1n, 2n, 3n))
})

test('[B73] a change stands in the log as it was proposed, old or new form', () => {
  const leader = alone()
  const older = { ...v1('ConfChangeAddLearnerNode', 2n), id: 7n, context: Uint8Array.of(9) }
  leader.node.proposeConfChange(older)
  leader.work()
  const first = lastEntry(leader)
  expect(first).toMatchObject({ type: 'EntryConfChange', data: encodeConfChange(older) })
  const newer = { ...changeOf(auto, learn(3n)), context: Uint8Array.of(8) }
  leader.node.proposeConfChange(newer)
  leader.work()
  expect(lastEntry(leader)).toMatchObject({
    type: 'EntryConfChangeV2',
    data: encodeConfChangeV2(newer),
  })
})

test('[B73] adding a voter again changes nothing', () => {
  const leader = leaderOf()
  const before = leader.node.status()
  expect(leader.node.applyConfChange(v1('ConfChangeAddNode', 2n))).toEqual(leader.confState)
  expect(leader.node.status()).toEqual(before)
})

test('[B74] removing the last voter stops the member', () => {
  const member = new Member({ confState: votersAlone(1n) })
  expect(() => member.node.applyConfChange(v1('ConfChangeRemoveNode', 1n))).toThrow(
    'removed all voters',
  )
})

test('[B74] a member that is promoted campaigns, one that is demoted does not', () => {
  const member = new Member({ confState: { ...votersAlone(2n), learners: [1n] } })
  member.campaign()
  expect(member.role).toBe('follower')
  member.node.applyConfChange(v1('ConfChangeAddNode', 1n))
  member.campaign()
  expect(member.role).toBe('candidate')
  member.node.applyConfChange(v1('ConfChangeAddLearnerNode', 1n))
  member.hear(message('MsgHeartbeat', 2n, { to: 1n, term: 1 }))
  member.campaign()
  expect(member.role).toBe('follower')
})

describe('[B75] a change that is applied', () => {
  test('may commit what a smaller quorum has already, and tells so at once', () => {
    const leader = leaderOf()
    leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 1 }))
    leader.propose('x')
    expect(leader.commit).toBe(1)
    // Of voters 1 and 2, both have entry 1; of 1 alone, entry 2.
    leader.node.applyConfChange(changeOf(explicit, remove(2n), remove(3n)))
    leader.node.applyConfChange(changeOf(auto))
    const sent = leader.work()
    expect(leader.commit).toBe(2)
    expect(leader.texts).toEqual(['x'])
    expect(sent.filter(({ type }) => type === 'MsgApp')).toEqual([])
  })

  test('and to those who stay', () => {
    const leader = leaderOf({ confState: votersAlone(1n, 2n, 3n, 4n) })
    for (const from of [2n, 3n])
      leader.hear(message('MsgAppResp', from, { to: 1n, term: 1, index: 1 }))
    leader.propose('x')
    leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 2 }))
    expect(leader.commit).toBe(1)
    leader.node.applyConfChange(v1('ConfChangeRemoveNode', 4n))
    const told = leader.work().filter(({ type, commit }) => type === 'MsgApp' && commit === 2)
    expect(told.map(({ to }) => to)).toEqual([2n, 3n])
  })

  test('has new members probed at once, and nobody sent an empty message', () => {
    const leader = leaderOf({ confState: votersAlone(1n, 2n) })
    leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 1 }))
    leader.work()
    leader.node.applyConfChange(v1('ConfChangeAddNode', 3n))
    const sent = leader.work()
    expect(sent.map(({ type, to, entries }) => [type, to, entries.length])).toEqual([
      ['MsgApp', 3n, 1],
    ])
  })
})

describe('[B78] a leader that a change takes out', () => {
  const gone: readonly [string, ConfChange][] = [
    ['removed', v1('ConfChangeRemoveNode', 1n)],
    ['made a learner', v1('ConfChangeAddLearnerNode', 1n)],
  ]

  test.each(gone)('steps down when it is %s, if told to', (_, change) => {
    const leader = leaderOf({ config: { stepDownOnRemoval: true } })
    leader.node.applyConfChange(change)
    expect([leader.role, leader.term, leader.lead]).toEqual(['follower', 1, 0n])
  })

  test.each(gone)('leads on when it is %s and not told to', (_, change) => {
    const leader = leaderOf()
    leader.node.applyConfChange(change)
    expect(leader.role).toBe('leader')
    const beats = leader.tick().filter(({ type }: Message) => type === 'MsgHeartbeat')
    expect(beats.map(({ to }) => to)).toEqual([2n, 3n])
  })

  test('takes no proposals once it is removed', () => {
    const leader = leaderOf()
    leader.node.applyConfChange(v1('ConfChangeRemoveNode', 1n))
    expect(leader.node.propose(Uint8Array.of(1))).toMatchObject({
      ok: false,
      error: { kind: 'proposal-dropped' },
    })
  })

  test('stays when another is removed', () => {
    const leader = leaderOf({ config: { stepDownOnRemoval: true } })
    leader.node.applyConfChange(v1('ConfChangeRemoveNode', 3n))
    expect(leader.role).toBe('leader')
  })
})

test('a change that is applied late, behind a snapshot that holds it, is not made again', () => {
  const member = new Member({ config: { asyncStorageWrites: true } })
  const later = votersAlone(1n, 2n)
  member.step(message('MsgSnap', 2n, { to: 1n, term: 1, snapshot: snapshotOf(1, 9, later) }))
  const older = v1('ConfChangeAddNode', 3n)
  expect(member.node.applyConfChange(older, 9)).toEqual(later)
  expect(member.node.status().configuration.voters.incoming).toEqual([1n, 2n])
  expect(member.node.applyConfChange(older, 10)).toEqual(votersAlone(1n, 2n, 3n))
})
