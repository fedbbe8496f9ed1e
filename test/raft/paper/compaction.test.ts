import { expect, test } from 'vitest'
import { entriesOf, snapshotOf, votersAlone } from '../../support/entries.ts'
import { Group } from '../../support/group.ts'
import { Member, message } from '../../support/member.ts'

test('(§7) a member makes a snapshot of what it has applied on its own, and its log begins behind it', () => {
  const group = new Group()
  group.elect(1n)
  for (const text of ['a', 'b']) group.propose(1n, text)
  group.member(3n).compact(2)
  expect([group.member(3n).log, group.member(1n).log]).toEqual(['1/3', '1/1 1/2 1/3'])
  group.propose(1n, 'c')
  expect(group.member(3n).texts).toEqual(['a', 'b', 'c'])
})

test('(§7) a snapshot knows the index and term of the last entry in it: the append behind it finds its match', () => {
  const member = new Member({ after: { term: 2, index: 5 }, hardState: { term: 3, commit: 5 } })
  const append = { to: 1n, term: 3, index: 5, entries: entriesOf(6, 3) }
  expect(member.hear(message('MsgApp', 2n, { ...append, logTerm: 2 }))).toMatchObject([
    { reject: false, index: 6 },
  ])
})

test('(§7) a snapshot holds the newest configuration in its prefix of the log', () => {
  const group = new Group()
  group.elect(1n)
  const { node } = group.member(1n)
  const changes = [{ type: 'ConfChangeAddLearnerNode', nodeId: 9n }] as const
  const transition = 'ConfChangeTransitionAuto'
  node.proposeConfChange({ kind: 'v2', transition, changes, context: null })
  group.settle()
  group.member(1n).compact(2)
  expect(group.member(1n).storage.snapshotMetadata()).toEqual({
    index: 2,
    term: 1,
    confState: { ...votersAlone(1n, 2n, 3n), learners: [9n] },
  })
})

test('(§7) a leader sends a snapshot only where the next entry to send is gone', () => {
  const group = new Group()
  group.elect(1n)
  group.isolate(3n)
  for (const text of ['a', 'b', 'c']) group.propose(1n, text)
  group.member(1n).compact(3)
  group.heal()
  group.tick(1n, 2)
  const snapshots = group.sent.filter(({ type }) => type === 'MsgSnap')
  expect(snapshots.map(({ to, snapshot }) => [to, snapshot?.metadata.index])).toEqual([[3n, 3]])
  expect([group.member(3n).commit, group.member(3n).log]).toEqual([4, '1/4'])
})

test('(§7) a snapshot with news takes the place of the whole log', () => {
  const member = new Member({ entries: entriesOf(1, 1, 1, 1, 1), hardState: { term: 1 } })
  member.hear(message('MsgSnap', 2n, { to: 1n, term: 3, snapshot: snapshotOf(2, 3) }))
  expect([member.log, member.commit]).toEqual(['', 3])
})

test('(§7) of a snapshot that describes a prefix of its log a member keeps what follows', () => {
  const member = new Member({ entries: entriesOf(1, 1, 1, 1, 1), hardState: { term: 1 } })
  member.hear(message('MsgSnap', 2n, { to: 1n, term: 3, snapshot: snapshotOf(1, 3) }))
  expect([member.log, member.commit]).toEqual(['1/1 1/2 1/3 1/4', 3])
})

test('(§7) members go on from a snapshot as from the entries it stands for', () => {
  const group = new Group()
  group.elect(1n)
  group.isolate(3n)
  group.propose(1n, 'a')
  group.member(1n).compact(2)
  group.heal()
  group.tick(1n, 2)
  group.isolate(1n)
  group.elect(3n)
  expect(group.member(3n).role).toBe('leader')
  group.propose(3n, 'b')
  expect(group.member(2n).texts).toEqual(['a', 'b'])
})
