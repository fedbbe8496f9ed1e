import { expect, test } from 'vitest'
import {
  describeConfiguration,
  describeProgress,
  describeProgressMap,
} from '../../../src-main/raft/tracker/describe.ts'
import { newProgress } from '../../../src-main/raft/tracker/progress.ts'

const limit = { messages: 1, bytes: Number.POSITIVE_INFINITY }

test('a progress says only what is out of the ordinary, in a fixed order', () => {
  const peer = newProgress({ next: 2, isLearner: false, limit })
  peer.match = 1
  expect(describeProgress(peer)).toBe('StateProbe match=1 next=2')
  Object.assign(peer, {
    state: 'snapshot',
    pendingSnapshot: 9,
    recentActive: false,
    isLearner: true,
  })
  peer.inflights.add(7, 1)
  expect(describeProgress(peer)).toBe(
    'StateSnapshot match=1 next=2 learner paused pendingSnap=9 inactive inflight=1[full]',
  )
})

test('a window that is full because it lets nothing through is not shown: it has nothing in it', () => {
  const none = { messages: 0, bytes: Number.POSITIVE_INFINITY }
  const peer = newProgress({ next: 1, isLearner: false, limit: none })
  expect(describeProgress(peer)).toBe('StateProbe match=0 next=1')
})

test('ids are hexadecimal in a configuration and decimal in a status', () => {
  const large = 2n ** 64n - 3n
  const configuration = {
    voters: { incoming: [1n, 10n], outgoing: [2n] },
    learners: [16n],
    learnersNext: [large],
    autoLeave: true,
  }
  expect(describeConfiguration(configuration)).toBe(
    'voters=(1 a)&&(2) learners=(10) learners_next=(fffffffffffffffd) autoleave',
  )
  const progress = new Map([[large, newProgress({ next: 1, isLearner: false, limit })]])
  expect(describeProgressMap(progress)).toBe('18446744073709551613: StateProbe match=0 next=1\n')
})

test('a configuration without anybody has empty brackets', () => {
  const nobodyYet = {
    voters: { incoming: [], outgoing: [] },
    learners: [],
    learnersNext: [],
    autoLeave: false,
  }
  expect(describeConfiguration(nobodyYet)).toBe('voters=()')
})
