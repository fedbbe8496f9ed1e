import { expect, test } from 'vitest'
import type { ChannelProof } from '../../src-main/net/channel.ts'
import { judgeHello, judgeMessage, type Life } from '../../src-main/net/judge.ts'
import { logIndexMax } from '../../src-main/net/limits.ts'
import type { Entry, Snapshot } from '../../src-main/raft/entry.ts'
import { messageTypes, newMessage } from '../../src-main/raft/message.ts'
import { clusterA, clusterB, credentialFor, heartbeat, hello, member } from './examples.ts'

const self = { clusterId: clusterA, nodeId: '1', boot: 4, session: '1'.padStart(32, '0') }
const proven: ChannelProof = key(credentialFor('2').pin)

function key(pin: string): ChannelProof {
  return { pin, exported: (_label, length) => new Uint8Array(length) }
}
const pinned = 'f'.repeat(64)

function judge(
  said: Parameters<typeof judgeHello>[0],
  more: {
    proof?: ChannelProof
    lives?: Map<string, Life>
    members?: ReturnType<typeof member>[]
  } = {},
) {
  const members = more.members ?? [member('1'), member('2')]
  const verdict = judgeHello(said, more.proof ?? proven, {
    self,
    members,
    lives: more.lives ?? new Map(),
  })
  return verdict.kind === 'welcome' ? 'welcome' : verdict.bye
}

test('a member of our cluster is welcome', () => {
  expect(judge(hello('2'))).toBe('welcome')
})

test('[24] another cluster is refused, and is not told who we are', () => {
  expect(judge(hello('2', { cluster: clusterB }))).toMatchObject({
    reason: 'foreign-cluster',
    from: null,
  })
})

test('a device that no entry of the log names is refused, and is not told who we are', () => {
  expect(judge(hello('3'))).toMatchObject({ reason: 'unknown-member', from: null })
})

test('a removed device is told so: by whom, and since which entry', () => {
  const members = [member('1'), member('2', { removedAt: 77, removedBy: '3' })]
  expect(judge(hello('2'), { members })).toEqual({
    reason: 'removed',
    from: '1',
    index: 77,
    by: '3',
  })
})

test('the right id with a wrong key, or any key where none was pinned, is refused', () => {
  const members = [member('1'), member('2', { pin: pinned }), member('3', { pin: null })]
  expect(judge(hello('2'), { members, proof: key(pinned) })).toBe('welcome')
  expect(judge(hello('2'), { members, proof: key('e'.repeat(64)) })).toMatchObject({
    reason: 'wrong-key',
    from: null,
  })
  expect(judge(hello('3'), { members, proof: key(pinned) })).toMatchObject({ reason: 'wrong-key' })
})

test('a removed device with a wrong key learns nothing, not even that it was removed', () => {
  const members = [member('1'), member('2', { pin: pinned, removedAt: 7 })]
  expect(judge(hello('2'), { members })).toMatchObject({ reason: 'wrong-key', from: null })
})

test('the same run of a member may connect twice, a later run replaces it', () => {
  const lives = new Map([['2', { boot: 5, session: 'a'.repeat(32) }]])
  expect(judge(hello('2', { boot: 5, session: 'a'.repeat(32) }), { lives })).toBe('welcome')
  expect(judge(hello('2', { boot: 6, session: 'b'.repeat(32) }), { lives })).toBe('welcome')
})

test('[N5] a clone, with an equal or lower boot counter, is refused', () => {
  const lives = new Map([['2', { boot: 5, session: 'a'.repeat(32) }]])
  for (const boot of [5, 4, 0]) {
    expect(judge(hello('2', { boot, session: 'b'.repeat(32) }), { lives })).toMatchObject({
      reason: 'clone',
    })
  }
  expect(judge(hello('2', { boot: 4, session: 'a'.repeat(32) }), { lives })).toMatchObject({
    reason: 'clone',
  })
})

test('our own address leads to ourselves; our own id from another process is a clone', () => {
  expect(judge(hello('1', { session: self.session }))).toMatchObject({ reason: 'self' })
  expect(judge(hello('1', { session: 'e'.repeat(32) }))).toMatchObject({ reason: 'clone' })
})

const peer = 2n
const snapshotAt = (index: number, term = 1): Snapshot => ({
  data: null,
  metadata: {
    index,
    term,
    confState: {
      voters: [1n],
      learners: [],
      votersOutgoing: [],
      learnersNext: [],
      autoLeave: false,
    },
  },
})
const judgeFrom2 = (message: Parameters<typeof judgeMessage>[0]) => judgeMessage(message, 1n, peer)

test('[24] a message passes only from the member that sent it, to us', () => {
  expect(judgeFrom2(heartbeat('2', '1'))).toBe(null)
  expect(judgeFrom2(heartbeat('3', '1'))).not.toBe(null)
  expect(judgeFrom2(heartbeat('2', '3'))).not.toBe(null)
  expect(judgeFrom2(heartbeat('1', '1'))).not.toBe(null)
  expect(judgeFrom2(newMessage('MsgApp', { to: 1n }))).not.toBe(null)
})

test('[N2] what a member says only to itself never comes from outside', () => {
  const outside = messageTypes.filter(
    (type) =>
      judgeFrom2(newMessage(type, { from: peer, to: 1n, snapshot: snapshotAt(9) })) === null,
  )
  expect(outside).toEqual([
    'MsgProp',
    'MsgApp',
    'MsgAppResp',
    'MsgVote',
    'MsgVoteResp',
    'MsgSnap',
    'MsgHeartbeat',
    'MsgHeartbeatResp',
    'MsgTransferLeader',
    'MsgTimeoutNow',
    'MsgReadIndex',
    'MsgReadIndexResp',
    'MsgPreVote',
    'MsgPreVoteResp',
    'MsgForgetLeader',
  ])
})

test('nobody speaks in the name of our storage threads', () => {
  for (const from of [2n ** 64n - 1n, 2n ** 64n - 2n]) {
    expect(judgeFrom2(newMessage('MsgTransferLeader', { from, to: 1n }))).not.toBe(null)
  }
  const inner = newMessage('MsgAppResp', { from: 1n, to: 1n, index: 9 })
  expect(judgeFrom2(newMessage('MsgApp', { from: peer, to: 1n, responses: [inner] }))).not.toBe(
    null,
  )
})

test('a wish to hand over leadership may name the successor', () => {
  expect(judgeFrom2(newMessage('MsgTransferLeader', { from: 3n, to: 1n }))).toBe(null)
})

test('numbers that no honest log reaches are refused', () => {
  for (const field of ['term', 'logTerm', 'index', 'commit', 'rejectHint'] as const) {
    const at = (value: number) =>
      judgeFrom2(newMessage('MsgAppResp', { from: peer, to: 1n, [field]: value }))
    expect(at(logIndexMax), field).toBe(null)
    expect(at(logIndexMax + 1), field).not.toBe(null)
  }
})

test('entries must stand right behind the index, without gaps, in terms that never fall', () => {
  const entry = (index: number, term: number): Entry => ({
    type: 'EntryNormal',
    index,
    term,
    data: null,
  })
  const append = (entries: readonly Entry[]) =>
    judgeFrom2(newMessage('MsgApp', { from: peer, to: 1n, term: 9, index: 4, entries }))
  expect(append([])).toBe(null)
  expect(append([entry(5, 1), entry(6, 1), entry(7, 3)])).toBe(null)
  expect(append([entry(6, 1)])).not.toBe(null)
  expect(append([entry(5, 1), entry(7, 1)])).not.toBe(null)
  expect(append([entry(5, 1), entry(5, 1)])).not.toBe(null)
  expect(append([entry(5, 2), entry(6, 1)])).not.toBe(null)
})

test('a snapshot says where it stands, at an index that a log can have', () => {
  const offer = (snapshot: Snapshot | null) =>
    judgeFrom2(newMessage('MsgSnap', { from: peer, to: 1n, term: 2, snapshot }))
  expect(offer(snapshotAt(1))).toBe(null)
  expect(offer(snapshotAt(logIndexMax))).toBe(null)
  expect(offer(null)).not.toBe(null)
  expect(offer(snapshotAt(0))).not.toBe(null)
  expect(offer(snapshotAt(1, 0))).not.toBe(null)
  expect(offer(snapshotAt(logIndexMax + 1))).not.toBe(null)
})
