import { expect, test } from 'vitest'
import type { Message } from '../../../src-main/raft/message.ts'
import { votersAlone } from '../../support/entries.ts'
import { Group } from '../../support/group.ts'
import { electionTick, leaderOf, type Member, message } from '../../support/member.ts'

/** A leader of five that has committed its first entry. */
function leader(): Member {
  const made = leaderOf({ confState: votersAlone(1n, 2n, 3n, 4n, 5n) })
  for (const peer of [2n, 3n]) made.hear(message('MsgAppResp', peer, { to: 1n, term: 1, index: 1 }))
  expect(made.commit).toBe(1)
  return made
}

function ask(member: Member, byte: number): readonly Message[] {
  member.node.readIndex(Uint8Array.of(byte))
  return member.work().filter(({ type }) => type === 'MsgHeartbeat')
}

function confirm(member: Member, from: bigint, beat: Message | undefined): void {
  const context = beat?.context ?? null
  member.hear(message('MsgHeartbeatResp', from, { to: 1n, term: member.term, context }))
}

function answered(member: Member): readonly (readonly [number | undefined, number])[] {
  return member.reads.map(({ index, requestContext }) => [requestContext[0], index] as const)
}

test('(thesis §6.4, step 1) before its first commit a leader does not know what is committed: reads wait', () => {
  const fresh = leaderOf()
  expect(ask(fresh, 1)).toEqual([])
  expect(fresh.reads).toEqual([])
  const sent = fresh.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 1 }))
  confirm(
    fresh,
    2n,
    sent.find(({ type }) => type === 'MsgHeartbeat'),
  )
  expect(answered(fresh)).toEqual([[1, 1]])
})

test('(thesis §6.4, step 2) a read is served from the commit index of when it was asked, or later', () => {
  const made = leader()
  const [beat] = ask(made, 1)
  made.propose('a')
  for (const peer of [2n, 3n]) made.hear(message('MsgAppResp', peer, { to: 1n, term: 1, index: 2 }))
  expect(made.commit).toBe(2)
  for (const peer of [2n, 3n]) confirm(made, peer, beat)
  expect(answered(made)).toEqual([[1, 1]])
})

test('(thesis §6.4, step 3) a majority has to answer a heartbeat that was sent after the read was asked', () => {
  const made = leader()
  const before = made.tick().find(({ type }) => type === 'MsgHeartbeat')
  const [beat] = ask(made, 1)
  for (const peer of [2n, 3n, 4n]) confirm(made, peer, before)
  expect(answered(made)).toEqual([])
  confirm(made, 2n, beat)
  confirm(made, 2n, beat)
  expect(answered(made)).toEqual([])
  confirm(made, 3n, beat)
  expect(answered(made)).toEqual([[1, 1]])
})

test('(thesis §6.4) one round of heartbeats confirms every read that was asked before it', () => {
  const made = leader()
  for (const byte of [1, 2, 3]) ask(made, byte)
  const [beat] = made.tick()
  for (const peer of [4n, 5n]) confirm(made, peer, beat)
  expect(answered(made)).toEqual([
    [1, 1],
    [2, 1],
    [3, 1],
  ])
})

test('(thesis §6.4) a leader that was deposed without knowing answers no read', () => {
  const group = new Group()
  group.elect(1n)
  group.isolate(1n)
  group.elect(2n)
  group.propose(2n, 'news')
  group.member(1n).node.readIndex(Uint8Array.of(1))
  group.tick(1n, 5)
  expect(group.member(1n).role).toBe('leader')
  expect(group.member(1n).reads).toEqual([])
})

test('(thesis §6.4) a follower serves a read with the index that it asks its leader for', () => {
  const group = new Group()
  group.elect(1n)
  group.propose(1n, 'a')
  group.member(3n).node.readIndex(Uint8Array.of(9))
  group.settle()
  expect(answered(group.member(3n))).toEqual([[9, 2]])
  expect(answered(group.member(1n))).toEqual([])
})

test('(thesis §6.4) a joint configuration confirms a read by both its majorities', () => {
  const joint = { ...votersAlone(1n, 2n, 3n), votersOutgoing: [1n, 4n, 5n] }
  const made = leaderOf({ confState: joint })
  for (const peer of [2n, 4n]) made.hear(message('MsgAppResp', peer, { to: 1n, term: 1, index: 1 }))
  const [beat] = ask(made, 1)
  confirm(made, 2n, beat)
  confirm(made, 3n, beat)
  expect(answered(made)).toEqual([])
  confirm(made, 5n, beat)
  expect(answered(made)).toEqual([[1, 1]])
})

test('(thesis §6.4.1) with a lease a read needs no round: nobody else can lead before it runs out', () => {
  const config = { checkQuorum: true, readOnlyOption: 'lease-based' } as const
  const group = new Group({ config })
  group.elect(1n)
  const sent = group.sent.length
  group.member(1n).node.readIndex(Uint8Array.of(1))
  group.settle()
  expect([answered(group.member(1n)), group.sent.length]).toEqual([[[1, 1]], sent])
  group.isolate(1n)
  for (const id of [2n, 3n]) group.member(id).node.tick()
  group.elect(2n)
  expect(group.member(2n).role).toBe('candidate')
})

test('(thesis §6.4.1) a leader that no quorum answers gives up its lease', () => {
  const config = { checkQuorum: true, readOnlyOption: 'lease-based' } as const
  const group = new Group({ config })
  group.elect(1n)
  group.isolate(1n)
  group.tick(1n, 2 * electionTick)
  expect(group.member(1n).role).toBe('follower')
  group.member(1n).node.readIndex(Uint8Array.of(1))
  group.settle()
  expect(group.member(1n).reads).toEqual([])
})
