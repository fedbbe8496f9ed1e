import { expect, test } from 'vitest'
import { entriesOf, snapshotOf, votersAlone } from '../support/entries.ts'
import { electionTick, leaderOf, Member, message } from '../support/member.ts'
import { seededRandom } from '../support/seeded-random.ts'

/** How many ticks of silence it takes. */
function ticksToCampaign(member: Member): number {
  const before = member.term
  for (let ticks = 1; ticks <= electionTick * 2; ticks++) {
    member.tick()
    if (member.term > before) return ticks
  }
  return Number.POSITIVE_INFINITY
}

test('[B8] the election timeout is drawn from [E, 2E - 1], each about as often', () => {
  const random = seededRandom(7)
  const counts = new Map<number, number>()
  const rounds = 5_000
  const member = new Member({ config: { random } })
  for (let round = 0; round < rounds; round++) {
    const ticks = ticksToCampaign(member)
    counts.set(ticks, (counts.get(ticks) ?? 0) + 1)
  }
  const drawn = [...counts.keys()].sort((one, other) => one - other)
  expect(drawn).toEqual(Array.from({ length: electionTick }, (_, at) => electionTick + at))
  const expected = rounds / electionTick
  for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(expected / 4)
})

test('[B8] it is drawn anew at every change of role or term', () => {
  const bounds: number[] = []
  const random = { below: (bound: number) => bounds.push(bound) && 0 }
  const member = new Member({ config: { random } })
  const drawn = () => bounds.splice(0).length
  expect(drawn()).toBe(1)
  member.campaign()
  expect(drawn()).toBe(1)
  member.hear(message('MsgVoteResp', 2n, { to: 1n, term: 1 }))
  expect([member.role, drawn()]).toEqual(['leader', 1])
  member.hear(message('MsgHeartbeat', 2n, { to: 1n, term: 2 }))
  expect([member.role, drawn()]).toEqual(['follower', 1])
})

test('[B8] it fires at the timeout and not a tick before', () => {
  const member = new Member()
  member.tick(electionTick - 1)
  expect(member.role).toBe('follower')
  member.tick()
  expect(member.role).toBe('candidate')
})

test('[B8] two members rarely draw the same', () => {
  const random = seededRandom(3)
  const [one, other] = [1n, 2n].map((id) => new Member({ id, config: { random } }))
  if (one === undefined || other === undefined) throw new Error('two members')
  let collisions = 0
  const rounds = 1_000
  for (let round = 0; round < rounds; round++) {
    if (ticksToCampaign(one) === ticksToCampaign(other)) collisions++
  }
  expect(collisions / rounds).toBeLessThan(0.3)
})

test('[B9] it starts as a follower of nobody', () => {
  const member = new Member({ hardState: { term: 4, vote: 1n } })
  expect([member.role, member.lead, member.term]).toEqual(['follower', 0n, 4])
})

test.each([
  ['whom the configuration does not know', { confState: votersAlone(2n, 3n) }, Infinity],
  ['who is a learner', { confState: { ...votersAlone(2n), learners: [1n] } }, Infinity],
  ['who is a voter', {}, electionTick],
  [
    'who votes in the outgoing half only',
    { confState: { ...votersAlone(2n), votersOutgoing: [1n, 2n] } },
    electionTick,
  ],
])('[B9] a member %s', (_, options, ticks) => {
  const member = new Member(options)
  expect(ticksToCampaign(member)).toBe(ticks)
  expect(member.logger.said('unpromotable')).toBe(false) // it does not even think of it
})

test('[B9] a member with a snapshot that is not written yet does not time out', () => {
  const member = new Member()
  member.step(message('MsgSnap', 2n, { to: 1n, term: 1, snapshot: snapshotOf(1, 9) }))
  for (let tick = 0; tick < electionTick * 2; tick++) member.node.tick()
  expect(member.role).toBe('follower')
  member.work()
  member.tick(electionTick)
  expect(member.role).toBe('candidate')
})

test('[B33] a heartbeat goes out every heartbeat tick', () => {
  const leader = leaderOf({ config: { heartbeatTick: 3 } })
  const beats = [1, 2, 3, 4, 5, 6].map(
    () => leader.tick().filter(({ type }) => type === 'MsgHeartbeat').length,
  )
  expect(beats).toEqual([0, 0, 2, 0, 0, 2])
})

test('[B33] a heartbeat carries the commit index as far as the peer is known to have the log', () => {
  const leader = leaderOf({ entries: entriesOf(1, 1, 1, 1), hardState: { term: 1 } })
  leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 2, index: 4 }))
  leader.hear(message('MsgAppResp', 3n, { to: 1n, term: 2, index: 2 }))
  expect(leader.commit).toBe(4)
  const beats = leader.tick().filter(({ type }) => type === 'MsgHeartbeat')
  const shown = beats.map(({ to, commit, index, logTerm, entries }) => [
    to,
    commit,
    index,
    logTerm,
    entries.length,
  ])
  expect(shown).toEqual([
    [2n, 4, 0, 0, 0],
    [3n, 2, 0, 0, 0],
  ])
})
