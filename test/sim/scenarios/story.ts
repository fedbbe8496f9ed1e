import { expect } from 'vitest'
import type { Message } from '../../../src-main/raft/message.ts'
import type { Fault } from '../../support/lying-disk.ts'
import type { Member } from '../member.ts'
import { writeAt } from '../people.ts'
import { type Profile, quietProfile } from '../profile.ts'
import { rest } from '../run.ts'
import { World } from '../world.ts'

/** A group in which nothing goes wrong by itself, with a leader that has committed. */
export async function openStory(over: Partial<Profile> = {}, seed = 1): Promise<World> {
  const world = new World({ seed, profile: { ...quietProfile, ...over } })
  world.isTroubled = false
  for (const member of world.all) if (member.isFounder) world.start(member)
  await leaderOf(world)
  return world
}

/** Waits for somebody who leads and has committed in its term. */
export async function leaderOf(world: World, without: readonly number[] = []): Promise<Member> {
  const leads = (member: Member): boolean => {
    const commit = member.status()?.hardState.commit ?? 0
    const hasCommitted = member.believed.termAt(commit) === member.term
    return member.isLeader && hasCommitted && !without.includes(member.id)
  }
  const found = await world.until(() => world.running.some(leads), 20_000)
  expect(found, `somebody leads; ${world.violations}`).toBe(true)
  const leaders = world.running.filter(leads).sort((a, b) => b.term - a.term)
  return leaders[0] as Member
}

/** Somebody writes, and is told that the group has it. */
export async function writeThrough(world: World, member: Member, ms = 20_000): Promise<void> {
  const word = writeAt(world, member, ms)
  expect(word, `member ${member.id} takes a word`).not.toBe(null)
  const done = await world.until(() => word?.told === 'applied', ms)
  expect(done, `the word of ${member.id} is applied; ${world.violations}`).toBe(true)
}

/** No message to it or from it. */
export function isolate(world: World, member: Member): void {
  for (const { id } of world.all) {
    world.network.cut(member.id, id)
    world.network.cut(id, member.id)
  }
}

export function others(world: World, member: Member): Member[] {
  return world.all.filter(({ id }) => id !== member.id)
}

/** From now on the disk of the member's process does this instead of a sync; null: it never answers. */
export function onSync(member: Member, fault: Fault | null): void {
  const usual = member.disk.fault
  member.disk.fault = (call) => {
    if (call.verb !== 'sync') return usual(call)
    return fault ?? new Promise(() => undefined)
  }
}

/** Only this member may ask for votes; of everything else decides `rule`. */
export function onlyCandidate(
  world: World,
  id: number,
  rule: (message: Message) => Message | null = (message) => message,
): void {
  world.network.censor = (message) => {
    const asks = message.type === 'MsgVote' || message.type === 'MsgPreVote'
    return asks && message.from !== BigInt(id) ? null : rule(message)
  }
}

/** Heals everything, waits for rest, and looks at everything there is to look at. */
export async function endWell(world: World): Promise<void> {
  world.network.censor = (message) => message
  await rest(world)
  expect(world.violations).toEqual([])
}
