/** Node lives in src-main/replica, being asynchronous; its behaviours are numbered with those of the core, so they stand with them. */
import { expect, test } from 'vitest'
import type { ConfState } from '../../src-main/raft/entry.ts'
import { MemoryStorage } from '../../src-main/raft/log/memory-storage.ts'
import { newMessage } from '../../src-main/raft/message.ts'
import { RawNode } from '../../src-main/raft/raw-node.ts'
import type { Ready } from '../../src-main/raft/ready.ts'
import { Node, proposalsWaitingMax, ticksWaitingMax } from '../../src-main/replica/node.ts'
import type { Log } from '../../src-main/replica/ports.ts'

const bytes = new Uint8Array([1])

function nodeOf(voters: readonly bigint[]) {
  const confState: ConfState = {
    voters,
    learners: [],
    votersOutgoing: [],
    learnersNext: [],
    autoLeave: false,
  }
  const storage = new MemoryStorage()
  storage.applySnapshot({ data: null, metadata: { index: 1, term: 1, confState } })
  const lines: string[] = []
  const write = (line: string): void => {
    lines.push(line)
  }
  const log: Log = { debug: write, info: write, warn: write, error: write }
  const raw = new RawNode({
    id: 1n,
    electionTick: 10,
    heartbeatTick: 1,
    storage,
    applied: 1,
    maxSizePerMsg: 1024,
    maxInflightMsgs: 8,
    logger: log,
    random: { below: () => 0 },
  })
  return { node: new Node(raw, log), storage, lines }
}

/** Works off Readys as a driver with synchronous storage would. */
function drive({ node, storage }: ReturnType<typeof nodeOf>): {
  readys: Ready[]
  done: Promise<void>
} {
  const readys: Ready[] = []
  const run = async (): Promise<void> => {
    for await (const ready of node.ready()) {
      readys.push(ready)
      if (ready.hardState !== null) storage.setHardState(ready.hardState)
      storage.append(ready.entries)
      node.advance()
    }
  }
  return { readys, done: run() }
}

const turn = (): Promise<void> => new Promise((go) => setImmediate(go))

test('[B61] a proposal waits while there is no leader, and goes on when one is elected', async () => {
  const alone = nodeOf([1n])
  const { readys } = drive(alone)
  let answered = false
  const proposed = alone.node.propose(bytes).then((outcome) => {
    answered = true
    return outcome
  })
  await turn()
  expect(answered).toBe(false)
  alone.node.campaign()
  expect(await proposed).toEqual({ ok: true, value: undefined })
  await turn()
  expect(readys.flatMap(({ entries }) => entries).some(({ data }) => data?.[0] === 1)).toBe(true)
})

test('[B61] a proposal that waits fails when it is cancelled, and when the node stops', async () => {
  const { node } = nodeOf([1n, 2n])
  const cancel = new AbortController()
  const cancelled = node.propose(bytes, cancel.signal)
  const stopped = node.proposeConfChange({
    kind: 'v2',
    transition: 'ConfChangeTransitionAuto',
    changes: [],
    context: null,
  })
  cancel.abort()
  expect(await cancelled).toEqual({ ok: false, error: { kind: 'cancelled' } })
  node.stop()
  expect(await stopped).toEqual({ ok: false, error: { kind: 'stopped' } })
  expect(await node.propose(bytes)).toEqual({ ok: false, error: { kind: 'stopped' } })
  expect(await node.propose(bytes, AbortSignal.abort())).toMatchObject({ ok: false })
})

test('a proposal at once is refused as dropped while there is no leader', () => {
  const { node } = nodeOf([1n, 2n])
  expect(node.proposeNow(bytes)).toEqual({ ok: false, error: { kind: 'proposal-dropped' } })
})

test('as many proposals wait as memory has room for, and no more', async () => {
  const { node } = nodeOf([1n, 2n])
  const waiting = Array.from({ length: proposalsWaitingMax }, () => node.propose(bytes))
  expect(await node.propose(bytes)).toEqual({ ok: false, error: { kind: 'too-many-waiting' } })
  node.stop()
  for (const outcome of await Promise.all(waiting)) expect(outcome.ok).toBe(false)
})

test('[B61] stopping is idempotent, ends the stream, and there is no status after it', async () => {
  const alone = nodeOf([1n])
  const { done } = drive(alone)
  expect(alone.node.status()).not.toBe(null)
  alone.node.stop()
  alone.node.stop()
  await done
  expect(alone.node.status()).toBe(null)
  expect(alone.node.basicStatus()).toBe(null)
})

test('[B61] ticks that nobody works off are kept up to a bound, then dropped with a warning: no burst after a sleep', async () => {
  const { node, lines } = nodeOf([1n, 2n])
  for (let n = 0; n < ticksWaitingMax; n++) node.tick()
  expect(lines.filter((line) => line.includes('tick missed'))).toEqual([])
  node.tick()
  expect(lines.filter((line) => line.includes('tick missed'))).toHaveLength(1)
  await turn()
  node.tick()
  expect(lines.filter((line) => line.includes('tick missed'))).toHaveLength(1)
})

test('[B61] messages that a member makes for itself are not taken from others; answers of strangers are passed over', () => {
  const { node } = nodeOf([1n, 2n])
  expect(node.step(newMessage('MsgHup', { from: 2n }))).toEqual({ ok: true, value: undefined })
  expect(node.basicStatus()?.softState.raftState).toBe('StateFollower')
  expect(node.step(newMessage('MsgAppResp', { from: 9n, to: 1n, term: 1 })).ok).toBe(true)
})

test('[B61] a node that a configuration left out proposes no more', async () => {
  const alone = nodeOf([1n])
  drive(alone)
  alone.node.campaign()
  await turn()
  const change = (type: 'ConfChangeAddNode' | 'ConfChangeRemoveNode', nodeId: bigint) =>
    ({
      kind: 'v2',
      transition: 'ConfChangeTransitionAuto',
      changes: [{ type, nodeId }],
      context: null,
    }) as const
  alone.node.applyConfChange(change('ConfChangeAddNode', 2n))
  expect(alone.node.proposeNow(bytes).ok).toBe(true)
  alone.node.applyConfChange(change('ConfChangeRemoveNode', 1n))
  expect(alone.node.proposeNow(bytes)).toEqual({ ok: false, error: { kind: 'proposal-dropped' } })
  expect(await alone.node.propose(bytes)).toEqual({
    ok: false,
    error: { kind: 'proposal-dropped' },
  })
})

test('everything that came in one turn comes out as one Ready', async () => {
  const alone = nodeOf([1n])
  const { readys } = drive(alone)
  alone.node.campaign()
  await turn()
  await turn()
  const before = readys.length
  for (let n = 0; n < 50; n++) alone.node.proposeNow(bytes)
  await turn()
  const [first] = readys.slice(before)
  expect(first?.entries).toHaveLength(50)
})

test('who leads is told in the log', async () => {
  const alone = nodeOf([1n])
  drive(alone)
  alone.node.campaign()
  await turn()
  expect(alone.lines).toContain('raft.node: 1 elected leader 1 at term 1')
})
