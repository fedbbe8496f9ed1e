import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Changed,
  changeSimply,
  enterJoint,
} from '../../../src-main/raft/confchange/changer.ts'
import { confStateOf, isSameConfState, restore } from '../../../src-main/raft/confchange/restore.ts'
import type {
  ConfChangeSingle,
  ConfChangeType,
  ConfState,
  NodeId,
} from '../../../src-main/raft/entry.ts'
import { emptyMembership, type Membership } from '../../../src-main/raft/tracker/configuration.ts'
import {
  describeConfiguration,
  describeProgressMap,
} from '../../../src-main/raft/tracker/describe.ts'

const limit = { messages: 8, bytes: Number.POSITIVE_INFINITY }
const nobodyYet = confStateOf(emptyMembership.configuration)

/** Roles dealt out so that every record is one that a group can be in. */
const confState: fc.Arbitrary<ConfState> = fc
  .record({
    ids: fc.uniqueArray(fc.bigInt({ min: 1n, max: 2n ** 64n - 3n }), {
      minLength: 1,
      maxLength: 12,
    }),
    roles: fc.infiniteStream(fc.constantFrom('voter', 'both', 'outgoing', 'next', 'learner')),
    joint: fc.boolean(),
    autoLeave: fc.boolean(),
  })
  .map(({ ids, roles, joint, autoLeave }) => {
    const state = {
      voters: [] as NodeId[],
      learners: [] as NodeId[],
      votersOutgoing: [] as NodeId[],
      learnersNext: [] as NodeId[],
    }
    ids.forEach((id, place) => {
      const role = place === 0 ? (joint ? 'both' : 'voter') : roles.next().value
      if (role === 'learner') state.learners.push(id)
      if (role === 'voter' || role === 'both') state.voters.push(id)
      if (!joint && (role === 'outgoing' || role === 'next')) state.voters.push(id)
      if (joint && role !== 'voter' && role !== 'learner') state.votersOutgoing.push(id)
      if (joint && role === 'next') state.learnersNext.push(id)
    })
    return { ...state, autoLeave: joint && autoLeave }
  })

function show({ configuration, progress }: Membership): string {
  return `${describeConfiguration(configuration)}\n${describeProgressMap(progress)}`
}

test('[B76] a restored configuration records itself as it was restored', () => {
  fc.assert(
    fc.property(confState, (state) => {
      const restored = restore({ lastIndex: 7, limit }, state)
      if (!restored.ok) throw new Error(JSON.stringify(restored.error))
      const again = confStateOf(restored.value.configuration)
      expect(isSameConfState(again, state)).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('restoring is the same as making the changes that lead there', () => {
  fc.assert(
    fc.property(confState, (state) => {
      const restored = restore({ lastIndex: 7, limit }, state)
      if (!restored.ok) throw new Error(JSON.stringify(restored.error))
      expect(show(restored.value)).toBe(show(replayed(state)))
    }),
    { numRuns: 300 },
  )
})

/** The outgoing half is grown voter by voter, then everything else is one joint change of it. */
function replayed(state: ConfState): Membership {
  const all = (type: ConfChangeType, ids: readonly NodeId[]) =>
    ids.map((nodeId) => ({ type, nodeId }))
  const incoming = [
    ...all('ConfChangeRemoveNode', state.votersOutgoing),
    ...all('ConfChangeAddNode', state.voters),
    ...all('ConfChangeAddLearnerNode', [...state.learners, ...state.learnersNext]),
  ]
  const basis = (membership: Membership) => ({ membership, lastIndex: 7, limit })
  const grow = (membership: Membership, change: ConfChangeSingle) =>
    must(changeSimply(basis(membership), [change]))
  if (state.votersOutgoing.length === 0) return incoming.reduce(grow, emptyMembership)
  const outgoing = all('ConfChangeAddNode', state.votersOutgoing).reduce(grow, emptyMembership)
  return must(enterJoint(basis(outgoing), state.autoLeave, incoming))
}

function must(changed: Changed): Membership {
  if (!changed.ok) throw new Error(JSON.stringify(changed.error))
  return changed.value
}

test('nobody at all is restored: a member may start before it is told of a group', () => {
  expect(restore({ lastIndex: 0, limit }, nobodyYet)).toEqual({ ok: true, value: emptyMembership })
})

test.each<[string, Partial<ConfState>]>([
  ['learners without a voter', { learners: [1n] }],
  ['an outgoing half without an incoming one', { votersOutgoing: [1n] }],
  ['a voter that is a learner', { voters: [1n, 2n], learners: [2n] }],
  ['an outgoing voter that is a learner', { voters: [1n], votersOutgoing: [2n], learners: [2n] }],
  ['a learner to be that is no outgoing voter', { voters: [1n], learnersNext: [2n] }],
  [
    'a learner to be that stays a voter',
    { voters: [1n, 2n], votersOutgoing: [2n], learnersNext: [2n] },
  ],
  ['leaving by itself what is not joint', { voters: [1n], autoLeave: true }],
])('a record is refused that has %s', (_, fields) => {
  expect(restore({ lastIndex: 0, limit }, { ...nobodyYet, ...fields }).ok).toBe(false)
})

test('[B76] two records are one configuration in whatever order they list it', () => {
  const state = { ...nobodyYet, voters: [1n, 2n], votersOutgoing: [3n, 1n], learners: [5n, 4n] }
  const shuffled = { ...state, voters: [2n, 1n], votersOutgoing: [1n, 3n], learners: [4n, 5n] }
  expect(isSameConfState(state, shuffled)).toBe(true)
  for (const other of [
    { ...state, voters: [1n] },
    { ...state, voters: [1n, 2n, 2n] },
    { ...state, learners: [5n, 6n] },
    { ...state, votersOutgoing: [3n] },
    { ...state, learnersNext: [3n] },
    { ...state, autoLeave: true },
  ]) {
    expect(isSameConfState(state, other)).toBe(false)
  }
})
