import { expect, test } from 'vitest'
import { leaderOf, Member, message } from '../support/member.ts'

const size = 100
const payload = new Uint8Array(size)

function leaderWith(maxUncommittedEntriesSize: number): Member {
  return leaderOf({ config: { maxUncommittedEntriesSize } })
}

function isTaken(leader: Member, data = payload): boolean {
  const proposed = leader.node.propose(data)
  if (!proposed.ok) expect(proposed.error).toEqual({ kind: 'proposal-dropped' })
  leader.work()
  return proposed.ok
}

test('[B44] what is not applied yet may reach the limit, and one byte more is refused', () => {
  const leader = leaderWith(3 * size)
  expect([1, 2, 3].map(() => isTaken(leader))).toEqual([true, true, true])
  expect(isTaken(leader, new Uint8Array(1))).toBe(false)
  expect(leader.storage.lastIndex()).toBe(4)
  expect(leader.logger.said('would exceed uncommitted entry size limit; dropping proposal')).toBe(
    true,
  )
})

test('[B44] a single proposal above the limit is taken while nothing else waits', () => {
  const leader = leaderWith(size - 1)
  expect(isTaken(leader)).toBe(true)
  expect(isTaken(leader, new Uint8Array(1))).toBe(false)
})

test('[B44] a proposal without data is never refused and never counts', () => {
  const leader = leaderWith(size - 1) // which one payload on its own already exceeds
  const empty = new Uint8Array()
  expect([empty, empty, payload, empty, empty].map((data) => isTaken(leader, data))).toEqual([
    true,
    true,
    true,
    true,
    true,
  ])
  expect(isTaken(leader)).toBe(false)
})

test('[B45] the room comes back when entries are applied, not when they are committed', () => {
  const leader = leaderWith(2 * size)
  isTaken(leader)
  isTaken(leader)
  leader.step(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 3 }))
  expect(leader.commit).toBe(3)
  expect(leader.node.propose(payload).ok).toBe(false)
  const ready = leader.node.ready()
  leader.perform(ready)
  expect(leader.node.propose(payload).ok).toBe(false) // handed out, and not yet said to be applied
  leader.node.advance()
  expect(leader.node.propose(payload).ok).toBe(true)
})

test('[B45] a leader that was cut off keeps no more than the limit, however much is proposed', () => {
  const leader = leaderWith(16 * size)
  for (let count = 0; count < 1024; count++) isTaken(leader)
  expect(leader.storage.lastIndex()).toBe(1 + 16)
})

test('[B45] applying entries of earlier leaders, which never counted, leaves the count at nothing', () => {
  const leader = leaderWith(2 * size)
  const followed = new Member({ config: { maxUncommittedEntriesSize: 2 * size } })
  const entries = [1, 2, 3, 4, 5].map((index) => {
    return { type: 'EntryNormal' as const, term: 1, index, data: payload }
  })
  followed.hear(message('MsgApp', 2n, { to: 1n, term: 1, entries }))
  followed.campaign()
  followed.hear(message('MsgVoteResp', 2n, { to: 1n, term: 2 }))
  followed.hear(message('MsgAppResp', 2n, { to: 1n, term: 2, index: 6 }))
  expect([followed.role, followed.node.basicStatus().applied]).toEqual(['leader', 6])
  expect([1, 2, 3].map(() => isTaken(followed))).toEqual([true, true, false])
  expect([1, 2, 3].map(() => isTaken(leader))).toEqual([true, true, false])
})

test('[B45] a new leadership starts its count from nothing', () => {
  const leader = leaderWith(2 * size)
  isTaken(leader)
  isTaken(leader)
  leader.hear(message('MsgHeartbeat', 2n, { to: 1n, term: 2 }))
  leader.campaign()
  leader.hear(message('MsgVoteResp', 2n, { to: 1n, term: 3 }))
  expect([leader.role, leader.commit]).toEqual(['leader', 0])
  expect([1, 2, 3].map(() => isTaken(leader))).toEqual([true, true, false])
})
