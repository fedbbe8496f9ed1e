import { expect, test } from 'vitest'
import { roundNotesMax } from '../../src-main/store/file-store.ts'
import { openStore } from '../../src-main/store/note-store.ts'
import type { Note } from '../../src-shared/notes/note.ts'
import { HandClock } from '../net/hand-clock.ts'
import { LyingDisk } from '../support/lying-disk.ts'

const at = '2030-01-01T00:00:00.000Z'

function note(n: number): Note {
  const facts = { title: null, body: `note ${n}`, tags: [], pinned: false, trashed: false }
  const times = { createdAt: at, updatedAt: at }
  const id = n.toString(16).padStart(32, '0')
  const rest = { origin: null, seqs: {}, recent: [], chain: '' }
  return { id, rev: 1, index: n, ...facts, ...times, ...rest }
}

test('a close whose time is over stops with the round that is under way; the rest is rebuilt', async () => {
  const disk = new LyingDisk()
  const clock = new HandClock()
  const opened = await openStore(disk, { clock, dir: 'notes' })
  if (!opened.ok) throw new Error(opened.error.kind)
  const notes = Array.from({ length: 3 * roundNotesMax }, (_, n) => note(n + 1))
  opened.value.reconcile(notes, notes.length)
  let renames = 0
  disk.fault = ({ verb }) => {
    if (verb === 'rename' && ++renames === 1) clock.advance(100)
    return null
  }
  await opened.value.close(100)
  expect(opened.value.waiting()).toBe(2 * roundNotesMax)
  disk.fault = () => null
  const again = await openStore(disk, { clock, dir: 'notes' })
  if (!again.ok) throw new Error(again.error.kind)
  again.value.reconcile(notes, notes.length)
  await again.value.flush()
  expect(again.value.durableIndex()).toBe(notes.length)
  await again.value.close()
})
