import { expect, test } from 'vitest'
import { draftOf } from '../../src-shared/notes/draft.ts'
import { at, change, command, create, Log, noteId } from './commands.ts'

test('without pending commands the draft is the note', () => {
  const log = new Log()
  log.apply(create({ title: 'T', tags: ['a'] }))
  expect(draftOf(log.note, null)).toEqual({
    title: 'T',
    text: 'hello',
    tags: ['a'],
    pinned: false,
    trashed: false,
    purged: false,
    createdAt: at,
    updatedAt: at,
  })
})

test('pending commands show, in their order', () => {
  const log = new Log()
  log.apply(create({ tags: ['a'] }))
  const later = '2026-11-21T00:00:00.000Z'
  const commands = [
    { ...change(), at: later },
    command('note.tags', { seq: 3, add: ['b'], remove: ['a'] }),
    command('note.pin', { seq: 4, pinned: true }),
    command('note.trash', { seq: 5 }),
  ]
  const pending = { noteId, base: 1, baseText: 'hello', commands, sentCount: 0 }
  expect(draftOf(log.note, pending)).toMatchObject({
    text: 'hello world',
    tags: ['b'],
    pinned: true,
    trashed: true,
    purged: false,
  })
  const purging = { ...pending, commands: [...commands, command('note.purge', { seq: 6 })] }
  expect(draftOf(log.note, purging)?.purged).toBe(true)
})

test('a note that exists only here shows its creation; nothing shows nothing', () => {
  const pending = { noteId, base: 0, baseText: '', commands: [create()], sentCount: 0 }
  expect(draftOf(null, pending)).toMatchObject({ text: 'hello', createdAt: at })
  expect(draftOf(null, { ...pending, commands: [] })).toBe(null)
  expect(draftOf(null, null)).toBe(null)
})

test('edits of a note that this member has yet to learn of again show on the text they were made on', () => {
  const pending = { noteId, base: 1, baseText: 'hello', commands: [change()], sentCount: 1 }
  expect(draftOf(null, pending)?.text).toBe('hello world')
})
