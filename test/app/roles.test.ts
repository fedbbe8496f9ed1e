import { expect, test } from 'vitest'
import {
  type GroupRoles,
  nextRoleChange,
  promoteLagMax,
  type RoleView,
  votersWanted,
} from '../../src-main/app/roles.ts'

const voter = (id: string, more: Partial<RoleView> = {}): RoleView => ({
  id,
  role: 'voter',
  match: 1_000,
  active: true,
  addedAt: 1,
  ...more,
})
const copy = (id: string, more: Partial<RoleView> = {}): RoleView =>
  voter(id, { role: 'learner', addedAt: 900, ...more })
const group = (...members: RoleView[]): GroupRoles => ({ leaderId: '1', commit: 1_000, members })

test('as many voters as devices up to three, then an odd number', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map(votersWanted)).toEqual([1, 2, 3, 3, 5, 5, 7])
})

test('a copy that has caught up becomes a voter', () => {
  expect(nextRoleChange(group(voter('1'), copy('2')))).toEqual({ kind: 'promote', id: '2' })
})

test('a copy that is away stays a copy', () => {
  expect(nextRoleChange(group(voter('1'), copy('2', { active: false })))).toBeNull()
})

test(`a copy may lack ${promoteLagMax} entries, and not one more`, () => {
  const lag = (entries: number): GroupRoles =>
    group(voter('1'), copy('2', { match: 1_000 - entries, addedAt: 10 }))
  expect(nextRoleChange(lag(promoteLagMax))).toEqual({ kind: 'promote', id: '2' })
  expect(nextRoleChange(lag(promoteLagMax + 1))).toBeNull()
})

test('while one voter has not acknowledged the entry that names it, a copy stays a copy', () => {
  const asleep = voter('3', { match: 899 })
  expect(nextRoleChange(group(voter('1'), asleep, copy('4')))).toBeNull()
  const awake = voter('3', { match: 900 })
  expect(nextRoleChange(group(voter('1'), awake, copy('4')))).toEqual({ kind: 'promote', id: '4' })
})

test('nobody is promoted into a group that could not agree afterwards', () => {
  const away = { active: false }
  expect(nextRoleChange(group(voter('1'), voter('2', away), copy('3')))).toEqual({
    kind: 'promote',
    id: '3',
  })
  const dead = group(voter('1'), voter('2', away), voter('3', away), copy('4'), copy('5'))
  expect(nextRoleChange(dead)).toBeNull()
})

test('a fourth device stays a copy', () => {
  expect(nextRoleChange(group(voter('1'), voter('2'), voter('3'), copy('4')))).toBeNull()
})

test('one voter too many: the one that is away steps back, never the leader', () => {
  const even = group(voter('1'), voter('2'), voter('3', { active: false }), voter('4'))
  expect(nextRoleChange(even)).toEqual({ kind: 'demote', id: '3' })
  const all = group(voter('1', { match: 1 }), voter('2'), voter('3'), voter('4', { match: 900 }))
  expect(nextRoleChange(all)).toEqual({ kind: 'demote', id: '4' })
})
