import { afterEach, expect, test } from 'vitest'
import {
  bodyBytesMax,
  codeUnitsMax,
  notesPerAskMax,
  queryLengthMax,
  searchLimitMax,
  titleUnitsMax,
  updatesPerPushMax,
} from '../../src-main/app/asks.ts'
import { handlers, MalformedAsk } from '../../src-main/app/handlers.ts'
import { type CallName, callNames, type Handlers } from '../../src-shared/ipc/contract.ts'
import { Household, until } from './support/devices.ts'

let house = new Household()
afterEach(async () => {
  await house.close()
  house = new Household()
})

async function opened(): Promise<Handlers> {
  return handlers(await house.start('Laptop'))
}

const noteId = 'ab'.repeat(16)

test('every call of the contract has a handler', async () => {
  expect(Object.keys(await opened()).sort()).toEqual(Object.keys(callNames).sort())
})

test('a window creates a note, types in it and finds it again', async () => {
  const calls = await opened()
  const created = await calls['notes/create']({ body: 'one' }, 'w')
  if (!created.ok) throw new Error(created.error.message)
  const { id } = created.value
  const open = await calls['notes/open']({ id }, 'w')
  if (!open.ok) throw new Error(open.error.message)
  const { version } = open.value
  const step = { client: 'w1', changes: [3, [0, ' two']] }
  const pushed = await calls['notes/push']({ id, version, updates: [step] }, 'w')
  expect(pushed).toEqual({ ok: true, value: { version: version + 1 } })
  const late = await calls['notes/push']({ id, version, updates: [step] }, 'w')
  expect(late).toMatchObject({
    ok: false,
    error: { kind: 'behind', missed: { id, version, updates: [step] } },
  })
  expect(await calls['notes/search']({ query: 'TWO', limit: 5 }, 'w')).toMatchObject([
    { id, excerpt: 'one two', from: 4, to: 7 },
  ])
  const list = await until('it is committed', async () => {
    const notes = await calls['notes/list'](null, 'w')
    return notes[0]?.pending === 0 ? notes : null
  })
  expect(list).toMatchObject([{ id, title: 'one two' }])
  expect(await calls['notes/close']({ id }, 'w')).toBeNull()
})

test('what has the wrong shape is refused as data where the answer has room for it', async () => {
  const calls = await opened()
  const bad: [CallName, unknown][] = [
    ['notes/open', null],
    ['notes/open', { id: 'x' }],
    ['notes/open', { id: noteId, more: 1 }],
    ['notes/create', { title: 'x'.repeat(titleUnitsMax + 1) }],
    ['notes/create', { body: 7 }],
    ['notes/create', { body: 'x'.repeat(bodyBytesMax + 1) }],
    ['notes/edit', { id: noteId, tags: ['x'.repeat(1_000)] }],
    ['notes/trash', { ids: Array.from({ length: notesPerAskMax + 1 }, () => noteId) }],
    ['notes/push', { id: noteId, version: -1, updates: [] }],
    ['notes/push', { id: noteId, version: 0, updates: [{ client: '', changes: [] }] }],
    ['notes/push', { id: noteId, version: 0, updates: [{ client: 'w', changes: ['x'] }] }],
    ['notes/push', { id: noteId, version: 0, updates: [{ client: 'w', changes: [[0, 1]] }] }],
    ['files/import', { files: [{ path: 'a.md', bytes: 'not base64!' }] }],
    ['devices/add', { address: 'a', code: '1'.repeat(codeUnitsMax + 1), bring: false }],
    ['devices/rename', { id: 'nobody', name: 'x' }],
    ['devices/rename', { id: '12', name: '  ' }],
    ['devices/remove', {}],
  ]
  for (const [name, ask] of bad) {
    expect([name, await calls[name](ask, 'w')]).toMatchObject([
      name,
      { ok: false, error: { kind: 'malformed' } },
    ])
  }
})

test('and rejects where it has none', async () => {
  const calls = await opened()
  const bad: [CallName, unknown][] = [
    ['status/get', {}],
    ['notes/list', 1],
    ['notes/close', { id: 1 }],
    ['notes/pull', { id: noteId, version: 1.5 }],
    ['notes/search', { query: 'x'.repeat(queryLengthMax + 1), limit: 1 }],
    ['notes/search', { query: 'x', limit: searchLimitMax + 1 }],
    ['devices/consequences', { id: '0' }],
  ]
  for (const [name, ask] of bad) await expect(calls[name](ask, 'w')).rejects.toThrow(MalformedAsk)
})

test('limits are what may just be', async () => {
  const calls = await opened()
  const title = await calls['notes/create']({ title: 'x'.repeat(titleUnitsMax) }, 'w')
  expect(title.ok).toBe(true)
  const updates = Array.from({ length: updatesPerPushMax }, () => ({ client: 'w', changes: [] }))
  const push = await calls['notes/push']({ id: noteId, version: 0, updates }, 'w')
  expect(push).toMatchObject({ ok: false, error: { kind: 'not-found' } })
  const query = { query: 'x'.repeat(queryLengthMax), limit: searchLimitMax }
  expect(await calls['notes/search'](query, 'w')).toEqual([])
})

test('a note that is not there is refused in words', async () => {
  const calls = await opened()
  for (const name of ['notes/trash', 'notes/restore', 'notes/purge'] as const) {
    expect(await calls[name]({ ids: [noteId] }, 'w')).toMatchObject({
      ok: false,
      error: { kind: 'not-found', message: 'There is no such note.' },
    })
  }
})
