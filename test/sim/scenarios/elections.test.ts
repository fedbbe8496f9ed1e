import { expect, test } from 'vitest'
import type { Message } from '../../../src-main/raft/message.ts'
import { readAt } from '../people.ts'
import {
  endWell,
  isolate,
  leaderOf,
  onlyCandidate,
  onSync,
  openStory,
  others,
  writeThrough,
} from './story.ts'

test('1: a vote that was not on disk when the power went was never given', async () => {
  const world = await openStory()
  const leader = await leaderOf(world)
  const [first, second] = others(world, leader)
  if (first === undefined || second === undefined) throw new Error('there are three')
  world.crash(leader, Number.POSITIVE_INFINITY)
  onSync(first, null)
  // Neither can win: the first cannot write what it promises, not even to itself.
  await world.run(6_000)
  expect(world.running.some(({ isLeader }) => isLeader)).toBe(false)
  world.crash(first, 1)
  await leaderOf(world)
  await endWell(world)
})

test('3 (etcd-io/raft#8): votes of an earlier term do not count in a later one', async () => {
  const world = await openStory()
  const old = await leaderOf(world)
  const [candidate, voter] = others(world, old)
  if (candidate === undefined || voter === undefined) throw new Error('there are three')
  const late: Message[] = []
  world.crash(old, Number.POSITIVE_INFINITY)
  onlyCandidate(world, candidate.id, (message) => {
    if (message.type !== 'MsgVoteResp') return message
    late.push(message)
    return null
  })
  for (let round = 0; round < 100 && new Set(late.map(({ term }) => term)).size < 2; round++) {
    candidate.process?.replica.campaign()
    await world.run(100)
  }
  const [first] = late
  if (first === undefined) throw new Error('somebody voted')
  expect({ reject: first.reject, isOld: first.term < candidate.term }).toEqual({
    reject: false,
    isOld: true,
  })
  for (let n = 0; n < 3; n++) candidate.process?.receive(first)
  await world.run(50)
  expect(candidate.isLeader).toBe(false)
  await endWell(world)
})

test('4 (consul#1782): a member that was away for long changes neither leader nor term', async () => {
  const world = await openStory()
  const leader = await leaderOf(world)
  const [away] = others(world, leader)
  if (away === undefined) throw new Error('there are three')
  const { term } = leader
  isolate(world, away)
  await world.run(15_000)
  world.network.healAll()
  await world.run(5_000)
  expect({ term: leader.term, isLeader: leader.isLeader }).toEqual({ term, isLeader: true })
  await endWell(world)
})

test('5 (raft-rs#84): members with unlike terms and logs find a leader again', async () => {
  const world = await openStory({ founders: 5 })
  for (let round = 0; round < 4; round++) {
    const leader = await leaderOf(world)
    isolate(world, leader)
    const next = await leaderOf(world, [leader.id])
    await writeThrough(world, next)
    world.crash(next, 500)
    world.network.healAll()
  }
  await endWell(world)
})

test('6 (etcd 7b8cdf3): a group that has just started elects at once', async () => {
  const world = await openStory()
  expect(world.schedule.now / 1_000_000).toBeLessThan(6)
  await endWell(world)
})

test('7 (etcd#20418): a leader that slept and was replaced answers no read from before', async () => {
  const world = await openStory()
  const sleeper = await leaderOf(world)
  await writeThrough(world, sleeper)
  world.pause(sleeper, 8_000)
  const next = await leaderOf(world, [sleeper.id])
  await writeThrough(world, next)
  await world.until(() => sleeper.life?.pausedUntil === world.schedule.now, 10_000)
  for (let n = 0; n < 20; n++) {
    readAt(world, sleeper)
    await world.run(50)
  }
  expect(world.history.reads).toBeGreaterThan(0)
  await endWell(world)
})

test('9 (etcd#3879): a new leader reads only after it has committed in its own term', async () => {
  const world = await openStory()
  const before = await leaderOf(world)
  await world.run(1_000)
  const { commit } = before.status()?.hardState ?? { commit: 0 }
  // What is committed is acknowledged, and the followers are not told that it is.
  world.network.censor = (message) =>
    ({ ...message, commit: Math.min(message.commit, commit) }) as Message
  await writeThrough(world, before)
  expect(before.status()?.hardState.commit).toBeGreaterThan(commit)
  world.crash(before, Number.POSITIVE_INFINITY)
  world.network.censor = (message) => (message.type === 'MsgApp' ? null : message)
  const elected = (): boolean => world.leader()?.process?.leader === BigInt(world.leader()?.id ?? 0)
  expect(await world.until(elected, 20_000)).toBe(true)
  const after = world.leader()
  if (after === undefined) throw new Error('somebody leads')
  readAt(world, after)
  await world.run(500)
  expect(world.history.reads, 'it knows nothing to read yet').toBe(0)
  world.network.censor = (message) => message
  await world.run(3_000)
  expect(world.history.reads).toBe(1)
  await endWell(world)
})

test('10 (etcd e9e525d): a leader counts itself only when its own disk has the entry', async () => {
  const world = await openStory()
  const leader = await leaderOf(world)
  const [follower] = others(world, leader)
  if (follower === undefined) throw new Error('there are three')
  await world.run(1_000)
  isolate(world, follower)
  onSync(leader, null)
  const { commit } = leader.status()?.hardState ?? { commit: 0 }
  expect(leader.process?.replica.propose(new Uint8Array([1])).ok).toBe(true)
  await world.run(800)
  const [, other] = others(world, leader)
  expect(other?.durable.log.last).toBe(commit + 1)
  expect(leader.status()?.hardState.commit).toBe(commit)
  world.crash(leader, 100)
  await endWell(world)
})
