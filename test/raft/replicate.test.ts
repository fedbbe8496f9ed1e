import { expect, test } from 'vitest'
import type { NodeId } from '../../src-main/raft/entry.ts'
import type { Message } from '../../src-main/raft/message.ts'
import type { Progress } from '../../src-main/raft/tracker/progress.ts'
import { encodedEntrySize } from '../../src-main/raft/wire/entry.ts'
import { entriesOf, entryOf, namesOf, votersAlone } from '../support/entries.ts'
import { elect, leaderOf, Member, type MemberOptions, message } from '../support/member.ts'

function progressOf(member: Member, id: NodeId): Progress {
  const progress = member.node.status().progress.get(id)
  if (progress === undefined) throw new Error(`no progress for ${id}`)
  return progress
}

function appendsTo(sent: readonly Message[], to: NodeId): readonly string[] {
  return sent
    .filter((each) => each.type === 'MsgApp' && each.to === to)
    .map((each) => namesOf(each.entries))
}

/** Member 2 acknowledges up to here. */
function acked(index: number, from: NodeId = 2n, term = 1): Message {
  return message('MsgAppResp', from, { to: 1n, term, index })
}

/** A leader of two voters that knows member 2 to have all of its log. */
function replicating(options: MemberOptions = {}): Member {
  const leader = leaderOf({ confState: votersAlone(1n, 2n), ...options })
  leader.hear(acked(leader.storage.lastIndex()))
  expect(progressOf(leader, 2n).state).toBe('replicate')
  return leader
}

/** Member 2 is asked with one append at a time. */
function probing(options: MemberOptions = {}): Member {
  const leader = leaderOf({ confState: votersAlone(1n, 2n), ...options })
  leader.hear(message('MsgHeartbeatResp', 2n, { to: 1n, term: leader.term })) // lets one more go
  return leader
}

test('[B26] a new leader appends an empty entry and tries every peer from just before it', () => {
  const leader = new Member({ entries: entriesOf(1, 1, 1), hardState: { term: 1 } })
  const sent = elect(leader)
  expect(leader.log).toBe('1/1 1/2 2/3')
  const appends = sent.filter(({ type }) => type === 'MsgApp')
  expect(
    appends.map(({ to, index, logTerm, entries }) => [to, index, logTerm, namesOf(entries)]),
  ).toEqual([
    [2n, 2, 1, '2/3'],
    [3n, 2, 1, '2/3'],
  ])
  expect(appends[0]?.entries[0]?.data).toBeNull()
  expect(progressOf(leader, 2n)).toMatchObject({ match: 0, next: 3 })
})

test('[B26] [B28] a leader counts its own copy only once its disk has it', () => {
  const leader = new Member({ confState: votersAlone(1n) })
  leader.node.campaign()
  leader.perform(leader.node.ready())
  leader.node.advance() // its vote is durable: it wins, and appends
  expect([leader.role, leader.commit]).toEqual(['leader', 0])
  const ready = leader.node.ready()
  expect(namesOf(ready.entries)).toBe('1/1')
  expect([leader.commit, ready.committedEntries]).toEqual([0, []])
  leader.perform(ready)
  leader.node.advance()
  expect(leader.commit).toBe(1)
})

test('[B28] other copies make a quorum without the leader’s own', () => {
  const leader = leaderOf()
  leader.node.propose(Uint8Array.of(1))
  leader.node.ready() // not written yet
  leader.step(acked(2, 2n))
  expect(leader.commit).toBe(1) // of the first entry the leader has its own copy
  leader.step(acked(2, 3n))
  expect(leader.commit).toBe(2)
})

test('[B28] what the disk says after leadership was lost counts for nothing', () => {
  const leader = leaderOf({ config: { asyncStorageWrites: false } })
  leader.node.propose(Uint8Array.of(1))
  leader.perform(leader.node.ready())
  leader.step(message('MsgHeartbeat', 3n, { to: 1n, term: 2 }))
  leader.node.advance()
  expect([leader.role, leader.term, leader.commit]).toEqual(['follower', 2, 0])
})

// Figure 8 of the paper: member 1 leads again in term 4 and finds an entry of term 2 on a majority.
test('[B27] (paper §5.4.2, figure 8) counting copies commits no entry of an earlier term', () => {
  const leader = new Member({
    confState: votersAlone(1n, 2n, 3n, 4n, 5n),
    entries: entriesOf(1, 1, 2),
    hardState: { term: 3 },
    config: { maxSizePerMsg: 0 }, // an entry in each append, so that the old one can arrive alone
  })
  elect(leader)
  expect([leader.term, leader.log]).toEqual([4, '1/1 2/2 4/3'])
  for (const peer of [2n, 3n]) leader.hear(acked(2, peer, 4))
  expect(leader.commit).toBe(0) // on three of five, and a rival of term 3 may still overwrite it
  leader.hear(acked(3, 2n, 4))
  expect(leader.commit).toBe(0)
  leader.hear(acked(3, 3n, 4))
  expect(leader.commit).toBe(3) // with an entry of its own, and all before it in its wake
})

test.each<[string, readonly number[], readonly number[], number, number]>([
  // the others' match, the log's terms, the term, the commit index that follows
  ['one of one', [], [1], 1, 1],
  ['one of three', [0, 0], [1], 1, 0],
  ['two of three', [2, 0], [1, 1], 1, 2],
  ['two of three, of an earlier term', [2, 0], [1, 1], 2, 0],
  ['two of three, the last of this term', [2, 0], [1, 2], 2, 2],
  ['three of five, the second best counts', [2, 1, 1, 0], [1, 1], 1, 1],
  ['two of four', [2, 0, 0], [1, 1], 1, 0],
  ['three of four', [2, 1, 0], [1, 1], 1, 1],
])('[B27] with an entry on %s, a leader commits what a quorum has of its own term', (...row) => {
  const [, matches, terms, term, commit] = row
  const ids = [1n, 2n, 3n, 4n, 5n].slice(0, matches.length + 1)
  // It leads since the entries of its term; the empty one that it begins with is the last of those.
  const before = terms.slice(0, -1)
  const last = terms.at(-1) ?? 0
  const isOwn = last === term
  const leader = new Member({
    confState: votersAlone(...ids),
    entries: entriesOf(1, ...(isOwn ? before : terms)),
    hardState: { term: term - 1 },
    config: { maxSizePerMsg: 0 },
  })
  elect(leader)
  matches.forEach((match, place) => {
    if (match > 0) leader.hear(acked(match, BigInt(place + 2), term))
  })
  expect(leader.commit).toBe(commit)
})

test('[B32] a refusal that was overtaken does not send a peer back', () => {
  const leader = replicating()
  for (const text of ['a', 'b', 'c']) leader.propose(text)
  leader.hear(acked(4))
  const before = progressOf(leader, 2n)
  const late = { to: 1n, term: 1, reject: true, rejectHint: 0, logTerm: 0 }
  expect(leader.hear(message('MsgAppResp', 2n, { ...late, index: 1 }))).toEqual([])
  expect(progressOf(leader, 2n)).toMatchObject({ match: before.match, next: before.next })
  expect(progressOf(leader, 2n).state).toBe('replicate')
})

test('[B32] while probing, only the refusal of the last question counts', () => {
  const leader = probing({ entries: entriesOf(1, 1, 1, 1), hardState: { term: 1 } })
  const refusal = { to: 1n, term: 2, reject: true, rejectHint: 1, logTerm: 1 }
  leader.hear(message('MsgAppResp', 2n, { ...refusal, index: 2 }))
  expect(progressOf(leader, 2n).next).toBe(4)
  leader.hear(message('MsgAppResp', 2n, { ...refusal, index: 3 }))
  expect(progressOf(leader, 2n).next).toBe(2)
})

test('[B31] a leader goes back over its own entries of later terms than the hint, not one by one', () => {
  const leader = new Member({
    confState: votersAlone(1n, 2n),
    entries: entriesOf(1, 1, 3, 3, 3, 5, 5, 5),
    hardState: { term: 7 },
  })
  elect(leader)
  const hint = { index: 7, reject: true, rejectHint: 6, logTerm: 2 }
  const sent = leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 8, ...hint }))
  expect(
    sent.filter(({ type }) => type === 'MsgApp').map(({ index, logTerm }) => [index, logTerm]),
  ).toEqual([[1, 1]])
})

test('[B37] a probed peer is sent one append with entries, however much is proposed', () => {
  const leader = leaderOf({ confState: votersAlone(1n, 2n) })
  const sent = ['a', 'b', 'c'].flatMap((text) => leader.propose(text))
  expect(appendsTo(sent, 2n)).toEqual([]) // the empty entry of its leadership was the one
  expect(progressOf(leader, 2n)).toMatchObject({ state: 'probe', next: 1, appendsPaused: true })
})

test('[B37] a heartbeat that was sent lets nothing go, its answer lets exactly one append go', () => {
  const leader = leaderOf({ confState: votersAlone(1n, 2n) })
  const beats = leader.tick(3)
  expect(beats.map(({ type }) => type)).toEqual(['MsgHeartbeat', 'MsgHeartbeat', 'MsgHeartbeat'])
  expect(appendsTo(leader.propose('a'), 2n)).toEqual([])
  const answer = message('MsgHeartbeatResp', 2n, { to: 1n, term: 1 })
  expect(appendsTo(leader.hear(answer), 2n)).toEqual(['1/1 1/2'])
  expect(appendsTo(leader.propose('b'), 2n)).toEqual([])
})

test('[B37] a probed peer that acknowledges is sent the rest and replicates', () => {
  const leader = leaderOf({ confState: votersAlone(1n, 2n) })
  leader.propose('a')
  expect(appendsTo(leader.hear(acked(1)), 2n)).toEqual(['1/2'])
  expect(progressOf(leader, 2n)).toMatchObject({ state: 'replicate', match: 1, next: 3 })
})

test('[B38] a replicating peer is sent ahead of its answers, up to the number of appends in flight', () => {
  const leader = replicating({ config: { maxInflightMsgs: 3 } })
  const sent = ['a', 'b', 'c', 'd', 'e'].flatMap((text) => leader.propose(text))
  expect(appendsTo(sent, 2n)).toEqual(['1/2', '1/3', '1/4'])
  expect(progressOf(leader, 2n)).toMatchObject({ match: 1, next: 5, appendsPaused: true })
  expect(progressOf(leader, 2n).inflights.count).toBe(3)
})

/**
 * Entries with 1000 bytes of data each, proposed while member 2 is probed; then its acks, and what
 * each lets go.
 */
function shapes(config: MemberOptions['config'], acks: readonly number[]): readonly string[] {
  const leader = leaderOf({ confState: votersAlone(1n, 2n), config: config ?? {} })
  const data = new Uint8Array(1000)
  for (let count = 0; count < 10; count++) {
    leader.node.propose(data)
    leader.work()
  }
  return acks.map((index) => {
    const appends = appendsTo(leader.hear(acked(index)), 2n).filter((names) => names !== '')
    return appends.map((names) => names.split(' ').length).join(',')
  })
}

test.each<[string, MemberOptions['config'], readonly string[]]>([
  [
    'three messages of two entries',
    { maxSizePerMsg: 2048, maxInflightMsgs: 3 },
    ['2,2,2', '2', '2'],
  ],
  [
    'bytes for one message and a half',
    { maxSizePerMsg: 2048, maxInflightMsgs: 3, maxInflightBytes: 3000 },
    ['2,2', '2', '2'],
  ],
  [
    'single entries, three at a time',
    { maxSizePerMsg: 0, maxInflightMsgs: 3, maxInflightBytes: 100_000 },
    ['1,1,1', '1,1', '1,1'],
  ],
  [
    'bytes for two single entries',
    { maxSizePerMsg: 0, maxInflightMsgs: 100, maxInflightBytes: 2000 },
    ['1,1', '1,1', '1,1'],
  ],
])(
  '[B38] [B40] the window lets %s go, and as many as fit after each acknowledgement',
  (_, config, expected) => {
    expect(shapes(config, [1, 3, 5])).toEqual(expected)
  },
)

test('[B39] with the window full, each heartbeat’s answer lets one empty append go and nothing else', () => {
  const leader = replicating({ config: { maxInflightMsgs: 2 } })
  for (const text of ['a', 'b', 'c']) leader.propose(text)
  const answer = message('MsgHeartbeatResp', 2n, { to: 1n, term: 1 })
  for (let round = 0; round < 3; round++) {
    const sent = leader.hear(answer)
    expect(appendsTo(sent, 2n)).toEqual([''])
    expect(sent[0]).toMatchObject({ type: 'MsgApp', index: 3, logTerm: 1 })
    expect(appendsTo(leader.propose('more'), 2n)).toEqual([])
  }
  expect(progressOf(leader, 2n).inflights.count).toBe(2)
})

test('[B40] an acknowledgement frees all appends up to it, and an old one none', () => {
  const leader = replicating({ config: { maxInflightMsgs: 3 } })
  for (const text of ['a', 'b', 'c']) leader.propose(text)
  leader.hear(acked(3))
  expect(progressOf(leader, 2n).inflights.count).toBe(1)
  leader.hear(acked(2))
  expect(progressOf(leader, 2n)).toMatchObject({ match: 3 })
  expect(progressOf(leader, 2n).inflights.count).toBe(1)
})

test('[B40] what an acknowledgement lets go is sent at once, in full messages and without an empty one', () => {
  const leader = replicating({ config: { maxInflightMsgs: 2, maxSizePerMsg: 0 } })
  for (const text of ['a', 'b', 'c', 'd']) leader.propose(text)
  // the first tells its commit index too, so nothing else needs to
  expect(appendsTo(leader.hear(acked(3)), 2n)).toEqual(['1/4', '1/5'])
})

test('[B42] a message holds entries up to its size on the wire, and always one', () => {
  const entries = [1, 2, 3, 4].map((index) => entryOf(1, index, 'x'.repeat(50)))
  const size = encodedEntrySize(entries[0] ?? entryOf(1, 1))
  const first = (maxSizePerMsg: number) => {
    const leader = leaderOf({
      confState: votersAlone(1n, 2n),
      entries,
      hardState: { term: 1 },
      config: { maxSizePerMsg },
    })
    const refusal = { to: 1n, term: 2, index: 4, reject: true, rejectHint: 0 }
    return appendsTo(leader.hear(message('MsgAppResp', 2n, refusal)), 2n)[0]
  }
  expect(first(0)).toBe('1/1')
  expect(first(2 * size - 1)).toBe('1/1')
  expect(first(2 * size)).toBe('1/1 1/2')
  expect(first(Number.POSITIVE_INFINITY)).toBe('1/1 1/2 1/3 1/4 2/5')
})

test('[B42] what is in flight counts data alone: entries without any never fill the bytes', () => {
  const config = { maxSizePerMsg: 0, maxInflightBytes: 10, maxInflightMsgs: 100 }
  const leader = replicating({ config })
  const sent = ['', '', '', '12345', '12345', '1'].flatMap((text) => leader.propose(text))
  expect(appendsTo(sent, 2n)).toEqual(['1/2', '1/3', '1/4', '1/5', '1/6'])
  expect(progressOf(leader, 2n).inflights.bytes).toBe(10)
})

test('[B43] a peer that could not be reached is probed again from what it is known to have', () => {
  const leader = replicating()
  for (const text of ['a', 'b']) leader.propose(text)
  leader.node.reportUnreachable(2n)
  expect(progressOf(leader, 2n)).toMatchObject({ state: 'probe', match: 1, next: 2 })
  expect(appendsTo(leader.propose('c'), 2n)).toEqual(['1/2 1/3 1/4'])
})

test('[B43] one that is probed already stays as it is', () => {
  const leader = leaderOf({ confState: votersAlone(1n, 2n) })
  leader.node.reportUnreachable(2n)
  expect(progressOf(leader, 2n)).toMatchObject({ state: 'probe', next: 1, appendsPaused: true })
})
