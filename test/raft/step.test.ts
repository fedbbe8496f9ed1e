import { describe, expect, test } from 'vitest'
import type { NodeId } from '../../src-main/raft/entry.ts'
import { type Message, type MessageType, newMessage } from '../../src-main/raft/message.ts'
import { entriesOf, snapshotOf } from '../support/entries.ts'
import { Member, type MemberOptions, message } from '../support/member.ts'

/** Member 1 in a role, in term 2, with one entry of term 1 before whatever its role adds. */
function memberAs(role: string, options: MemberOptions = {}): Member {
  const isPre = role === 'pre-candidate'
  const term = role === 'follower' || isPre ? 2 : 1
  const member = new Member({
    entries: entriesOf(1, 1),
    hardState: { term },
    ...options,
    config: { preVote: isPre, ...options.config },
  })
  if (role === 'follower') return member
  member.campaign()
  if (role === 'leader') member.hear(message('MsgVoteResp', 2n, { to: 1n, term: 2 }))
  expect([member.role, member.term]).toEqual([role, 2])
  return member
}

const roles = ['follower', 'pre-candidate', 'candidate', 'leader'] as const

function heard(type: MessageType, term: number, fields: Partial<Message> = {}): Message {
  return message(type, 2n, { to: 1n, term, ...fields } as Partial<Message>)
}

test('[B1] a message of term 0 is local: it is processed whatever our term', () => {
  const member = memberAs('follower')
  member.node.step(newMessage('MsgTimeoutNow', { from: 2n }))
  expect([member.role, member.term]).toEqual(['candidate', 3])
})

describe.each(roles)('%s', (role) => {
  test.each([
    'MsgApp',
    'MsgHeartbeat',
    'MsgSnap',
    'MsgVote',
    'MsgAppResp',
    'MsgTimeoutNow',
  ] as const)('[B1] a %s of an earlier term never reaches the role', (type) => {
    const member = memberAs(role)
    const before = [member.role, member.term, member.vote, member.log, member.commit]
    const snapshot = type === 'MsgSnap' ? snapshotOf(1, 9) : null
    const entries = type === 'MsgApp' ? entriesOf(2, 1) : []
    const old = heard(type, 1, { index: 1, logTerm: 1, commit: 1, entries, snapshot })
    member.hear(old)
    expect([member.role, member.term, member.vote, member.log, member.commit]).toEqual(before)
  })

  test.each<[MessageType, NodeId]>([
    ['MsgApp', 2n],
    ['MsgHeartbeat', 2n],
    ['MsgSnap', 2n],
    ['MsgVote', 0n],
    ['MsgAppResp', 0n],
    ['MsgVoteResp', 0n],
    ['MsgTransferLeader', 0n],
  ])('[B2] a %s of a later term makes it a follower in it, of %i', (type, leader) => {
    const member = memberAs(role)
    member.hear(heard(type, 3, { snapshot: type === 'MsgSnap' ? snapshotOf(0, 0) : null }))
    expect([member.role, member.term, member.lead]).toEqual(['follower', 3, leader])
  })

  test('[B3] a pre-vote of a later term changes neither term nor role nor vote', () => {
    const member = memberAs(role)
    const before = [member.role, member.term, member.vote, member.lead]
    member.hear(heard('MsgPreVote', 9, { index: 9, logTerm: 9 }))
    expect([member.role, member.term, member.vote, member.lead]).toEqual(before)
  })

  test('[B3] nor does the consent to a pre-vote, of a later term by its nature', () => {
    const member = memberAs(role)
    const before = member.term
    member.hear(heard('MsgPreVoteResp', 9))
    expect(member.term).toBe(role === 'pre-candidate' ? before + 1 : before)
  })

  test('[B3] the refusal of a pre-vote carries the term that we lag behind', () => {
    const member = memberAs(role)
    member.hear(heard('MsgPreVoteResp', 9, { reject: true }))
    expect([member.role, member.term]).toEqual(['follower', 9])
  })
})

describe.each([{ checkQuorum: true }, { preVote: true }])('with %o', (config) => {
  test.each(['MsgApp', 'MsgHeartbeat'] as const)(
    '[B4] a %s of an earlier term is answered with our own: the old leader must learn of it',
    (type) => {
      const member = new Member({ hardState: { term: 2 }, config })
      const answer = member.hear(heard(type, 1))
      expect(answer).toEqual([newMessage('MsgAppResp', { to: 2n, from: 1n, term: 2 })])
    },
  )
})

test.each(['MsgApp', 'MsgHeartbeat'] as const)(
  '[B4] without those options a %s of an earlier term is passed over in silence',
  (type) => {
    expect(new Member({ hardState: { term: 2 } }).hear(heard(type, 1))).toEqual([])
  },
)

test('[B4] a leader that others can no longer hear is deposed by the member it lost', () => {
  const config = { checkQuorum: true }
  const stuck = new Member({ id: 3n, hardState: { term: 5 }, config })
  const leader = memberAs('leader', { config })
  leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 2, index: 2 }))
  const beats = leader.tick().filter(({ to }) => to === 3n)
  for (const beat of beats) for (const answer of stuck.hear(beat)) leader.hear(answer)
  expect([leader.role, leader.term]).toEqual(['follower', 5])
})

test('[B5] a pre-vote of an earlier term is refused, and told our term', () => {
  const answer = memberAs('follower').hear(heard('MsgPreVote', 1, { index: 9, logTerm: 9 }))
  expect(answer).toEqual([
    newMessage('MsgPreVoteResp', { to: 2n, from: 1n, term: 2, reject: true }),
  ])
})

describe('an append that was acknowledged in an earlier term', () => {
  const config = { asyncStorageWrites: true }

  test('[B5] does not make entries stable: others may be in their place', () => {
    const member = new Member({ config })
    member.step(heard('MsgApp', 1, { entries: entriesOf(1, 1) }))
    const responses = member.node.ready().messages.flatMap((each) => each.responses)
    member.step(heard('MsgHeartbeat', 2))
    for (const response of responses) if (response.to === 1n) member.step(response)
    expect(member.logger.said('ignored entry appends from a MsgStorageAppendResp')).toBe(true)
    // Still to be acknowledged: the next write asks for it again.
    const again = member.node.ready().messages.flatMap((each) => each.responses)
    expect(again.find(({ type }) => type === 'MsgStorageAppendResp')).toMatchObject({ index: 1 })
  })

  test('[B5] applies a snapshot all the same: what it holds is committed in any term', () => {
    const member = new Member({ config })
    member.step(heard('MsgSnap', 1, { snapshot: snapshotOf(1, 7) }))
    const responses = member.node.ready().messages.flatMap((each) => each.responses)
    member.step(heard('MsgHeartbeat', 2))
    for (const response of responses) if (response.to === 1n) member.step(response)
    expect(member.node.basicStatus().applied).toBe(7)
  })
})
