import { expect, test } from 'vitest'
import type { NodeId } from '../../src-main/raft/entry.ts'
import type { Message } from '../../src-main/raft/message.ts'
import { votersAlone } from '../support/entries.ts'
import { Group } from '../support/group.ts'
import { electionTick } from '../support/member.ts'
import { seededRandom } from '../support/seeded-random.ts'

const five = votersAlone(1n, 2n, 3n, 4n, 5n)
const config = { checkQuorum: true, preVote: true }

function newGroup(seed: number): Group {
  return new Group({ confState: five, config: { ...config, random: seededRandom(seed) } })
}

/** Ticks until somebody leads whom the others follow. */
function leaderAfterAWhile(group: Group): NodeId {
  for (let tick = 0; tick < electionTick * 50; tick++) {
    group.tickAll()
    const [leader, ...more] = group.leaders
    if (leader === undefined || more.length > 0) continue
    if (group.members.filter(({ lead }) => lead === leader).length >= 3) return leader
  }
  throw new Error('nobody came to lead')
}

function proposeAll(group: Group, texts: readonly string[]): void {
  for (const text of texts) group.propose(leaderAfterAWhile(group), text)
}

function textsOf(count: number, of: string): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${of} ${at}`)
}

/** Everybody ends up with one log, and it holds what is expected, in order. */
function expectOneLog(group: Group, texts: readonly string[]): void {
  group.heal()
  leaderAfterAWhile(group)
  group.tickAll(electionTick * 3)
  const [first, ...others] = group.members
  for (const other of others) {
    expect(other.texts).toEqual(first?.texts)
    expect(other.storage.lastIndex()).toBe(first?.storage.lastIndex())
  }
  const kept = (first?.texts ?? []).filter((text) => texts.includes(text))
  expect(kept).toEqual(texts)
}

test('[B91] five members make progress under proposals', () => {
  const group = newGroup(1)
  const texts = textsOf(200, 'entry')
  proposeAll(group, texts)
  expectOneLog(group, texts)
})

test('[B91] a majority is restarted with what it has written, and nothing is lost', () => {
  const group = newGroup(2)
  const before = textsOf(30, 'before')
  proposeAll(group, before)
  for (const id of [1n, 2n, 3n]) group.member(id).restart()
  const after = textsOf(30, 'after')
  proposeAll(group, after)
  expectOneLog(group, [...before, ...after])
})

test('[B91] members that were paused catch up, by the log or by a snapshot', () => {
  const group = newGroup(3)
  const first = textsOf(5, 'first')
  proposeAll(group, first)
  const leader = leaderAfterAWhile(group)
  const [one, other] = group.members.map(({ id }) => id).filter((id) => id !== leader)
  if (one === undefined || other === undefined) throw new Error('two followers')
  group.isolate(one)
  group.isolate(other)
  const second = textsOf(20, 'second')
  proposeAll(group, second)
  const source = group.member(leaderAfterAWhile(group))
  source.compact(source.storage.lastIndex() - 2)
  group.heal()
  leaderAfterAWhile(group)
  group.tickAll(electionTick * 3)
  const ends = group.members.map(({ storage }) => storage.lastIndex())
  expect(new Set(ends).size).toBe(1)
  expect(group.sent.some(({ type }) => type === 'MsgSnap')).toBe(true)
})

test.each([11, 12, 13, 14, 15, 16, 17, 18])(
  '[B91] on a network that loses and delays, members agree in the end (seed %i)',
  (seed) => {
    const random = seededRandom(seed)
    const group = newGroup(seed)
    const delayed: Message[] = []
    const isLost = (message: Message): boolean => {
      const dice = random.below(10)
      if (dice === 1) delayed.push(message)
      return dice < 2
    }
    const leaders = new Map<number, NodeId>()
    const acknowledged: string[] = []
    group.loses = isLost
    for (let round = 0; round < 200; round++) {
      group.send(delayed.splice(0, random.below(5)))
      group.tickAll()
      expectOneLeaderATerm(group, leaders)
      // One that was cut off may still take itself for the leader; it must not acknowledge.
      for (const leader of group.leaders) {
        const text = `round ${round} at ${leader}`
        group.propose(leader, text)
        if (group.member(leader).texts.includes(text)) acknowledged.push(text)
      }
      const [leader] = group.leaders
      if (round % 60 === 15 && leader !== undefined) group.isolate(leader)
      if (round % 60 !== 59) continue
      group.heal()
      group.loses = isLost
    }
    expect(acknowledged.length).toBeGreaterThan(20)
    expectOneLog(group, acknowledged)
  },
)

/** [E1] No term has two leaders, at one time or one after the other (paper §5.2). */
function expectOneLeaderATerm(group: Group, known: Map<number, NodeId>): void {
  for (const id of group.leaders) {
    const { term } = group.member(id)
    expect(known.get(term) ?? id).toBe(id)
    known.set(term, id)
  }
}
