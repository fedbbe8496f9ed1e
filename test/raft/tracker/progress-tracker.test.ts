import { expect, test } from 'vitest'
import { restore } from '../../../src-main/raft/confchange/restore.ts'
import type { ConfState, NodeId } from '../../../src-main/raft/entry.ts'
import { ProgressTracker } from '../../../src-main/raft/tracker/progress-tracker.ts'

const limit = { messages: 8, bytes: Number.POSITIVE_INFINITY }
const nobodyElse: ConfState = {
  voters: [],
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
}

function trackerOf(state: Partial<ConfState>): ProgressTracker {
  const restored = restore({ lastIndex: 5, limit }, { ...nobodyElse, ...state })
  if (!restored.ok) throw new Error(restored.error.kind)
  const tracker = new ProgressTracker()
  tracker.switchTo(restored.value)
  return tracker
}

function setMatch(tracker: ProgressTracker, matches: Readonly<Record<string, number>>): void {
  for (const [id, match] of Object.entries(matches)) {
    const progress = tracker.progressOf(BigInt(id))
    if (progress !== undefined) progress.match = match
  }
}

test('members are visited in ascending order of id, however they were listed', () => {
  const tracker = trackerOf({ voters: [10n, 2n ** 60n, 9n], learners: [1n] })
  expect([...tracker.progress.keys()]).toEqual([1n, 9n, 10n, 2n ** 60n])
})

test('[B77] a learner does not count in the commit quorum', () => {
  const tracker = trackerOf({ voters: [1n, 2n, 3n], learners: [4n, 5n] })
  setMatch(tracker, { 1: 9, 4: 9, 5: 9 })
  expect(tracker.committed()).toBe(0)
  setMatch(tracker, { 2: 7 })
  expect(tracker.committed()).toBe(7)
})

test('in a joint configuration both halves must have reached an index', () => {
  const tracker = trackerOf({ voters: [1n, 2n, 3n], votersOutgoing: [3n, 4n, 5n] })
  setMatch(tracker, { 1: 9, 2: 9, 3: 4 })
  expect(tracker.committed()).toBe(0)
  setMatch(tracker, { 4: 6 })
  expect(tracker.committed()).toBe(4)
})

test('[B22] the quorum is active when enough voters were heard, learners aside', () => {
  const tracker = trackerOf({ voters: [1n, 2n, 3n], learners: [4n] })
  const silence = (id: NodeId) =>
    Object.assign(tracker.progressOf(id) ?? {}, { recentActive: false })
  silence(3n)
  expect(tracker.isQuorumActive()).toBe(true)
  silence(2n)
  expect(tracker.isQuorumActive()).toBe(false)
})

test('one voter is alone unless an outgoing half still has a say', () => {
  expect(trackerOf({ voters: [1n] }).isSingleton()).toBe(true)
  expect(trackerOf({ voters: [1n], learners: [2n] }).isSingleton()).toBe(true)
  expect(trackerOf({ voters: [1n], votersOutgoing: [1n] }).isSingleton()).toBe(false)
  expect(trackerOf({ voters: [1n, 2n] }).isSingleton()).toBe(false)
})
