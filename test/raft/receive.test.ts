import { expect, test } from 'vitest'
import type { Message } from '../../src-main/raft/message.ts'
import { entriesOf, snapshotOf, votersAlone } from '../support/entries.ts'
import { Member, message } from '../support/member.ts'

/** Member 1 follows member 2 in term 5, with a log of these terms. */
function follower(terms: readonly number[], commit = 0): Member {
  return new Member({ entries: entriesOf(1, ...terms), hardState: { term: 5, commit } })
}

function append(fields: Partial<Message>): Message {
  return message('MsgApp', 2n, { to: 1n, term: 5, ...fields } as Partial<Message>)
}

/** The one answer, without what all answers share. */
function answerTo(member: Member, heard: Message): Partial<Message> {
  const [answer, ...more] = member.hear(heard)
  if (answer === undefined || more.length > 0) throw new Error('one answer is expected')
  expect(answer).toMatchObject({ type: 'MsgAppResp', to: 2n, from: 1n, term: 5 })
  const { index, reject, rejectHint, logTerm } = answer
  return reject ? { index, reject, rejectHint, logTerm } : { index, reject }
}

test('[B29] an append from before the commit index is answered with that, and nothing of it is taken', () => {
  const member = follower([1, 2, 3], 2)
  const heard = append({ index: 1, logTerm: 1, entries: entriesOf(2, 4), commit: 3 })
  expect(answerTo(member, heard)).toEqual({ index: 2, reject: false })
  expect([member.log, member.commit]).toEqual(['1/1 2/2 3/3', 2])
})

test.each<[string, number, number]>([
  ['of another term', 3, 2],
  ['that is not there', 5, 5],
])('[B29] an append behind an entry %s is refused', (_, index, logTerm) => {
  const member = follower([1, 2, 3])
  const heard = append({ index, logTerm, entries: entriesOf(index + 1, 5), commit: 9 })
  expect(answerTo(member, heard)).toMatchObject({ index, reject: true })
  expect([member.log, member.commit]).toEqual(['1/1 2/2 3/3', 0])
})

test('[B29] a conflicting suffix gives way to the leader’s, and the answer names the last new entry', () => {
  const member = follower([1, 2, 2, 2])
  const heard = append({ index: 2, logTerm: 2, entries: entriesOf(3, 5), commit: 9 })
  expect(answerTo(member, heard)).toEqual({ index: 3, reject: false })
  expect([member.log, member.commit]).toEqual(['1/1 2/2 5/3', 3])
})

test('[B29] the commit index follows no further than what the append proved to agree', () => {
  const member = follower([1, 2, 2, 2])
  answerTo(member, append({ index: 2, logTerm: 2, commit: 4 }))
  expect(member.commit).toBe(2)
  answerTo(member, append({ index: 4, logTerm: 2, commit: 1 }))
  expect(member.commit).toBe(2) // and never back
})

test('[B30] a short append that comes late cuts nothing off', () => {
  const member = follower([1, 2, 2, 2])
  const heard = append({ index: 1, logTerm: 1, entries: entriesOf(2, 2) })
  expect(answerTo(member, heard)).toEqual({ index: 2, reject: false })
  expect(member.log).toBe('1/1 2/2 2/3 2/4')
})

// What a refusal tells of the follower's log: the last entry that may agree with a leader whose
// entry before the append has this term (paper §5.3, the optimization at its end).
test.each<[readonly number[], number, number, number, number]>([
  // the follower's terms, previous index and term of the append: hint and its term
  [[1, 1, 1, 4, 4], 5, 3, 3, 1],
  [[1, 1, 1, 4, 4], 7, 5, 5, 4],
  [[1, 1, 1, 4, 4], 7, 3, 3, 1],
  [[1, 2, 2, 2, 2, 2], 4, 1, 1, 1],
  [[1, 3, 3, 3], 9, 2, 1, 1],
  [[4, 4], 2, 3, 0, 0],
  [[], 3, 2, 0, 0],
])(
  '[B31] a log of terms %s refuses an append behind %i of term %i with a hint',
  (terms, ...row) => {
    const [index, logTerm, rejectHint, hintTerm] = row
    const answer = answerTo(follower(terms), append({ index, logTerm }))
    expect(answer).toEqual({ index, reject: true, rejectHint, logTerm: hintTerm })
  },
)

test('[B31] where its log is compacted the follower says so with term 0', () => {
  const member = new Member({
    after: { term: 4, index: 5 },
    entries: entriesOf(6, 4),
    hardState: { term: 5, commit: 5 },
  })
  expect(answerTo(member, append({ index: 6, logTerm: 3 }))).toEqual({
    index: 6,
    reject: true,
    rejectHint: 4,
    logTerm: 0,
  })
})

test('[B69] an empty snapshot beside any other message is as good as none', () => {
  const empty = snapshotOf(0, 0, votersAlone())
  const member = follower([1, 2])
  const heard = append({
    index: 2,
    logTerm: 2,
    entries: entriesOf(3, 5),
    commit: 3,
    snapshot: empty,
  })
  expect(answerTo(member, heard)).toEqual({ index: 3, reject: false })
  expect([member.log, member.commit, member.storage.firstIndex()]).toEqual(['1/1 2/2 5/3', 3, 1])
  const beat = message('MsgHeartbeat', 2n, { to: 1n, term: 5, commit: 3, snapshot: empty })
  expect(member.hear(beat)).toMatchObject([{ type: 'MsgHeartbeatResp' }])
  expect(member.confState).toEqual(votersAlone(1n, 2n, 3n))
})

test('[B69] a storage thread that answers with an empty snapshot has stored none', () => {
  const member = new Member({ config: { asyncStorageWrites: true } })
  member.step(message('MsgApp', 2n, { to: 1n, term: 5, entries: entriesOf(1, 5), commit: 0 }))
  const ready = member.node.ready()
  const work = ready.messages.find(({ type }) => type === 'MsgStorageAppend')
  const stored = work?.responses.find(({ type }) => type === 'MsgStorageAppendResp')
  if (stored === undefined) throw new Error('the storage thread is asked to answer')
  member.step({ ...stored, snapshot: snapshotOf(0, 0, votersAlone()) } as Message)
  expect(member.node.basicStatus().applied).toBe(0)
  expect(member.node.hasReady()).toBe(false)
})
