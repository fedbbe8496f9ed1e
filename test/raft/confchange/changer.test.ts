import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Changed,
  changeSimply,
  enterJoint,
  leaveJoint,
} from '../../../src-main/raft/confchange/changer.ts'
import type { ChangeBasis } from '../../../src-main/raft/confchange/draft.ts'
import { brokenClaim } from '../../../src-main/raft/confchange/invariants.ts'
import type { ConfChangeSingle, ConfChangeType, NodeId } from '../../../src-main/raft/entry.ts'
import {
  type Configuration,
  emptyMembership,
  type Membership,
} from '../../../src-main/raft/tracker/configuration.ts'
import {
  describeConfiguration,
  describeProgressMap,
} from '../../../src-main/raft/tracker/describe.ts'
import { newProgress, type Progress } from '../../../src-main/raft/tracker/progress.ts'
import { parseChanges } from '../../support/conf-change-text.ts'

const limit = { messages: 8, bytes: Number.POSITIVE_INFINITY }

function changes(text: string): readonly ConfChangeSingle[] {
  const parsed = parseChanges(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

function basis(membership: Membership): ChangeBasis {
  return { membership, lastIndex: 10, limit }
}

function must(changed: Changed): Membership {
  if (!changed.ok) throw new Error(changed.error.kind)
  return changed.value
}

function show({ configuration, progress }: Membership): string {
  return `${describeConfiguration(configuration)}\n${describeProgressMap(progress)}`
}

/** Grown one voter at a time, as a real group is. */
function grown(text: string): Membership {
  return changes(text).reduce(
    (membership, change) => must(changeSimply(basis(membership), [change])),
    emptyMembership,
  )
}

const types: readonly ConfChangeType[] = [
  'ConfChangeAddNode',
  'ConfChangeAddLearnerNode',
  'ConfChangeRemoveNode',
  'ConfChangeUpdateNode',
]
const change = fc.record({
  type: fc.constantFrom(...types),
  nodeId: fc.bigInt({ min: 0n, max: 9n }),
})
const start = fc
  .uniqueArray(fc.bigInt({ min: 1n, max: 9n }), { minLength: 1, maxLength: 5 })
  .map((ids) => grown(ids.map((id) => `v${id}`).join(' ')))

test('[B76] one by one or through a joint configuration, the same changes end in the same membership', () => {
  fc.assert(
    fc.property(start, fc.array(change, { maxLength: 8 }), (membership, list) => {
      let simply = membership
      const taken: ConfChangeSingle[] = []
      for (const each of list) {
        const changed = changeSimply(basis(simply), [each])
        if (!changed.ok) continue
        simply = changed.value
        taken.push(each)
      }
      const joint = must(enterJoint(basis(membership), true, taken))
      const left = must(leaveJoint(basis(joint)))
      expect(show(left)).toBe(show(simply))
    }),
    { numRuns: 500 },
  )
})

test('a change never leaves a membership that breaks a rule, and never touches the one it began with', () => {
  const step = fc.record({
    how: fc.constantFrom('simple', 'enter', 'enter-auto', 'leave'),
    list: fc.array(change, { maxLength: 4 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let membership = grown('v1 v2')
      for (const { how, list } of steps) {
        const before = show(membership)
        const changed =
          how === 'simple'
            ? changeSimply(basis(membership), list)
            : how === 'leave'
              ? leaveJoint(basis(membership))
              : enterJoint(basis(membership), how === 'enter-auto', list)
        expect(show(membership)).toBe(before)
        if (!changed.ok) continue
        membership = changed.value
        expect(brokenClaim(membership)).toBeNull()
        expect(membership.configuration.voters.incoming).not.toEqual([])
      }
    }),
    { numRuns: 300 },
  )
})

test('any majority before a simple change and any after it share a voter', () => {
  fc.assert(
    fc.property(start, fc.array(change, { maxLength: 4 }), (membership, list) => {
      const changed = changeSimply(basis(membership), list)
      if (!changed.ok) return
      const before = membership.configuration.voters.incoming
      const after = changed.value.configuration.voters.incoming
      const either = new Set([...before, ...after]).size
      const smallest = Math.floor(before.length / 2) + 1 + Math.floor(after.length / 2) + 1
      expect(smallest).toBeGreaterThan(either)
    }),
  )
})

test('[B23] a new member is probed at the end of the log and counts as just heard', () => {
  const joined = must(changeSimply(basis(grown('v1')), changes('v2')))
  expect(joined.progress.get(2n)).toMatchObject({ match: 0, next: 10, recentActive: true })
})

test('[B73] adding a voter that is one changes nothing', () => {
  const membership = grown('v1 v2')
  expect(show(must(changeSimply(basis(membership), changes('v2'))))).toBe(show(membership))
})

test('[B74] the last voter cannot be removed or demoted', () => {
  for (const text of ['r1', 'l1']) {
    const changed = changeSimply(basis(grown('v1 l2')), changes(text))
    expect(changed).toEqual({ ok: false, error: { kind: 'no-voters-left' } })
  }
})

test('[B74] promotion and demotion keep what is known of the member and change its flag', () => {
  const membership = grown('v1 v2 l3')
  const third = membership.progress.get(3n)
  if (third !== undefined) third.match = 7
  const promoted = must(changeSimply(basis(membership), changes('v3')))
  expect(promoted.progress.get(3n)).toMatchObject({ match: 7, isLearner: false })
  expect(promoted.configuration.learners).toEqual([])
  const demoted = must(changeSimply(basis(promoted), changes('l3')))
  expect(demoted.progress.get(3n)).toMatchObject({ match: 7, isLearner: true })
  expect(demoted.configuration.learners).toEqual([3n])
})

test('a voter that is demoted in a joint configuration votes in the outgoing half until that is left', () => {
  const joint = must(enterJoint(basis(grown('v1 v2 v3')), false, changes('l2 r3')))
  expect(describeConfiguration(joint.configuration)).toBe('voters=(1)&&(1 2 3) learners_next=(2)')
  expect(joint.progress.get(2n)?.isLearner).toBe(false)
  expect(joint.progress.has(3n)).toBe(true)
  const left = must(leaveJoint(basis(joint)))
  expect(describeConfiguration(left.configuration)).toBe('voters=(1) learners=(2)')
  expect(left.progress.get(2n)?.isLearner).toBe(true)
  expect(left.progress.has(3n)).toBe(false)
})

test('a change of mind within one joint change counts: demoted and promoted again is a voter', () => {
  const joint = must(enterJoint(basis(grown('v1 v2')), true, changes('l2 v2')))
  expect(describeConfiguration(joint.configuration)).toBe('voters=(1 2)&&(1 2) autoleave')
})

test.each([
  ['two voters at once', 'v1 v2 v3', 'several-voters', 'v4 v5'],
  ['one voter for another', 'v1 v2 v3', 'several-voters', 'v4 r1'],
])('a simple change refuses %s', (_, from, kind, text) => {
  expect(changeSimply(basis(grown(from)), changes(text))).toEqual({ ok: false, error: { kind } })
})

test('one configuration change at a time: joint refuses joint and simple, and simple cannot be left', () => {
  const simple = grown('v1')
  const joint = must(enterJoint(basis(simple), false, changes('v2')))
  const kinds = [
    enterJoint(basis(joint), false, []),
    changeSimply(basis(joint), changes('v3')),
    leaveJoint(basis(simple)),
    enterJoint(basis(emptyMembership), false, changes('v1')),
  ].map((changed) => (changed.ok ? 'taken' : changed.error.kind))
  expect(kinds).toEqual([
    'already-joint',
    'simple-while-joint',
    'nothing-to-leave',
    'zero-voters-joint',
  ])
})

const empty: Configuration = emptyMembership.configuration

function progressOf(voters: readonly NodeId[], learners: readonly NodeId[] = []) {
  const progress = new Map<NodeId, Progress>()
  for (const id of voters) progress.set(id, newProgress({ next: 1, isLearner: false, limit }))
  for (const id of learners) progress.set(id, newProgress({ next: 1, isLearner: true, limit }))
  return progress
}

test.each<[string, Partial<Configuration>, ReadonlyMap<NodeId, Progress>]>([
  ['no progress for 2', { voters: { incoming: [1n, 2n], outgoing: [] } }, progressOf([1n])],
  [
    '3 is in LearnersNext, but not Voters[1]',
    { voters: { incoming: [1n], outgoing: [1n] }, learnersNext: [3n] },
    progressOf([1n, 3n]),
  ],
  [
    '1 is in LearnersNext and Voters[0]',
    { voters: { incoming: [1n], outgoing: [1n] }, learnersNext: [1n] },
    progressOf([1n]),
  ],
  [
    '2 is in LearnersNext, but is already marked as learner',
    { voters: { incoming: [1n], outgoing: [2n] }, learnersNext: [2n] },
    progressOf([1n], [2n]),
  ],
  [
    '2 is in Learners and Voters[1]',
    { voters: { incoming: [1n], outgoing: [2n] }, learners: [2n] },
    progressOf([1n], [2n]),
  ],
  [
    '1 is in Learners and Voters[0]',
    { voters: { incoming: [1n], outgoing: [] }, learners: [1n] },
    progressOf([], [1n]),
  ],
  [
    '2 is in Learners, but is not marked as learner',
    { voters: { incoming: [1n], outgoing: [] }, learners: [2n] },
    progressOf([1n, 2n]),
  ],
  [
    'AutoLeave must be false when not joint',
    { voters: { incoming: [1n], outgoing: [] }, autoLeave: true },
    progressOf([1n]),
  ],
])('a membership is refused when %s', (claim, fields, progress) => {
  const membership = { configuration: { ...empty, ...fields }, progress }
  expect(brokenClaim(membership)).toBe(claim)
  const error = { kind: 'inconsistent', claim }
  for (const changed of [
    changeSimply(basis(membership), []),
    enterJoint(basis(membership), false, []),
    leaveJoint(basis(membership)),
  ]) {
    expect(changed).toEqual({ ok: false, error })
  }
})
