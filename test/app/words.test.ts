import { expect, test } from 'vitest'
import {
  type GroupView,
  type MemberView,
  removalConsequences,
  sentence,
} from '../../src-main/app/words.ts'

const self: MemberView = {
  id: '1',
  name: 'Laptop',
  role: 'voter',
  isSelf: true,
  online: true,
  holdsAll: true,
}
const other = (name: string, more: Partial<MemberView> = {}): MemberView => ({
  ...self,
  id: name,
  name,
  isSelf: false,
  ...more,
})
const group = (members: MemberView[], more: Partial<GroupView> = {}): GroupView => ({
  members,
  leaderId: '1',
  pending: 0,
  trouble: null,
  removed: null,
  ...more,
})
const away = { online: false, holdsAll: false } as const
const unknown = { online: null, holdsAll: null } as const

test('one device: saved here, and no more is claimed', () => {
  expect(sentence(group([self]))).toBe('All notes are saved on this device.')
})

test('all hold everything', () => {
  expect(sentence(group([self, other('Desktop'), other('NAS')]))).toBe(
    'All notes are on all 3 devices.',
  )
})

test('safe on two, and who will catch up', () => {
  expect(sentence(group([self, other('Desktop'), other('NAS', away)]))).toBe(
    'All notes are safe (2 of 3). NAS is asleep and will catch up later.',
  )
})

test('two asleep of three: who is missing, what is kept, when it goes on', () => {
  const members = [self, other('Desktop', unknown), other('ThinkPad', unknown)]
  expect(sentence(group(members, { leaderId: null }))).toBe(
    'Desktop and ThinkPad are asleep. Your edits are kept here and will be shared when one of them wakes.',
  )
})

test('the leader just went and a majority is left: it is a matter of a moment', () => {
  const members = [self, other('Desktop', unknown), other('NAS')]
  expect(sentence(group(members, { leaderId: null, pending: 2 }))).toBe(
    'Desktop is asleep. Your edits are kept here (2 so far) for a moment, until another device leads.',
  )
})

test('nobody has caught up yet', () => {
  expect(sentence(group([self, other('NAS', { holdsAll: false })]))).toBe(
    'All notes are saved here; NAS is catching up.',
  )
})

test('trouble comes before everything', () => {
  expect(sentence(group([self], { trouble: 'The disk is full.' }))).toBe('The disk is full.')
})

test('a removed device says by whom, what stays and what never arrived', () => {
  expect(sentence(group([self], { removed: { by: 'Desktop' }, pending: 3 }))).toBe(
    'Desktop removed this device. Its notes stay readable here. 3 edits never reached the others.',
  )
})

const removal = (members: MemberView[], targetId: string, leaderId: string | null = '1') =>
  removalConsequences({ members, targetId, leaderId, heldNowhereElse: 0, pending: 0 })

test('a lost third device can be removed', () => {
  expect(removal([self, other('Desktop'), other('Lost', away)], 'Lost').allowed).toBe(true)
})

test('removing an awake device is refused where the rest could not agree', () => {
  const { allowed, lines } = removal([self, other('Desktop'), other('NAS', away)], 'Desktop')
  expect(allowed).toBe(false)
  expect(lines).toEqual([
    'Without Desktop too few devices could agree, because NAS is asleep. Wake it first.',
  ])
})

test('with two devices, removing the one out of reach points to Recover', () => {
  const { allowed, lines } = removal([self, other('Lost', away)], 'Lost', null)
  expect(allowed).toBe(false)
  expect(lines.join()).toContain('Recover with this copy')
})

test('the last device cannot leave, an unknown one cannot be removed', () => {
  expect(removal([self], '1').allowed).toBe(false)
  expect(removal([self, other('NAS')], 'nobody').allowed).toBe(false)
})

test('a copy can be removed while it sleeps', () => {
  const copy = other('Copy', { ...away, role: 'learner' })
  expect(removal([self, other('NAS'), copy], 'Copy').allowed).toBe(true)
})

test('what is held nowhere else is named', () => {
  const view = {
    members: [self, other('Desktop'), other('NAS')],
    targetId: 'NAS',
    leaderId: '1',
    heldNowhereElse: 2,
    pending: 0,
  }
  expect(removalConsequences(view).lines.join(' ')).toContain('2 notes')
})
