import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NodeId } from '../../../src-main/raft/entry.ts'
import {
  allVoters,
  ascending,
  committedByJoint,
  isVoter,
  voteOfJoint,
} from '../../../src-main/raft/quorum/joint.ts'
import { committedByMajority, voteOfMajority } from '../../../src-main/raft/quorum/majority.ts'

const half = fc.array(fc.bigInt({ min: 1n, max: 9n }), { maxLength: 5 }).map(ascending)
const joint = fc.record({ incoming: half, outgoing: half })
const indexes = fc.array(fc.option(fc.nat({ max: 9 }), { nil: undefined }), {
  minLength: 10,
  maxLength: 10,
})
const votes = fc.array(fc.constantFrom(true, false, undefined), { minLength: 10, maxLength: 10 })

test('a joint quorum commits the furthest index on a majority of either half', () => {
  fc.assert(
    fc.property(joint, indexes, ({ incoming, outgoing }, acked) => {
      const ackedBy = (id: NodeId) => acked[Number(id)]
      const holds = (voters: readonly NodeId[], index: number) =>
        voters.length === 0 ||
        voters.filter((id) => (ackedBy(id) ?? 0) >= index).length * 2 > voters.length
      const isEmpty = incoming.length + outgoing.length === 0
      const furthest = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0].find(
        (index) => holds(incoming, index) && holds(outgoing, index),
      )
      const expected = isEmpty ? Number.POSITIVE_INFINITY : furthest
      expect(committedByJoint({ incoming, outgoing }, ackedBy)).toBe(expected)
    }),
    { numRuns: 500 },
  )
})

test('a joint vote is settled exactly when no open vote can change it', () => {
  fc.assert(
    fc.property(joint, votes, (voters, cast) => {
      const open = allVoters(voters).filter((id) => cast[Number(id)] === undefined)
      const wins = (granting: ReadonlySet<NodeId>) =>
        [voters.incoming, voters.outgoing].every((ids) => {
          const yes = ids.filter((id) => cast[Number(id)] === true || granting.has(id)).length
          return ids.length === 0 || yes * 2 > ids.length
        })
      const outcomes: boolean[] = []
      for (let choice = 0; choice < 2 ** open.length; choice++) {
        outcomes.push(wins(new Set(open.filter((_, place) => (choice >> place) & 1))))
      }
      const settled = outcomes.every((won) => won) ? 'won' : 'lost'
      const isOpen = outcomes.some((won) => won) && !outcomes.every((won) => won)
      expect(voteOfJoint(voters, (id) => cast[Number(id)])).toBe(isOpen ? 'pending' : settled)
    }),
    { numRuns: 300 },
  )
})

test('the halves are equal, and an empty one or a twin changes nothing', () => {
  fc.assert(
    fc.property(joint, indexes, votes, ({ incoming, outgoing }, acked, cast) => {
      const ackedBy = (id: NodeId) => acked[Number(id)]
      const voteOf = (id: NodeId) => cast[Number(id)]
      const swapped = { incoming: outgoing, outgoing: incoming }
      expect(committedByJoint(swapped, ackedBy)).toBe(
        committedByJoint({ incoming, outgoing }, ackedBy),
      )
      expect(voteOfJoint(swapped, voteOf)).toBe(voteOfJoint({ incoming, outgoing }, voteOf))
      for (const other of [[], incoming]) {
        const joined = { incoming, outgoing: other }
        expect(committedByJoint(joined, ackedBy)).toBe(committedByMajority(incoming, ackedBy))
        expect(voteOfJoint(joined, voteOf)).toBe(voteOfMajority(incoming, voteOf))
      }
    }),
  )
})

test('the voters of both halves are listed once and in ascending order', () => {
  const voters = { incoming: [2n, 10n, 2n ** 64n - 3n], outgoing: [1n, 2n, 9n] }
  expect(allVoters(voters)).toEqual([1n, 2n, 9n, 10n, 2n ** 64n - 3n])
  expect(isVoter(voters, 9n)).toBe(true)
  expect(isVoter(voters, 10n)).toBe(true)
  expect(isVoter(voters, 3n)).toBe(false)
})
