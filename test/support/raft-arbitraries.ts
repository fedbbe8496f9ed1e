import fc from 'fast-check'
import {
  type ConfChange,
  type ConfChangeSingle,
  type ConfChangeV2,
  type ConfState,
  type Entry,
  type HardState,
  nobody,
  type Snapshot,
  type SnapshotMetadata,
} from '../../src-main/raft/entry.ts'
import { type Message, messageTypes } from '../../src-main/raft/message.ts'
import {
  confChangeTransitions,
  confChangeTypes,
  entryTypes,
} from '../../src-main/raft/wire/names.ts'

/**
 * Every width that a number on the wire can have, its edges more often than chance would give them.
 */
export const counts: fc.Arbitrary<number> = fc.oneof(
  fc.nat({ max: 300 }),
  fc.maxSafeNat(),
  fc.integer({ min: 0, max: 53 }).map((bits) => 2 ** bits - 1),
  fc.integer({ min: 0, max: 52 }).map((bits) => 2 ** bits),
)

export const ids: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 0n, max: 300n }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.integer({ min: 0, max: 64 }).map((bits) => 2n ** BigInt(bits) - 1n),
)

const bytesOrNone = fc.option(fc.uint8Array({ maxLength: 200 }))

export const entries: fc.Arbitrary<Entry> = fc.record({
  type: fc.constantFrom(...entryTypes),
  term: counts,
  index: counts,
  data: bytesOrNone,
})

export const hardStates: fc.Arbitrary<HardState> = fc.record({
  term: counts,
  vote: ids,
  commit: counts,
})

const idLists = fc.array(ids, { maxLength: 5 })

/** Not one that a group can be in, but one that the wire can carry. */
export const confStates: fc.Arbitrary<ConfState> = fc.record({
  voters: idLists,
  learners: idLists,
  votersOutgoing: idLists,
  learnersNext: idLists,
  autoLeave: fc.boolean(),
})

export const snapshotMetadata: fc.Arbitrary<SnapshotMetadata> = fc.record({
  index: counts,
  term: counts,
  confState: confStates,
})

export const snapshots: fc.Arbitrary<Snapshot> = fc.record({
  data: bytesOrNone,
  metadata: snapshotMetadata,
})

export const confChanges: fc.Arbitrary<ConfChange> = fc.record({
  kind: fc.constant('v1' as const),
  id: ids,
  type: fc.constantFrom(...confChangeTypes),
  nodeId: ids,
  context: bytesOrNone,
})

export const confChangeSingles: fc.Arbitrary<ConfChangeSingle> = fc.record({
  type: fc.constantFrom(...confChangeTypes),
  nodeId: ids,
})

export const confChangesV2: fc.Arbitrary<ConfChangeV2> = fc.record({
  kind: fc.constant('v2' as const),
  transition: fc.constantFrom(...confChangeTransitions),
  changes: fc.array(confChangeSingles, { maxLength: 4 }),
  context: bytesOrNone,
})

function messagesWith(responses: fc.Arbitrary<readonly Message[]>): fc.Arbitrary<Message> {
  const fields = {
    to: ids,
    from: ids,
    term: counts,
    logTerm: counts,
    index: counts,
    entries: fc.array(entries, { maxLength: 4 }),
    commit: counts,
    snapshot: fc.option(snapshots, { freq: 3 }),
    reject: fc.boolean(),
    rejectHint: counts,
    context: bytesOrNone,
    vote: fc.oneof(fc.constant(nobody), ids),
    responses,
  }
  return fc.record({ type: fc.constantFrom(...messageTypes), ...fields }) as fc.Arbitrary<Message>
}

export const messages: fc.Arbitrary<Message> = messagesWith(
  fc.array(messagesWith(fc.constant([])), { maxLength: 2 }),
)
