import { expect, test } from 'vitest'
import type { ConfState, NodeId, Snapshot } from '../../src-main/raft/entry.ts'
import { MemoryStorage } from '../../src-main/raft/log/memory-storage.ts'
import type { Message } from '../../src-main/raft/message.ts'
import { describeConfiguration } from '../../src-main/raft/tracker/describe.ts'
import type { Progress } from '../../src-main/raft/tracker/progress.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { entriesOf, namesOf, snapshotOf, votersAlone } from '../support/entries.ts'
import { electionTick, leaderOf, Member, message } from '../support/member.ts'

const nobodyElse = votersAlone()

function snapMessage(snapshot: Snapshot, term = 5): Message {
  return message('MsgSnap', 2n, { to: 1n, term, snapshot })
}

function progressOf(member: Member, id: NodeId): Progress {
  const progress = member.node.status().progress.get(id)
  if (progress === undefined) throw new Error(`no progress for ${id}`)
  return progress
}

test('[B63] a snapshot at or before the commit index is not taken, and the commit index is the answer', () => {
  for (const index of [1, 2]) {
    const member = new Member({ entries: entriesOf(1, 1, 2, 3), hardState: { term: 3, commit: 2 } })
    const answers = member.hear(snapMessage(snapshotOf(9, index)))
    expect(answers).toMatchObject([{ type: 'MsgAppResp', index: 2, reject: false }])
    expect([member.log, member.commit]).toEqual(['1/1 2/2 3/3', 2])
  }
})

test('[B63] of a snapshot that is all in the log, only the commit index is taken, and the log stays', () => {
  const member = new Member({ entries: entriesOf(1, 1, 2, 3), hardState: { term: 3, commit: 1 } })
  const answers = member.hear(snapMessage(snapshotOf(2, 2)))
  expect(answers).toMatchObject([{ type: 'MsgAppResp', index: 2, reject: false }])
  expect([member.log, member.commit]).toEqual(['1/1 2/2 3/3', 2])
  expect(member.logger.said('fast-forwarded commit to snapshot [index: 2, term: 2]')).toBe(true)
})

test('[B63] any other snapshot replaces the log, and its index is the answer', () => {
  const member = new Member({ entries: entriesOf(1, 1, 2, 3), hardState: { term: 3, commit: 1 } })
  const snapshot = snapshotOf(4, 3, votersAlone(1n, 2n))
  const answers = member.hear(snapMessage(snapshot))
  expect(answers).toMatchObject([{ type: 'MsgAppResp', index: 3, reject: false }])
  expect([member.log, member.commit, member.storage.firstIndex()]).toEqual(['', 3, 4])
  expect(member.storage.term(3)).toEqual({ ok: true, value: 4 })
  expect(member.node.basicStatus().applied).toBe(3)
})

const memberships: readonly [string, Partial<ConfState>, string][] = [
  ['a voter', { voters: [1n, 2n] }, 'voters=(1 2)'],
  ['a learner', { voters: [2n], learners: [1n] }, 'voters=(2) learners=(1)'],
  ['an outgoing voter', { voters: [2n], votersOutgoing: [1n] }, 'voters=(2)&&(1)'],
  [
    'a learner to be, which is an outgoing voter',
    { voters: [2n], votersOutgoing: [1n, 2n], learnersNext: [1n], autoLeave: true },
    'voters=(2)&&(1 2) learners_next=(1) autoleave',
  ],
]

test.each(memberships)(
  '[B64] a snapshot is taken by %s in it, with its configuration',
  (_, fields, text) => {
    const confState = { ...nobodyElse, ...fields }
    const member = new Member({ hardState: { term: 3 } })
    member.hear(snapMessage(snapshotOf(4, 7, confState)))
    expect(member.commit).toBe(7)
    expect(member.logger.said(`1 switched to configuration ${text}`)).toBe(true)
    const { configuration } = member.node.status()
    expect(describeConfiguration({ ...configuration, autoLeave: confState.autoLeave })).toBe(text)
  },
)

test('[B64] a snapshot of a group that this member is not in is left alone, with a warning', () => {
  const member = new Member({ hardState: { term: 3 } })
  const answers = member.hear(snapMessage(snapshotOf(4, 7, votersAlone(2n, 3n))))
  expect(answers).toMatchObject([{ type: 'MsgAppResp', index: 0, reject: false }])
  expect([member.commit, member.storage.lastIndex()]).toEqual([0, 0])
  expect(member.logger.said('attempted to restore snapshot but it is not in the ConfState')).toBe(
    true,
  )
})

test('[B64] a snapshot makes a voter a learner, and a learner a voter that campaigns', () => {
  const asVoter = new Member({ hardState: { term: 3 } })
  asVoter.hear(snapMessage(snapshotOf(4, 7, { ...votersAlone(2n), learners: [1n] })))
  expect(asVoter.tick(3 * electionTick)).toEqual([])
  expect(asVoter.role).toBe('follower')
  const asLearner = new Member({ confState: { ...votersAlone(2n), learners: [1n] } })
  asLearner.hear(snapMessage(snapshotOf(4, 7, votersAlone(1n, 2n))))
  asLearner.tick(electionTick)
  expect(asLearner.role).toBe('candidate')
})

test('[B65] with a snapshot that is not written yet nobody campaigns', () => {
  const member = new Member({ hardState: { term: 3 } })
  member.step(snapMessage(snapshotOf(4, 7, votersAlone(1n))))
  member.node.campaign()
  for (let tick = 0; tick < 3 * electionTick; tick++) member.node.tick()
  expect([member.role, member.term]).toEqual(['follower', 5])
  expect(member.logger.said('1 is unpromotable and can not campaign')).toBe(true)
  member.work()
  member.campaign()
  expect(member.role).toBe('leader')
})

/** A leader of three whose log begins behind a snapshot at 11, of which the others have nothing. */
function compactedLeader(storage = new MemoryStorage()): Member {
  return leaderOf({
    after: { term: 1, index: 11 },
    hardState: { term: 1, commit: 11 },
    storage,
  })
}

/** Member 2 refuses what it was sent: it has nothing. */
function refusal(index: number): Message {
  return message('MsgAppResp', 2n, { to: 1n, term: 2, index, reject: true, rejectHint: 0 })
}

test('[B66] a peer that needs what is gone is sent the snapshot, and then nothing', () => {
  const leader = compactedLeader()
  const sent = leader.hear(refusal(11))
  expect(sent).toMatchObject([{ type: 'MsgSnap', to: 2n, snapshot: { metadata: { index: 11 } } }])
  const progress = progressOf(leader, 2n)
  expect(progress).toMatchObject({ state: 'snapshot', match: 0, next: 12, pendingSnapshot: 11 })
  const more = [...leader.propose('a'), ...leader.propose('b')]
  expect(more.filter(({ to }) => to === 2n)).toEqual([])
  expect(leader.tick(3).filter(({ type, to }) => to === 2n && type !== 'MsgHeartbeat')).toEqual([])
})

test('[B66] a peer whose next entry is gone, though not the one before it, is sent the snapshot too', () => {
  class Holey extends MemoryStorage {
    hole = false
    override entries(low: number, high: number, sizeMax: number) {
      return this.hole ? fail('compacted' as const) : super.entries(low, high, sizeMax)
    }
  }
  const storage = new Holey()
  const leader = leaderOf({
    confState: votersAlone(1n, 2n),
    after: { term: 1, index: 11 },
    entries: entriesOf(12, 1, 1),
    hardState: { term: 1, commit: 11 },
    storage,
  })
  storage.hole = true
  const stepped = leader.step(
    message('MsgAppResp', 2n, {
      to: 1n,
      term: 2,
      index: 13,
      reject: true,
      rejectHint: 11,
      logTerm: 1,
    }),
  )
  expect(stepped.ok).toBe(true)
  expect(progressOf(leader, 2n)).toMatchObject({ state: 'snapshot', pendingSnapshot: 11 })
})

test('[B66] a peer that was not heard since the last quorum check is sent no snapshot', () => {
  const leader = leaderOf({ config: { checkQuorum: true } })
  const ack = (from: NodeId, index: number) =>
    leader.hear(message('MsgAppResp', from, { to: 1n, term: 1, index }))
  for (const peer of [2n, 3n]) ack(peer, 1)
  for (const text of ['a', 'b']) leader.propose(text)
  ack(3n, 3)
  leader.compact(3)
  leader.tick(electionTick)
  leader.node.reportUnreachable(2n)
  const sent = leader.propose('c')
  expect(sent.filter(({ to }) => to === 2n)).toEqual([])
  expect(leader.logger.said('ignore sending snapshot to 2 since it is not recently active')).toBe(
    true,
  )
  expect(progressOf(leader, 2n)).toMatchObject({ state: 'probe', match: 1, next: 2 })
})

class BusyStorage extends MemoryStorage {
  busy = false
  override snapshot(): Outcome<Snapshot, never> {
    return (this.busy ? fail('temporarily-unavailable') : super.snapshot()) as Outcome<
      Snapshot,
      never
    >
  }
}

test('[B66] while the snapshot is being made nothing is sent, and the next occasion tries again', () => {
  const storage = new BusyStorage()
  const leader = compactedLeader(storage)
  storage.busy = true
  expect(leader.hear(refusal(11))).toEqual([])
  expect(leader.logger.said('because snapshot is temporarily unavailable')).toBe(true)
  expect(progressOf(leader, 2n)).toMatchObject({ state: 'probe', pendingSnapshot: 0 })
  storage.busy = false
  const beat = message('MsgHeartbeatResp', 2n, { to: 1n, term: 2 })
  expect(leader.hear(beat)).toMatchObject([{ type: 'MsgSnap', to: 2n }])
})

test('[B66] a log that begins after its beginning without a snapshot is a bug', () => {
  class Forgetful extends MemoryStorage {
    override snapshot(): Outcome<Snapshot, never> {
      return ok(snapshotOf(0, 0, votersAlone()))
    }
  }
  const leader = compactedLeader(new Forgetful())
  expect(() => leader.step(refusal(11))).toThrow('snapshot')
})

test('[B67] a snapshot that failed leads back to probing from what is known, after the next word', () => {
  const leader = compactedLeader()
  leader.hear(refusal(11))
  leader.node.reportSnapshot(2n, false)
  expect(progressOf(leader, 2n)).toMatchObject({
    state: 'probe',
    next: 1,
    pendingSnapshot: 0,
    appendsPaused: true,
  })
  expect(leader.propose('a').filter(({ to }) => to === 2n)).toEqual([])
  const beat = message('MsgHeartbeatResp', 2n, { to: 1n, term: 2 })
  expect(leader.hear(beat)).toMatchObject([{ type: 'MsgSnap', to: 2n }])
})

test('[B67] a snapshot that arrived leads to probing from behind it, after the next word', () => {
  const leader = compactedLeader()
  leader.hear(refusal(11))
  leader.node.reportSnapshot(2n, true)
  expect(progressOf(leader, 2n)).toMatchObject({
    state: 'probe',
    next: 12,
    pendingSnapshot: 0,
    appendsPaused: true,
  })
  expect(leader.propose('a').filter(({ to }) => to === 2n)).toEqual([])
  const beat = message('MsgHeartbeatResp', 2n, { to: 1n, term: 2 })
  expect(leader.hear(beat).map(({ type, entries }) => [type, namesOf(entries)])).toEqual([
    ['MsgApp', '2/12 2/13'],
  ])
})

test('[B67] a report about a peer that waits for no snapshot changes nothing', () => {
  const leader = leaderOf()
  leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 1 }))
  const before = progressOf(leader, 2n)
  for (const arrived of [true, false]) {
    leader.node.reportSnapshot(2n, arrived)
    expect(progressOf(leader, 2n)).toEqual(before)
  }
})

test('[B68] a peer that turns out to reach our log needs the snapshot no more, even short of it', () => {
  const leader = leaderOf({ entries: entriesOf(1, 1, 1, 1, 1), hardState: { term: 1, commit: 4 } })
  leader.compact(3)
  leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 2, index: 4, reject: true, rejectHint: 0 }))
  leader.storage.createSnapshot(4, null, null) // the snapshot is ahead of the log's beginning
  expect(progressOf(leader, 2n)).toMatchObject({ state: 'snapshot', pendingSnapshot: 3 })
  const tooShort = message('MsgAppResp', 2n, { to: 1n, term: 2, index: 2 })
  leader.hear(tooShort)
  expect(progressOf(leader, 2n)).toMatchObject({ state: 'snapshot', match: 2 })
  leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 2, index: 3 }))
  expect(progressOf(leader, 2n)).toMatchObject({
    state: 'replicate',
    match: 3,
    next: 6,
    pendingSnapshot: 0,
  })
})

test('[B68] so it does when the snapshot that is under way is newer than what it has', () => {
  const leader = leaderOf({ entries: entriesOf(1, 1, 1, 1, 1), hardState: { term: 1, commit: 4 } })
  leader.storage.createSnapshot(4, null, null)
  leader.storage.compact(2)
  const sent = leader.hear(
    message('MsgAppResp', 2n, { to: 1n, term: 2, index: 4, reject: true, rejectHint: 0 }),
  )
  expect(sent).toMatchObject([{ type: 'MsgSnap', snapshot: { metadata: { index: 4 } } }])
  const more = leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 2, index: 2 }))
  expect(progressOf(leader, 2n)).toMatchObject({ state: 'replicate', match: 2 })
  expect(more.map(({ type, entries }) => [type, namesOf(entries)])).toEqual([
    ['MsgApp', '1/3 1/4 2/5'],
  ])
})

test('a snapshot of an impossible configuration is refused and changes nothing', () => {
  const member = new Member({ hardState: { term: 3 } })
  const confState = { ...votersAlone(1n), learners: [1n] }
  const stepped = member.step(snapMessage(snapshotOf(4, 7, confState)))
  expect(stepped).toMatchObject({ ok: false, error: { kind: 'malformed' } })
  expect([member.term, member.commit, member.node.hasReady()]).toEqual([3, 0, false])
})
