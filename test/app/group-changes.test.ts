import { expect, test } from 'vitest'
import { changeMs, GroupChanges, membersMax } from '../../src-main/app/group-changes.ts'
import type { GroupRoles } from '../../src-main/app/roles.ts'
import { Watch } from '../../src-main/app/watch.ts'
import type { MemberView } from '../../src-main/app/words.ts'
import type { ConfChangeV2 } from '../../src-main/raft/entry.ts'
import { fail, ok } from '../../src-shared/base/outcome.ts'
import type { MemberEntry } from '../../src-shared/members/member.ts'
import { HandClock } from '../net/hand-clock.ts'
import { turns } from './support/desk.ts'

const member = (id: string, more: Partial<MemberView> = {}): MemberView => ({
  id,
  name: `Device ${id}`,
  role: 'voter',
  isSelf: id === '1',
  online: true,
  holdsAll: true,
  ...more,
})
const newcomer = (id: string) => ({ id, name: 'New', addresses: [], pin: 'ab'.repeat(32) })

/** A leader whose group agrees to everything at once, unless the test says otherwise. */
class Leader {
  members: MemberView[] = [member('1'), member('2'), member('3')]
  readonly tombstones = new Set<string>()
  readonly proposed: ConfChangeV2[] = []
  leaderId: string | null = '1'
  hasMajority = true
  agrees = true
  roles: GroupRoles | null = null
  readonly clock = new HandClock()
  readonly watch = new Watch(this.clock)
  readonly changes = new GroupChanges({
    selfId: '1',
    leaderId: () => this.leaderId,
    members: () => this.members,
    record: (id) => (this.tombstones.has(id) ? ({ id, removedAt: 9 } as MemberEntry) : undefined),
    roles: () => this.roles,
    read: async () => (this.hasMajority ? ok(null) : fail(null)),
    propose: async (change) => {
      this.proposed.push(change)
      if (this.agrees) this.#apply(change)
      return ok(null)
    },
    transferTo: (id) => {
      this.leaderId = String(id)
      this.watch.poke()
    },
    watch: this.watch,
  })

  #apply({ changes }: ConfChangeV2): void {
    for (const { type, nodeId } of changes) {
      const id = String(nodeId)
      const others = this.members.filter((each) => each.id !== id)
      const role = type === 'ConfChangeAddNode' ? 'voter' : 'learner'
      this.members = type === 'ConfChangeRemoveNode' ? others : [...others, member(id, { role })]
    }
    this.watch.poke()
  }
}

test('who does not lead answers so, and proposes nothing', async () => {
  const leader = new Leader()
  leader.leaderId = '2'
  const answer = await leader.changes.answer('3', 'group/add', newcomer('4'))
  expect(answer).toMatchObject({ ok: false, error: { kind: 'not-leader' } })
  expect(leader.proposed).toEqual([])
})

test('a newcomer enters as a copy, once however often it is asked', async () => {
  const leader = new Leader()
  expect(await leader.changes.answer('2', 'group/add', newcomer('4'))).toEqual(ok(null))
  expect(await leader.changes.answer('2', 'group/add', newcomer('4'))).toEqual(ok(null))
  expect(leader.proposed).toHaveLength(1)
  expect(leader.proposed[0]?.changes).toEqual([{ type: 'ConfChangeAddLearnerNode', nodeId: 4n }])
})

test('nothing is proposed that no majority could agree to', async () => {
  const leader = new Leader()
  leader.hasMajority = false
  for (const [name, body] of [
    ['group/can-change', null],
    ['group/add', newcomer('4')],
  ] as const) {
    const answer = await leader.changes.answer('2', name, body)
    expect(answer).toMatchObject({ ok: false, error: { kind: 'not-now' } })
  }
  expect(leader.proposed).toEqual([])
})

test('an id that was removed is never let in again', async () => {
  const leader = new Leader()
  leader.tombstones.add('4')
  const answer = await leader.changes.answer('2', 'group/add', newcomer('4'))
  expect(answer).toMatchObject({ ok: false, error: { kind: 'removed' } })
  expect(leader.proposed).toEqual([])
})

test(`a group has at most ${membersMax} devices`, async () => {
  const leader = new Leader()
  leader.members = Array.from({ length: membersMax - 1 }, (_, n) => member(String(n + 1)))
  expect(await leader.changes.answer('2', 'group/add', newcomer('100'))).toEqual(ok(null))
  const answer = await leader.changes.answer('2', 'group/add', newcomer('101'))
  expect(answer).toMatchObject({ ok: false, error: { kind: 'not-now' } })
})

test('removing what would lose the majority is refused with the reason', async () => {
  const leader = new Leader()
  leader.members = [member('1'), member('2'), member('3', { online: false })]
  const answer = await leader.changes.answer('1', 'group/remove', { id: '2' })
  expect(answer).toMatchObject({ ok: false, error: { kind: 'not-now' } })
  expect(await leader.changes.answer('1', 'group/remove', { id: '3' })).toEqual(ok(null))
})

test('one change at a time: the next waits until the one before is applied or given up', async () => {
  const leader = new Leader()
  leader.agrees = false
  const first = leader.changes.answer('1', 'group/add', newcomer('4'))
  const second = leader.changes.answer('1', 'group/add', newcomer('5'))
  await turns()
  expect(leader.proposed).toHaveLength(1)
  leader.agrees = true
  leader.clock.advance(changeMs)
  expect(await first).toMatchObject({ ok: false, error: { kind: 'not-now' } })
  expect(await second).toEqual(ok(null))
  expect(leader.proposed).toHaveLength(2)
})

test('a leader that is to be removed hands over first and removes nobody', async () => {
  const leader = new Leader()
  const view = { role: 'voter', match: 5, active: true, addedAt: 1 } as const
  leader.roles = {
    leaderId: '1',
    commit: 5,
    members: [
      { id: '1', ...view },
      { id: '2', ...view, match: 4 },
      { id: '3', ...view },
    ],
  }
  const answer = await leader.changes.answer('2', 'group/remove', { id: '1' })
  expect(answer).toMatchObject({ ok: false, error: { kind: 'not-leader' } })
  expect(leader.leaderId).toBe('3')
  expect(leader.proposed).toEqual([])
})

test('asks of the wrong shape change nothing', async () => {
  const leader = new Leader()
  for (const [name, body] of [
    ['group/can-change', {}],
    ['group/add', { ...newcomer('4'), id: 'x' }],
    ['group/add', { ...newcomer('4'), name: '' }],
    ['group/add', { ...newcomer('4'), addresses: Array.from({ length: 99 }, () => 'a:1') }],
    ['group/add', null],
    ['group/remove', { id: 4 }],
    ['group/lead', {}],
    ['group/other', {}],
  ] as const) {
    expect([name, await leader.changes.answer('2', name, body)]).toMatchObject([
      name,
      { ok: false },
    ])
  }
  expect(leader.proposed).toEqual([])
})
