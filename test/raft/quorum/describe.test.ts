import { expect, test } from 'vitest'
import { describeIndex, describeMajority } from '../../../src-main/raft/quorum/describe.ts'

test('members that are level have bars of one length', () => {
  const acked = new Map([
    [1n, 100],
    [2n, 100],
    [10n, 101],
  ])
  expect(describeMajority([1n, 2n, 3n, 10n], (id) => acked.get(id))).toBe(
    [
      '        idx',
      'x>      100    (id=1)',
      'x>      100    (id=2)',
      '?         0    (id=3)',
      'xxx>    101    (id=a)',
      '',
    ].join('\n'),
  )
})

test('no voter at all has a picture of its own, and its index is infinite', () => {
  expect(describeMajority([], () => undefined)).toBe('<empty majority quorum>')
  expect(describeIndex(Number.POSITIVE_INFINITY)).toBe('∞')
})
