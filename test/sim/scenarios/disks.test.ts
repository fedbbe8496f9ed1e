import { expect, test } from 'vitest'
import { writeAt } from '../people.ts'
import { memberContext } from '../process.ts'
import { endWell, leaderOf, onSync, openStory, others, writeThrough } from './story.ts'

test('26 (etcd#14370): alone, nothing is acknowledged before the log is on disk', async () => {
  const world = await openStory({ founders: 1 })
  const only = await leaderOf(world)
  await writeThrough(world, only)
  await world.run(1_000)
  const { commit } = only.status()?.hardState ?? { commit: 0 }
  onSync(only, null)
  const word = writeAt(world, only, 3_000)
  expect(only.process?.replica.propose(new Uint8Array([1])).ok).toBe(true)
  await world.run(5_000)
  expect(word?.told).toBe('nothing')
  expect(only.status()?.hardState.commit).toBe(commit)
  world.crash(only, 1)
  await endWell(world)
})

test('27 (etcd#13766): whatever the moment of the crash, data and applied index are of one moment', async () => {
  const world = await openStory({ snapshotEntries: 5, trailingEntries: 2, segmentBytes: 2_048 })
  for (let round = 0; round < 12; round++) {
    for (const member of world.running) writeAt(world, member)
    await world.run(200 + 37 * round)
    for (const member of world.all) world.crash(member, 1 + round)
    await leaderOf(world)
  }
  expect(Math.min(...world.all.map(({ durable }) => durable.snapshot))).toBeGreaterThan(0)
  await endWell(world)
})

test('29 (etcd#5230): torn writes are cut off, and nothing before them', async () => {
  const world = await openStory({ sectorBytes: 64, syncMsMax: 30, verbUsMax: 2_000 }, 3)
  for (let round = 0; round < 25; round++) {
    const member = world.dice.pick(world.all)
    for (let n = 0; n < 4; n++) writeAt(world, world.dice.pick(world.all))
    await world.run(20 + world.dice.below(200))
    world.crash(member, 30)
  }
  await endWell(world)
})

test('33 (canonical/raft#321): a leader whose disk is full hands over, and loses nothing', async () => {
  const world = await openStory()
  const leader = await leaderOf(world)
  await writeThrough(world, leader)
  leader.disk.capacity = 0
  writeAt(world, leader)
  const [other] = others(world, leader)
  if (other === undefined) throw new Error('there are three')
  const next = await world.until(() => {
    if (world.schedule.now % 7 === 0) writeAt(world, other, 0)
    return world.leader()?.id !== leader.id && world.leader() !== undefined
  }, 20_000)
  expect(next).toBe(true)
  await writeThrough(world, other)
  await endWell(world)
})

test('34 (PostgreSQL 2018): after a failed fsync a member promises nothing more, and starts anew from its disk', async () => {
  const world = await openStory({ brokenVerb: 1 })
  const leader = await leaderOf(world)
  await writeThrough(world, leader)
  const { crashes } = world
  onSync(leader, { kind: 'fail', failure: 'broken' })
  writeAt(world, leader)
  leader.process?.replica.propose(new Uint8Array([1]))
  expect(await world.until(() => world.crashes > crashes, 5_000)).toBe(true)
  await leaderOf(world)
  await endWell(world)
})

test('39 (etcd#18055): snapshots one upon another, and a new leader while one is on its way', async () => {
  const world = await openStory({ snapshotEntries: 3, trailingEntries: 0, delayMsMax: 40 })
  const behind = others(world, await leaderOf(world))[0]
  if (behind === undefined) throw new Error('there are three')
  for (let round = 0; round < 5; round++) {
    world.crash(behind, Number.POSITIVE_INFINITY)
    const leader = await leaderOf(world)
    for (let n = 0; n < 6; n++) await writeThrough(world, leader)
    world.start(behind)
    await world.run(20 + 60 * round)
    const next = world.running.find(({ id }) => id !== leader.id && id !== behind.id)
    leader.process?.replica.transferLeadership(BigInt(next?.id ?? 0))
    await world.run(1_500)
  }
  expect(behind.durable.snapshot).toBeGreaterThan(0)
  await endWell(world)
})

test('23 (etcd FAQ): a newcomer comes as a learner, so that a group with one member down still agrees', async () => {
  const world = await openStory({ newcomers: 1 })
  const leader = await leaderOf(world)
  const [down] = others(world, leader)
  if (down === undefined) throw new Error('there are three')
  world.crash(down, Number.POSITIVE_INFINITY)
  const nodeId = 4n
  await leader.process?.replica.proposeConfChange({
    kind: 'v2',
    transition: 'ConfChangeTransitionAuto',
    changes: [{ type: 'ConfChangeAddLearnerNode', nodeId }],
    context: memberContext(4, leader.id),
  })
  const isAdded = () => leader.confState().learners.includes(nodeId)
  expect(await world.until(isAdded, 5_000)).toBe(true)
  await writeThrough(world, leader)
  world.start(world.member(4))
  await endWell(world)
  expect(world.process(4).machine.index).toBeGreaterThan(0)
})

test('41, 42 (etcd#3587, cockroach#10602): what was on its way when the leader died is applied once', async () => {
  const world = await openStory()
  for (let round = 0; round < 6; round++) {
    const leader = await leaderOf(world)
    const [other] = others(world, leader)
    if (other === undefined) throw new Error('there are three')
    // Its leader's answers are lost: it must ask again, of the next leader, for what is committed already.
    world.network.censor = (message) =>
      message.from === BigInt(leader.id) && message.to === BigInt(other.id) ? null : message
    const word = writeAt(world, other, 30_000)
    await world.run(30)
    world.crash(leader, 700)
    world.network.censor = (message) => message
    expect(await world.until(() => word?.told === 'applied', 30_000)).toBe(true)
  }
  await endWell(world)
})

test('seed 3177: a device that is added after the log was cut gets a snapshot that names it', async () => {
  const world = await openStory({ newcomers: 1, snapshotEntries: 10, trailingEntries: 0 })
  const leader = await leaderOf(world)
  const isCut = (): boolean => leader.durable.snapshot > 0
  for (let n = 0; n < 30 && !isCut(); n++) {
    await writeThrough(world, leader)
    await world.run(50)
  }
  expect(isCut()).toBe(true)
  await leader.process?.replica.proposeConfChange({
    kind: 'v2',
    transition: 'ConfChangeTransitionAuto',
    changes: [{ type: 'ConfChangeAddLearnerNode', nodeId: 4n }],
    context: memberContext(4, leader.id),
  })
  world.start(world.member(4))
  const arrived = (): boolean => world.member(4).process?.machine.index === leader.believed.last
  expect(await world.until(arrived, 10_000)).toBe(true)
  await endWell(world)
})
