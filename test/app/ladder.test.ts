import { expect, test } from 'vitest'
import { durabilityOf, Ladder } from '../../src-main/app/ladder.ts'

const members = ['1', '2', '3']
const table = (term: number, ...matches: number[]) => ({
  term,
  commit: 100,
  rows: matches.map((match, at) => ({ id: String(at + 1), match, online: true })),
})
const rung = (ladder: Ladder, index: number, more: { pending?: number; applied?: number } = {}) =>
  durabilityOf(
    ladder,
    { index, pending: more.pending ?? 0 },
    { members, applied: more.applied ?? index },
  )

test('one device alone is never more than saved', () => {
  const alone = { members: ['1'], applied: 9 }
  expect(durabilityOf(new Ladder('1'), { index: 5, pending: 0 }, alone)).toEqual({
    state: 'saved',
    holders: 1,
    members: 1,
  })
})

test('the rungs follow acknowledged indices', () => {
  const ladder = new Ladder('1')
  ladder.hear(table(2, 10, 7, 5))
  expect(rung(ladder, 5)).toEqual({ state: 'all', holders: 3, members: 3 })
  expect(rung(ladder, 7)).toEqual({ state: 'safe', holders: 2, members: 3 })
  expect(rung(ladder, 8)).toEqual({ state: 'saved', holders: 1, members: 3 })
})

test('what is pending here is saved here and nowhere else', () => {
  const ladder = new Ladder('1')
  ladder.hear(table(2, 10, 10, 10))
  expect(rung(ladder, 5, { pending: 1 })).toEqual({ state: 'saved', holders: 1, members: 3 })
})

test('without a leader the count is unknown, and what was known to be safe stays safe', () => {
  const ladder = new Ladder('1')
  ladder.hear(table(2, 10, 7, 5))
  expect(ladder.tick(2)).toBe(false)
  expect(ladder.tick(2)).toBe(true)
  expect(ladder.tick(2)).toBe(false)
  expect(rung(ladder, 7)).toEqual({ state: 'safe', holders: null, members: 3 })
  expect(ladder.row('2')).toBeNull()
})

test('a leader that was deposed is not believed', () => {
  const ladder = new Ladder('1')
  ladder.hear(table(5, 10, 7, 5))
  expect(ladder.hear(table(4, 99, 99, 99))).toBeNull()
  expect(rung(ladder, 50)).toEqual({ state: 'saved', holders: 1, members: 3 })
})

test('it tells which indices got another holder', () => {
  const ladder = new Ladder('1')
  ladder.hear(table(2, 10, 7, 5))
  expect(ladder.hear(table(2, 10, 7, 5))).toBeNull()
  expect(ladder.hear(table(2, 12, 9, 5))).toEqual({ from: 7, to: 12 })
})

test('what is not committed yet proves nothing, for another leader may overwrite it', () => {
  const ladder = new Ladder('1')
  ladder.hear({ ...table(2, 10, 10, 5), commit: 9 })
  expect(rung(ladder, 9)).toEqual({ state: 'safe', holders: 2, members: 3 })
  expect(rung(ladder, 10)).toEqual({ state: 'saved', holders: 1, members: 3 })
})
