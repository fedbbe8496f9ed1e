import { expect, test } from 'vitest'
import {
  acknowledged,
  appendSent,
  becomeProbe,
  becomeReplicate,
  becomeSnapshot,
  canRaiseCommit,
  commitSent,
  copyProgress,
  isPaused,
  newProgress,
  type Progress,
  type ProgressState,
  refused,
} from '../../../src-main/raft/tracker/progress.ts'

const limit = { messages: 2, bytes: Number.POSITIVE_INFINITY }

function progress(fields: Partial<Progress> = {}): Progress {
  return Object.assign(newProgress({ next: 1, isLearner: false, limit }), fields)
}

test('[B23] a new peer counts as just heard', () => {
  expect(progress().recentActive).toBe(true)
  expect(() => newProgress({ next: 0, isLearner: false, limit })).toThrow()
})

test.each<[ProgressState, boolean, boolean]>([
  ['probe', false, false],
  ['probe', true, true],
  ['replicate', false, false],
  ['replicate', true, true],
  ['snapshot', false, true],
  ['snapshot', true, true],
])('[B37] in %s with appends paused %s, sending is paused: %s', (state, appendsPaused, paused) => {
  expect(isPaused(progress({ state, appendsPaused }))).toBe(paused)
})

test('[B37] a probing peer gets one append with entries, and empty ones without end', () => {
  const peer = progress({ next: 4, match: 3 })
  appendSent(peer, 0, 0)
  expect(isPaused(peer)).toBe(false)
  appendSent(peer, 2, 20)
  expect(isPaused(peer)).toBe(true)
  expect([peer.next, peer.inflights.count]).toEqual([4, 0])
})

test('[B38] a replicating peer is sent ahead of its answers until the window is full', () => {
  const peer = progress({ match: 3 })
  becomeReplicate(peer)
  appendSent(peer, 2, 20)
  expect([peer.next, peer.inflights.count, isPaused(peer)]).toEqual([6, 1, false])
  appendSent(peer, 1, 10)
  expect([peer.next, peer.inflights.count, isPaused(peer)]).toEqual([7, 2, true])
})

test('[B39] an empty append to a full window leaves it paused and takes no place in it', () => {
  const peer = progress({ match: 3 })
  becomeReplicate(peer)
  appendSent(peer, 1, 10)
  appendSent(peer, 1, 10)
  peer.appendsPaused = false // as a heartbeat's answer does
  appendSent(peer, 0, 0)
  expect([peer.next, peer.inflights.count, isPaused(peer)]).toEqual([6, 2, true])
})

test('[B66] nothing is sent to a peer that waits for a snapshot', () => {
  const peer = progress()
  becomeSnapshot(peer, 10)
  expect(() => appendSent(peer, 1, 1)).toThrow('snapshot')
})

test('[B66] a snapshot sets what is pending, what is next and what was told of the commit', () => {
  const peer = progress({ match: 1, next: 5, state: 'replicate' })
  peer.inflights.add(4, 10)
  becomeSnapshot(peer, 10)
  expect(peer).toMatchObject({ state: 'snapshot', match: 1, next: 11, pendingSnapshot: 10 })
  expect(peer.inflights.count).toBe(0)
  expect(canRaiseCommit(peer, 11)).toBe(false)
})

test.each<[string, Partial<Progress>, number]>([
  ['from replicate, after what is certain', { state: 'replicate', match: 1, next: 5 }, 2],
  [
    'from a snapshot, behind it',
    { state: 'snapshot', match: 1, next: 11, pendingSnapshot: 10 },
    11,
  ],
  ['from a snapshot that came to nothing', { state: 'snapshot', match: 1, next: 11 }, 2],
  [
    'from a snapshot that is already passed',
    { state: 'snapshot', match: 12, pendingSnapshot: 10 },
    13,
  ],
])('[B67] probing begins %s', (_, fields, next) => {
  const peer = progress(fields)
  peer.appendsPaused = true
  becomeProbe(peer)
  expect(peer).toMatchObject({ state: 'probe', next, pendingSnapshot: 0, appendsPaused: false })
})

test('[B43] falling back to a probe gives up what was in flight and what it carried of the commit', () => {
  const peer = progress({ match: 3 })
  becomeReplicate(peer)
  appendSent(peer, 4, 40)
  commitSent(peer, 7)
  becomeProbe(peer)
  expect(peer).toMatchObject({ state: 'probe', match: 3, next: 4 })
  expect(peer.inflights.count).toBe(0)
  expect(canRaiseCommit(peer, 4)).toBe(false) // sentCommit is 3 = next - 1
  commitSent(peer, 2)
  expect(canRaiseCommit(peer, 4)).toBe(true)
})

test.each([
  [2, false, 3, 5],
  [3, false, 3, 5],
  [4, true, 4, 5],
  [5, true, 5, 6],
  [9, true, 9, 10],
])(
  '[B40] an acknowledgement of %i with match 3 and next 5 is news: %s',
  (index, isNews, match, next) => {
    const peer = progress({ match: 3, next: 5, appendsPaused: true })
    expect(acknowledged(peer, index)).toBe(isNews)
    expect(peer).toMatchObject({ match, next, appendsPaused: !isNews })
  },
)

test.each<[ProgressState, number, number, number, number, boolean, number]>([
  // state, match, next, rejected, hint: taken, next
  ['replicate', 5, 10, 5, 5, false, 10],
  ['replicate', 5, 10, 4, 4, false, 10],
  ['replicate', 5, 10, 9, 9, true, 6],
  ['probe', 0, 0, 0, 0, false, 0],
  ['probe', 0, 10, 5, 5, false, 10],
  ['probe', 0, 10, 9, 9, true, 9],
  ['probe', 0, 2, 1, 1, true, 1],
  ['probe', 0, 1, 0, 0, true, 1],
  ['probe', 0, 10, 9, 2, true, 3],
  ['probe', 0, 10, 9, 0, true, 1],
  ['snapshot', 0, 10, 8, 8, false, 10],
])('[B32] in %s with match %i and next %i, a refusal of %i with hint %i counts: %s', (...row) => {
  const [state, match, next, rejected, hint, counts, nextAfter] = row
  const peer = progress({ state, match, next, appendsPaused: true })
  expect(refused(peer, rejected, hint)).toBe(counts)
  expect([peer.match, peer.next]).toEqual([match, nextAfter])
  if (state === 'probe') expect(peer.appendsPaused).toBe(!counts)
})

test('[B32] next never falls to match, however low the hint', () => {
  const peer = progress({ match: 4, next: 10 })
  expect(refused(peer, 9, 1)).toBe(true)
  expect(peer.next).toBe(5)
})

test('[B36] the commit is told again only while it can raise the peer, which holds no more than next - 1', () => {
  const peer = progress({ match: 3, next: 5, state: 'replicate' })
  commitSent(peer, 3)
  expect(canRaiseCommit(peer, 3)).toBe(false)
  expect(canRaiseCommit(peer, 4)).toBe(true)
  commitSent(peer, 4)
  expect(canRaiseCommit(peer, 9)).toBe(false)
  expect(refused(peer, 4, 3)).toBe(true)
  expect(peer.next).toBe(4)
  expect(canRaiseCommit(peer, 9)).toBe(false)
})

test('[B60] a copy has a window of its own', () => {
  const peer = progress({ match: 3 })
  becomeReplicate(peer)
  appendSent(peer, 1, 10)
  const copy = copyProgress(peer)
  acknowledged(peer, 4)
  peer.inflights.freeUpTo(4)
  expect(copy).toMatchObject({ match: 3, next: 5 })
  expect(copy.inflights.count).toBe(1)
})
