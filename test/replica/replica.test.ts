import { expect, test } from 'vitest'
import { commitFlushTicks, fullDiskRetryTicks } from '../../src-main/replica/replica.ts'
import { diskBroken, diskFull, ReplicaWorld } from '../support/replica-world.ts'

test('what is proposed on the leader or a follower is applied on every member in one order', async () => {
  const world = new ReplicaWorld(3)
  const leader = await world.elect(1)
  world.propose(leader, 'a')
  world.propose(world.member(2), 'b')
  await world.settle()
  world.propose(world.member(3), 'c')
  await world.settle()
  await world.run(2)
  const [first, second, third] = [1, 2, 3].map((id) => world.member(id).machine.applied)
  expect(first).toHaveLength(3)
  expect(second).toEqual(first)
  expect(third).toEqual(first)
})

test('a vote does not leave before it is on disk (thesis §3.8; camunda#1068)', async () => {
  const world = new ReplicaWorld(3)
  for (const id of [2, 3]) world.member(id).journal.hold()
  world.member(1).replica.campaign()
  await world.settle()
  expect(world.leader()).toBe(undefined)
  expect(world.member(2).journal.hardState.vote).toBe(0n)
  world.member(2).journal.release()
  await world.settle()
  expect(world.leader()?.id).toBe(1n)
  expect(world.member(2).journal.hardState.vote).toBe(1n)
})

test('the leader sends while its own disk works, and counts itself only when it is done (thesis §10.2.1)', async () => {
  const world = new ReplicaWorld(3)
  const leader = await world.elect(1)
  leader.journal.hold()
  world.propose(leader, 'sent early')
  await world.settle()
  // Both others hold it: that is a majority without the leader's own disk.
  expect(world.member(2).machine.applied).toEqual(['sent early'])
  expect(leader.machine.applied).toEqual([])
  world.isolate(3)
  world.propose(leader, 'needs the leader')
  await world.run(1)
  expect(world.member(2).machine.applied).not.toContain('needs the leader')
  leader.journal.release()
  await world.run(2)
  expect(world.member(2).machine.applied).toContain('needs the leader')
})

test('what arrives while the disk works goes into its next batch', async () => {
  const world = new ReplicaWorld(1)
  const leader = await world.elect(1)
  leader.journal.hold()
  world.propose(leader, 'first')
  await world.settle()
  for (let n = 0; n < 10; n++) world.propose(leader, `later ${n}`)
  await world.settle()
  expect(leader.journal.waiting).toBe(1)
  leader.journal.release()
  await world.settle()
  expect(leader.machine.applied).toHaveLength(11)
})

test('nothing is acknowledged while the disk is full; it goes on by itself when there is space', async () => {
  const world = new ReplicaWorld(1)
  const leader = await world.elect(1)
  leader.journal.failWith = diskFull
  world.propose(leader, 'waits')
  await world.run(1)
  expect(leader.blocked).toBe('full')
  expect(leader.machine.applied).toEqual([])
  leader.journal.failWith = null
  await world.run(fullDiskRetryTicks + 1)
  expect(leader.blocked).toBe(null)
  expect(leader.halted).toBe(null)
  expect(leader.machine.applied).toEqual(['waits'])
})

test('a leader whose disk is full hands over to a member that has space (canonical/raft#321)', async () => {
  const world = new ReplicaWorld(3)
  const leader = await world.elect(1)
  await world.run(2)
  leader.journal.failWith = diskFull
  world.propose(leader, 'where to?')
  await world.run(3)
  const heir = world.leader()
  expect(heir?.id).not.toBe(1n)
  expect(heir?.machine.applied).toContain('where to?')
})

test('a broken disk is final: nothing is tried again, nothing acknowledged (the 2018 fsync lesson)', async () => {
  const world = new ReplicaWorld(1)
  const leader = await world.elect(1)
  leader.journal.failWith = diskBroken
  world.propose(leader, 'lost?')
  await world.run(1)
  expect(leader.halted).toBe(diskBroken)
  leader.journal.failWith = null
  const { saves } = leader.journal
  await world.run(fullDiskRetryTicks * 2)
  expect(leader.journal.saves).toBe(saves)
  expect(leader.machine.applied).toEqual([])
  expect(world.propose(leader, 'more')).toBe(false)
})

test('a machine that cannot apply stops the member', async () => {
  const world = new ReplicaWorld(1)
  const leader = await world.elect(1)
  leader.machine.apply = async () => {
    throw new Error('a newer version is needed')
  }
  world.propose(leader, 'from the future')
  await world.run(1)
  expect(leader.halted?.message).toBe('a newer version is needed')
})

test('the commit index alone costs no write of its own, and is on disk soon after all is quiet', async () => {
  const world = new ReplicaWorld(1)
  const leader = await world.elect(1)
  await world.run(commitFlushTicks + 1)
  const { saves } = leader.journal
  world.propose(leader, 'one write')
  await world.settle()
  expect(leader.machine.applied).toEqual(['one write'])
  expect(leader.journal.saves).toBe(saves + 1)
  await world.run(commitFlushTicks + 1)
  const last = leader.journal.entries.at(-1)?.index
  expect(leader.journal.hardState.commit).toBe(last)
})

test('a clean stop leaves the commit index on disk', async () => {
  const world = new ReplicaWorld(1)
  const leader = await world.elect(1)
  world.propose(leader, 'x')
  await world.settle()
  await leader.replica.stop()
  expect(leader.journal.hardState.commit).toBe(leader.journal.entries.at(-1)?.index)
})

test('a member that restarts has all it acknowledged, and applies each entry once', async () => {
  const world = new ReplicaWorld(3)
  const leader = await world.elect(1)
  for (let n = 0; n < 20; n++) world.propose(leader, `entry ${n}`)
  await world.run(commitFlushTicks + 1)
  const again = await world.restart(2)
  await world.run(3)
  expect(again.machine.applied).toEqual(world.member(1).machine.applied)
  expect(again.machine.applied).toHaveLength(20)
})

test('a member far behind gets a snapshot and then the log, and nothing twice', async () => {
  const world = new ReplicaWorld(3)
  const leader = await world.elect(1)
  world.isolate(3)
  for (let n = 0; n < 6_000; n++) world.propose(leader, `entry ${n}`)
  await world.run(2)
  for (const id of [1, 2]) await world.member(id).replica.snapshot()
  world.propose(leader, 'after')
  world.heal()
  await world.run(15)
  const late = world.member(3)
  expect(late.machine.restores).toBe(1)
  expect(late.machine.applied).toEqual(leader.machine.applied)
  expect(late.journal.snapshot?.metadata.index).toBeGreaterThan(1)
})

test('a linearizable read waits for a majority, and is refused without one', async () => {
  const world = new ReplicaWorld(3)
  const leader = await world.elect(1)
  world.propose(leader, 'x')
  await world.settle()
  const read = leader.replica.read(20)
  await world.run(2)
  expect(await read).toMatchObject({ ok: true })
  const onFollower = world.member(2).replica.read(20)
  await world.run(2)
  expect(await onFollower).toMatchObject({ ok: true })
  world.isolate(1)
  const alone = leader.replica.read(5)
  await world.run(6)
  expect(await alone).toEqual({ ok: false, error: { kind: 'no-majority' } })
})

test('stopping twice is stopping once', async () => {
  const world = new ReplicaWorld(1)
  const { replica } = world.member(1)
  await replica.stop()
  await replica.stop()
  expect(replica.status()).toBe(null)
  expect(await replica.read(5)).toEqual({ ok: false, error: { kind: 'stopped' } })
})

test('a change that waits to be applied does not undo what a snapshot has brought meanwhile', async () => {
  const world = new ReplicaWorld(3)
  const leader = await world.elect(1)
  const late = world.member(3)
  const change = (type: 'ConfChangeAddLearnerNode' | 'ConfChangeRemoveNode') =>
    ({
      kind: 'v2',
      transition: 'ConfChangeTransitionAuto',
      changes: [{ type, nodeId: 4n }],
      context: null,
    }) as const
  late.machine.hold()
  world.propose(leader, 'holds the machine up')
  await world.settle()
  await leader.replica.proposeConfChange(change('ConfChangeAddLearnerNode'))
  await world.run(2)
  world.isolate(3)
  await leader.replica.proposeConfChange(change('ConfChangeRemoveNode'))
  await world.run(2)
  for (let n = 0; n < 6_000; n++) world.propose(leader, `entry ${n}`)
  await world.run(2)
  for (const id of [1, 2]) await world.member(id).replica.snapshot()
  world.heal()
  await world.run(15)
  late.machine.release()
  await world.run(5)
  expect(late.halted).toBe(null)
  expect(late.machine.restores).toBe(1)
  expect([...(late.replica.status()?.configuration.learners ?? [])]).toEqual([])
  expect(late.replica.confState.learners).toEqual([])
})
