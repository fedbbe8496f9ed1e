import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NodeId } from '../../../src-main/raft/entry.ts'
import {
  committedByMajority,
  quorumSize,
  type VoteResult,
  voteOfMajority,
} from '../../../src-main/raft/quorum/majority.ts'

const members = fc.uniqueArray(fc.bigInt({ min: 1n, max: 30n }), { maxLength: 9 }).map(ascending)
const indexes = fc.array(fc.option(fc.nat({ max: 12 }), { nil: undefined }), {
  minLength: 31,
  maxLength: 31,
})
const votes = fc.array(fc.constantFrom(true, false, undefined), { minLength: 31, maxLength: 31 })

function ascending(ids: readonly NodeId[]): readonly NodeId[] {
  return ids.toSorted((one, other) => Number(one - other))
}

function subsetsOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  return items.reduce<T[][]>((all, item) => all.concat(all.map((each) => [...each, item])), [[]])
}

test('two quorums always share a voter, and one voter fewer is no quorum', () => {
  for (let voters = 1; voters <= 99; voters++) {
    expect(2 * quorumSize(voters)).toBeGreaterThan(voters)
    expect(2 * (quorumSize(voters) - 1)).toBeLessThanOrEqual(voters)
  }
})

test('the committed index is the furthest that all of some majority have reached', () => {
  fc.assert(
    fc.property(members, indexes, (voters, acked) => {
      const ackedBy = (id: NodeId) => acked[Number(id)]
      const majorities = subsetsOf(voters).filter((each) => each.length * 2 > voters.length)
      const reached = majorities.map((each) => Math.min(...each.map((id) => ackedBy(id) ?? 0)))
      const expected = voters.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...reached)
      expect(committedByMajority(voters, ackedBy)).toBe(expected)
    }),
    { numRuns: 500 },
  )
})

test('a kept scratch changes nothing, whatever was in it', () => {
  fc.assert(
    fc.property(members, indexes, fc.array(fc.nat()), (voters, acked, scratch) => {
      const ackedBy = (id: NodeId) => acked[Number(id)]
      expect(committedByMajority(voters, ackedBy, scratch)).toBe(
        committedByMajority(voters, ackedBy),
      )
    }),
  )
})

test('a vote is won when no open vote can lose it any more, and lost when none can win it', () => {
  fc.assert(
    fc.property(members, votes, (voters, cast) => {
      const open = voters.filter((id) => cast[Number(id)] === undefined)
      const granted = voters.filter((id) => cast[Number(id)] === true).length
      const outcomes = subsetsOf(open).map((more) => {
        return voters.length === 0 || (granted + more.length) * 2 > voters.length
      })
      const expected: VoteResult = outcomes.every((won) => won)
        ? 'won'
        : outcomes.some((won) => won)
          ? 'pending'
          : 'lost'
      expect(voteOfMajority(voters, (id) => cast[Number(id)])).toBe(expected)
    }),
    { numRuns: 500 },
  )
})

test('ids of all 64 bits are voters like any other', () => {
  const voters = [1n, 2n ** 53n + 1n, 2n ** 64n - 3n]
  const acked = new Map([
    [2n ** 53n + 1n, 7],
    [2n ** 64n - 3n, 9],
  ])
  expect(committedByMajority(voters, (id) => acked.get(id))).toBe(7)
})
