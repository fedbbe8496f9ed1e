import { expect, test } from 'vitest'
import type { Message } from '../../../src-main/raft/message.ts'
import type { World } from '../world.ts'
import { endWell, onlyCandidate, openStory } from './story.ts'

/** Carries appends between these two ways only, and of an append no more than so many entries. */
function appendsOnly(ways: readonly string[], entriesMax: number) {
  return (message: Message): Message | null => {
    if (message.type !== 'MsgApp' || message.entries.length === 0) return message
    if (!ways.includes(`${message.from}>${message.to}`)) return null
    return { ...message, entries: message.entries.slice(0, entriesMax) } as Message
  }
}

async function leads(world: World, id: number): Promise<void> {
  const member = world.member(id)
  for (let asked = 0; asked < 100 && !member.isLeader; asked++) {
    member.process?.replica.campaign()
    await world.run(100)
  }
  expect(member.isLeader, `${id} leads`).toBe(true)
}

test('11 (figure 8): copies of an older entry on a majority do not make it committed', async () => {
  const world = await openStory({ founders: 5, restartMsMax: 1 })
  const down = Number.POSITIVE_INFINITY
  // (a) S1 leads; its newest entry reaches S2 alone.
  for (const { id } of world.all)
    if (id !== 1) world.member(id).process?.replica.transferLeadership(1n)
  onlyCandidate(world, 1)
  await leads(world, 1)
  await world.run(3_000)
  const base = world.member(1).believed.last
  expect(world.member(5).durable.log.last).toBe(base)
  onlyCandidate(world, 1, appendsOnly(['1>2'], 9))
  expect(world.process(1).replica.propose(new Uint8Array([1])).ok).toBe(true)
  const isOnTwo = (): boolean => [1, 2].every((id) => world.member(id).durable.log.last > base)
  expect(await world.until(isOnTwo, 5_000)).toBe(true)
  world.crash(world.member(1), down)
  // (b) S5 leads with the votes of S3 and S4; its entry stays with it.
  onlyCandidate(world, 5, appendsOnly([], 9))
  await leads(world, 5)
  expect(await world.until(() => world.member(5).durable.log.last > base, 5_000)).toBe(true)
  const rival = world.member(5).durable.log.termAt(base + 1)
  world.crash(world.member(5), down)
  // (c) S1 leads again, with a higher term, and brings its old entry to S3 as well, but nothing of its own term.
  world.start(world.member(1))
  onlyCandidate(world, 1, (message) => {
    const room = Math.max(0, base + 1 - message.index)
    const isKnown = message.type === 'MsgApp' && room === 0
    return isKnown ? { ...message, entries: [] } : appendsOnly(['1>2', '1>3'], room)(message)
  })
  await leads(world, 1)
  const old = world.member(1).believed.termAt(base + 1)
  expect(old).toBeLessThan(world.member(1).term)
  expect(await world.until(() => world.member(3).durable.log.termAt(base + 1) === old, 9_000)).toBe(
    true,
  )
  await world.run(500)
  expect(world.member(1).status()?.hardState.commit, 'three of five have it').toBe(base)
  world.crash(world.member(1), down)
  // (d) S5 may still win, and overwrites it everywhere.
  world.start(world.member(5))
  onlyCandidate(world, 5)
  await leads(world, 5)
  expect(
    await world.until(() => world.member(3).durable.log.termAt(base + 1) === rival, 9_000),
  ).toBe(true)
  await endWell(world)
})
