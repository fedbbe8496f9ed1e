import { expect, test } from 'vitest'
import type { Entry } from '../../src-main/raft/entry.ts'
import { encodedSize } from '../../src-main/raft/log/entry-size.ts'
import { MemoryStorage } from '../../src-main/raft/log/memory-storage.ts'
import type { LogGap } from '../../src-main/raft/log/storage.ts'
import type { Message } from '../../src-main/raft/message.ts'
import { type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { entriesOf, entryOf, namesOf, votersAlone } from '../support/entries.ts'
import { Member, message } from '../support/member.ts'

const entries = entriesOf(1, 1, 1, 1, 1, 1, 1)
const one = encodedSize(entries.slice(0, 1))

/** A member that comes back with six entries, all committed, none applied. */
function restarted(maxCommittedSizePerReady: number): Member {
  const config = { maxCommittedSizePerReady }
  return new Member({ entries, hardState: { term: 1, commit: 6 }, config })
}

test('[B46] a Ready holds no more committed entries than fit, and the rest comes with the next ones', () => {
  const member = restarted(2 * one)
  const pages: string[] = []
  while (member.node.hasReady()) {
    const ready = member.node.ready()
    pages.push(namesOf(ready.committedEntries))
    member.perform(ready)
    member.node.advance()
  }
  expect(pages).toEqual(['1/1 1/2', '1/3 1/4', '1/5 1/6'])
})

test('[B46] without a limit of its own, what is applied at once is limited like a message', () => {
  const config = { maxSizePerMsg: one, maxCommittedSizePerReady: 0 }
  const member = new Member({ entries, hardState: { term: 1, commit: 6 }, config })
  expect(namesOf(member.node.ready().committedEntries)).toBe('1/1')
})

test('[B46] with asynchronous writes the limit spans everything that is not yet said to be applied', () => {
  const config = { maxCommittedSizePerReady: 3 * one, asyncStorageWrites: true }
  const member = new Member({ entries, hardState: { term: 1, commit: 6 }, config })
  const asked: Message[] = []
  const takeWork = () => {
    const work = member.node.hasReady() ? member.node.ready().messages : []
    const apply = work.find(({ type }) => type === 'MsgStorageApply')
    if (apply !== undefined) asked.push(apply)
    return apply === undefined ? '' : namesOf(apply.entries)
  }
  expect(takeWork()).toBe('1/1 1/2 1/3')
  expect(takeWork()).toBe('')
  for (const response of asked.flatMap(({ responses }) => responses)) member.step(response)
  expect(takeWork()).toBe('1/4 1/5 1/6')
})

/** Pays no heed to the size it is asked to keep within. */
class CarelessStorage extends MemoryStorage {
  readonly #give: (entries: readonly Entry[]) => readonly Entry[]

  constructor(give: (entries: readonly Entry[]) => readonly Entry[]) {
    super()
    this.#give = give
  }

  override entries(low: number, high: number): Outcome<readonly Entry[], LogGap> {
    const all = super.entries(low, high, Number.POSITIVE_INFINITY)
    return all.ok ? ok(this.#give(all.value)) : all
  }
}

test.each<[string, (given: readonly Entry[]) => readonly Entry[]]>([
  ['more than it is asked for', (given) => given],
  ['fewer than fit', (given) => given.slice(0, 1)],
])('[B47] a storage that hands out %s makes nobody skip or repeat an entry', (_, give) => {
  const member = new Member({
    confState: votersAlone(1n),
    entries: [...entries, entryOf(1, 7)],
    hardState: { term: 1, vote: 1n, commit: 6 },
    config: { maxSizePerMsg: 2 * one },
    storage: new CarelessStorage(give),
  })
  const { node, storage } = member
  const appliedIndexes: number[] = []
  let commit = 6
  for (let round = 0; round < 20; round++) {
    if (round === 1) node.campaign()
    while (node.hasReady()) {
      const ready = node.ready()
      if (ready.hardState !== null) {
        expect(ready.hardState.commit).toBeGreaterThanOrEqual(commit)
        commit = ready.hardState.commit
        storage.setHardState(ready.hardState)
      }
      storage.append(ready.entries)
      appliedIndexes.push(...ready.committedEntries.map(({ index }) => index))
      node.advance()
    }
  }
  expect(appliedIndexes).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})

test('[B48] before a campaign, what is not applied is searched for changes a page at a time', () => {
  const seen: number[] = []
  class CountingStorage extends MemoryStorage {
    override entries(low: number, high: number, sizeMax: number) {
      const found = super.entries(low, high, sizeMax)
      if (found.ok) seen.push(found.value.length)
      return found
    }
  }
  const change: Entry = { type: 'EntryConfChangeV2', term: 1, index: 7, data: null }
  const member = new Member({
    confState: votersAlone(1n, 2n),
    entries: [...entries, change],
    hardState: { term: 1, vote: 1n, commit: 7 },
    config: { maxSizePerMsg: 2 * one },
    storage: new CountingStorage(),
  })
  member.node.campaign()
  expect(seen).toEqual([2, 2, 2, 1])
  expect(member.logger.said('still pending configuration changes to apply')).toBe(true)
  expect(member.role).toBe('follower')
})

test('[B48] reads that were confirmed are kept no longer', () => {
  const leader = new Member({ confState: votersAlone(1n, 2n) })
  leader.campaign()
  leader.hear(message('MsgVoteResp', 2n, { to: 1n, term: 1 }))
  leader.hear(message('MsgAppResp', 2n, { to: 1n, term: 1, index: 1 }))
  for (const byte of [1, 2, 3]) leader.node.readIndex(Uint8Array.of(byte))
  const beats = leader.work().filter(({ type }) => type === 'MsgHeartbeat')
  const context = beats.at(-1)?.context ?? null
  expect(context).not.toBeNull()
  leader.hear(message('MsgHeartbeatResp', 2n, { to: 1n, term: 1, context }))
  expect(leader.reads.map(({ requestContext }) => requestContext[0])).toEqual([1, 2, 3])
  // With nothing left to confirm, heartbeats carry no context any more.
  expect(leader.tick()).toMatchObject([{ type: 'MsgHeartbeat', context: null }])
})
