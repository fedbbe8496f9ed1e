import { expect, test } from 'vitest'
import { placesOf, rowsOf } from '../../../src-renderer/notes/browse.ts'
import type { NoteSummary } from '../../../src-shared/ipc/contract.ts'

function note(id: string, part: Partial<NoteSummary> = {}): NoteSummary {
  return {
    id,
    title: id,
    titleDerived: true,
    preview: '',
    rev: 1,
    index: 1,
    tags: [],
    trashed: false,
    pinned: false,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    pending: 0,
    durability: { state: 'all', holders: 3, members: 3 },
    ...part,
  }
}

const map = (...notes: readonly NoteSummary[]) => new Map(notes.map((one) => [one.id, one]))
const ids = (rows: ReturnType<typeof rowsOf>) => rows.map((row) => row.note.id)

test('pinned notes come first, then the last edited', () => {
  const all = map(
    note('old', { updatedAt: '2026-01-01T00:00:00.000Z' }),
    note('new', { updatedAt: '2026-02-01T00:00:00.000Z' }),
    note('pinned', { pinned: true, updatedAt: '2025-01-01T00:00:00.000Z' }),
    note('away', { trashed: true }),
  )
  expect(ids(rowsOf(all, { kind: 'all' }, '', []))).toEqual(['pinned', 'new', 'old'])
  expect(ids(rowsOf(all, { kind: 'trash' }, '', []))).toEqual(['away'])
})

test('a search shows titles at once, and then the texts that were found, each note once', () => {
  const all = map(note('Rye bread'), note('Butter'), note('Rye fields'))
  const hit = (id: string) => ({ id, excerpt: 'with rye', from: 5, to: 8 })
  const rows = rowsOf(all, { kind: 'all' }, ' RYE ', [hit('Butter'), hit('Rye bread')])
  expect(ids(rows)).toEqual(['Rye bread', 'Rye fields', 'Butter'])
  expect(rows.map((row) => row.hit !== null)).toEqual([false, false, true])
})

test('a hit in a note that is not in this place, or no more, is not shown', () => {
  const all = map(note('kept'), note('away', { trashed: true }))
  const hits = ['kept', 'away', 'gone'].map((id) => ({ id, excerpt: 'x', from: 0, to: 1 }))
  expect(ids(rowsOf(all, { kind: 'all' }, 'x', hits))).toEqual(['kept'])
})

test('tags are counted over what is not in the trash', () => {
  const all = map(
    note('a', { tags: ['b', 'a'] }),
    note('b', { tags: ['b'], pinned: true }),
    note('c', { tags: ['b'], trashed: true }),
  )
  expect(placesOf(all)).toEqual({
    all: 2,
    pinned: 1,
    trash: 1,
    tags: [
      { tag: 'a', notes: 1 },
      { tag: 'b', notes: 2 },
    ],
  })
})
