import { afterEach, expect, test } from 'vitest'
import type { ListNotes, NotePage } from '../../src-main/app/device-api.ts'
import { applied, Household, refusal, until, value, wait } from './support/devices.ts'

let house = new Household()
afterEach(async () => {
  await house.close()
  house = new Household()
})

const plain = { linearizable: false } as const

test('a fresh device is a group of one, and takes a note at once', async () => {
  const device = await house.start('Laptop')
  const { id, rev } = applied(await device.createNote({ body: '# Hello\nworld' }, wait))
  expect(rev).toBe(1)
  const note = value(await device.readNote(id, plain))
  expect(note).toMatchObject({ body: '# Hello\nworld', draft: null, pending: 0 })
  expect(note.summary).toMatchObject({ title: 'Hello', titleDerived: true, preview: 'world' })
  expect(note.summary.durability).toEqual({ state: 'saved', holders: 1, members: 1 })
  const status = await device.status()
  expect(status.device.role).toBe('leader')
  expect(status.sentence).toBe('All notes are saved on this device.')
  expect(status.trouble).toBeNull()
})

test('everything is there again after a restart', async () => {
  const dir = await house.newDir()
  const first = await house.start('Laptop', dir)
  const { id } = applied(await first.createNote({ title: 'Kept', body: 'one' }, wait))
  applied(await first.putText(id, { body: 'one two', baseRev: 1 }, wait))
  applied(await first.editNote(id, { tags: ['b', 'a'], pinned: true }, wait))
  const before = await first.status()
  await house.stop(first)
  const second = await house.start('Other name', dir)
  const after = await second.status()
  expect(after.device).toMatchObject({ id: before.device.id, name: 'Laptop' })
  expect(second.peerAddress).toBe(first.peerAddress)
  const note = await until('it is applied again', async () => {
    const read = await second.readNote(id, plain)
    return read.ok && read.value.summary.pinned ? read.value : null
  })
  expect(note).toMatchObject({ body: 'one two', pending: 0 })
  expect(note.summary).toMatchObject({ title: 'Kept', rev: 2, tags: ['a', 'b'], pinned: true })
  expect(applied(await second.putText(id, { body: 'three', baseRev: null }, wait)).rev).toBe(3)
})

test('a directory in use is refused by name', async () => {
  const dir = await house.newDir()
  await house.start('Laptop', dir)
  const error = await house.start('Second', dir).catch((refused: Error) => refused.message)
  expect(error).toContain('in-use')
  expect(error).toContain(dir)
})

test('a write that changes nothing answers the revision that is', async () => {
  const device = await house.start('Laptop')
  const { id } = applied(await device.createNote({ body: 'same' }, wait))
  expect(applied(await device.putText(id, { body: 'same', baseRev: 1 }, wait)).rev).toBe(1)
  expect(applied(await device.editNote(id, { pinned: false }, wait)).rev).toBe(1)
  expect((await device.status()).outbox.pending).toBe(0)
})

test('an edit of an older revision merges and never overwrites', async () => {
  const device = await house.start('Laptop')
  const { id } = applied(await device.createNote({ body: 'apples\nmilk\n' }, wait))
  applied(await device.putText(id, { body: 'apples\nbread\nmilk\n', baseRev: 1 }, wait))
  applied(await device.changeText(id, { baseRev: 1, changes: [12, [0, 'eggs', '']] }, wait))
  applied(await device.putText(id, { body: 'pears\nmilk\n', baseRev: 1 }, wait))
  const { body } = value(await device.readNote(id, plain))
  expect(body).toBe('pears\nbread\nmilk\neggs\n')
})

test('what cannot be taken is refused with its reason, and nothing changes', async () => {
  const device = await house.start('Laptop')
  const { id } = applied(await device.createNote({ body: 'four' }, wait))
  const kind = async (asked: Promise<Parameters<typeof refusal>[0]>) =>
    (refusal(await asked) as { kind: string }).kind
  const change = (changes: never[] | (number | [number, ...string[]])[], baseRev = 1) =>
    device.changeText(id, { baseRev, changes }, wait)
  expect(await kind(change([3]))).toBe('does-not-fit')
  expect(await kind(change([9, [0, 'x']]))).toBe('does-not-fit')
  expect(await kind(change([4, [0, 'x']], 2))).toBe('does-not-fit')
  expect(await kind(change([4, [0, '\ud800']]))).toBe('does-not-fit')
  const long = 'x'.repeat(8 * 1024 * 1024 + 1)
  expect(await kind(device.putText(id, { body: long, baseRev: null }, wait))).toBe('too-large')
  expect(await kind(device.createNote({ body: long }, wait))).toBe('too-large')
  expect(await kind(device.createNote({ title: ' ', body: '' }, wait))).toBe('does-not-fit')
  expect(await kind(device.putText('0'.repeat(32), { body: '', baseRev: null }, wait))).toBe(
    'not-found',
  )
  const { summary, body } = value(await device.readNote(id, plain))
  expect([summary.rev, body]).toEqual([1, 'four'])
})

test('trash, restore and purge', async () => {
  const device = await house.start('Laptop')
  const { id } = applied(await device.createNote({ body: 'gone soon' }, wait))
  const all = { query: null, tag: null, limit: 10, cursor: null }
  applied(await device.trashNote(id, wait))
  expect(value(await device.listNotes({ ...all, trashed: null })).notes).toEqual([])
  expect(value(await device.listNotes({ ...all, trashed: true })).notes).toHaveLength(1)
  applied(await device.restoreNote(id, wait))
  expect(value(await device.listNotes({ ...all, trashed: null })).notes).toHaveLength(1)
  applied(await device.purgeNote(id, wait))
  expect(refusal(await device.readNote(id, plain))).toMatchObject({ kind: 'not-found' })
  expect(refusal(await device.restoreNote(id, wait))).toMatchObject({ kind: 'not-found' })
})

test('a note of 8 MiB goes through in parts', async () => {
  const device = await house.start('Laptop')
  const body = `${'line of text\n'.repeat(600_000)}`
  const { id } = applied(await device.createNote({ body }, wait))
  expect(value(await device.readNote(id, plain)).body).toBe(body)
})

test('a list comes in pages that neither repeat nor leave out', async () => {
  const device = await house.start('Laptop')
  const ids: string[] = []
  for (let n = 0; n < 7; n += 1) {
    ids.push(applied(await device.createNote({ body: `note ${n}`, tags: ['t'] }, wait)).id)
  }
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const ask: ListNotes = { query: 'NOTE', tag: 't', trashed: null, limit: 3, cursor }
    const page: NotePage = value(await device.listNotes(ask))
    seen.push(...page.notes.map(({ id }) => id))
    cursor = page.cursor
  } while (cursor !== null)
  expect([...seen].sort()).toEqual([...ids].sort())
  expect(seen).toHaveLength(7)
  const bad = { query: null, tag: null, trashed: null, limit: 3, cursor: 'bm90IG91cnM' }
  expect(refusal(await device.listNotes(bad))).toMatchObject({ kind: 'malformed' })
})
