import { describe, expect, test } from 'vitest'
import { statusToJson } from '../../src-main/raft/status.ts'
import { decodeConfChange } from '../../src-main/raft/wire/conf-change.ts'
import { entriesOf, votersAlone } from '../support/entries.ts'
import { leaderOf, Member, message } from '../support/member.ts'

describe('[B59] founding a group', () => {
  const nobodyYet = votersAlone()

  test('needs a founder', () => {
    const { node } = new Member({ confState: nobodyYet })
    expect(node.bootstrap([])).toEqual({ ok: false, error: 'no-peers' })
  })

  test('needs an empty storage', () => {
    const { node } = new Member({ entries: entriesOf(1, 1) })
    expect(node.bootstrap([{ id: 1n, context: null }])).toEqual({
      ok: false,
      error: 'log-not-empty',
    })
  })

  test('is one committed change for each founder, with what the application said of it', () => {
    const member = new Member({ confState: nobodyYet })
    const contexts = [Uint8Array.of(1), null, Uint8Array.of(3)]
    const peers = contexts.map((context, at) => ({ id: BigInt(at + 1), context }))
    expect(member.node.bootstrap(peers)).toMatchObject({ ok: true })
    const ready = member.node.ready()
    expect(ready.hardState).toEqual({ term: 1, vote: 0n, commit: 3 })
    expect(ready.mustSync).toBe(true)
    expect(ready.committedEntries).toEqual(ready.entries)
    const changes = ready.entries.map(({ type, term, index, data }) => {
      const decoded = decodeConfChange(data ?? new Uint8Array())
      if (!decoded.ok) throw new Error(decoded.error.kind)
      return [type, term, index, decoded.value.type, decoded.value.nodeId, decoded.value.context]
    })
    const add = 'ConfChangeAddNode'
    expect(changes).toEqual([
      ['EntryConfChange', 1, 1, add, 1n, contexts[0]],
      ['EntryConfChange', 1, 2, add, 2n, null],
      ['EntryConfChange', 1, 3, add, 3n, contexts[2]],
    ])
  })

  test('is in force at once, and changes nothing when it is applied again', () => {
    const member = new Member({ confState: nobodyYet })
    member.node.bootstrap([1n, 2n].map((id) => ({ id, context: null })))
    expect(member.node.status().configuration.voters.incoming).toEqual([1n, 2n])
    member.work()
    expect(member.confState).toEqual(votersAlone(1n, 2n))
  })

  test('lets a founder alone lead and commit', () => {
    const member = new Member({ confState: nobodyYet })
    member.node.bootstrap([{ id: 1n, context: null }])
    member.work()
    member.campaign()
    member.propose('first')
    expect([member.role, member.term, member.texts]).toEqual(['leader', 2, ['first']])
  })
})

describe('[B60] the status', () => {
  test('knows of the others only while it leads', () => {
    const leader = leaderOf()
    expect([...leader.node.status().progress.keys()]).toEqual([1n, 2n, 3n])
    leader.hear(message('MsgHeartbeat', 2n, { to: 1n, term: 2 }))
    expect(leader.node.status().progress.size).toBe(0)
  })

  test('is a copy', () => {
    const leader = leaderOf()
    const before = leader.node.status()
    leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 1 }))
    expect(before.progress.get(2n)).toMatchObject({ match: 0, state: 'probe' })
    const after = leader.node.status().progress.get(2n)
    expect(after).toMatchObject({ match: 1, state: 'replicate' })
    if (after !== undefined) after.match = 99
    expect(leader.node.status().progress.get(2n)?.match).toBe(1)
  })

  test('does not say that a joint configuration leaves by itself', () => {
    const joint = { ...votersAlone(1n), votersOutgoing: [1n, 2n], autoLeave: true }
    const { configuration } = new Member({ confState: joint }).node.status()
    expect(configuration.voters).toEqual({ incoming: [1n], outgoing: [1n, 2n] })
    expect(configuration.autoLeave).toBe(false)
  })

  test('says who it is, what is durable, who leads and what is applied', () => {
    const leader = leaderOf({ confState: votersAlone(1n) })
    expect(leader.node.basicStatus()).toEqual({
      id: 1n,
      hardState: { term: 1, vote: 1n, commit: 1 },
      softState: { lead: 1n, raftState: 'StateLeader' },
      applied: 1,
      leadTransferee: 0n,
    })
    leader.node.transferLeader(1n)
    const other = leaderOf()
    other.node.transferLeader(3n)
    expect(other.node.basicStatus().leadTransferee).toBe(3n)
  })

  test('as JSON has ids in hexadecimal', () => {
    const leader = leaderOf({ id: 255n, confState: votersAlone(10n, 255n) })
    expect(JSON.parse(statusToJson(leader.node.status()))).toEqual({
      id: 'ff',
      term: 1,
      vote: 'ff',
      commit: 0,
      lead: 'ff',
      raftState: 'StateLeader',
      applied: 0,
      progress: {
        a: { match: 0, next: 1, state: 'StateProbe' },
        ff: { match: 1, next: 2, state: 'StateReplicate' },
      },
      leadtransferee: '0',
    })
  })
})
