import type { DiskFailed } from '../../src-main/journal/disk.ts'
import type { StoredNote } from '../../src-main/store/note-file.ts'
import type { NoteStore } from '../../src-main/store/note-store.ts'
import { openStore } from '../../src-main/store/note-store.ts'
import type { Note } from '../../src-shared/notes/note.ts'
import { HandClock } from '../net/hand-clock.ts'
import type { WatchedDisk } from '../support/watched-disk.ts'

export const dir = 'notes'

export function noteId(number: number): string {
  return number.toString(16).padStart(32, '0')
}

export function note(number: number, index: number, parts: Partial<Note> = {}): Note {
  return {
    id: noteId(number),
    rev: 1,
    index,
    title: null,
    body: `note ${number} at ${index}`,
    tags: [],
    pinned: false,
    trashed: false,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    origin: null,
    seqs: {},
    recent: [],
    chain: `chain ${number} ${index}`,
    ...parts,
  }
}

export interface Opened {
  readonly store: NoteStore
  readonly clock: HandClock
  readonly failures: DiskFailed[]
}

export async function opened(disk: WatchedDisk): Promise<Opened> {
  const clock = new HandClock()
  const failures: DiskFailed[] = []
  const outcome = await openStore(disk, { clock, dir, failed: (failure) => failures.push(failure) })
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.error))
  return { store: outcome.value, clock, failures }
}

/** As the store of a new group begins: there are no notes. */
export async function begun(disk: WatchedDisk): Promise<Opened> {
  const fresh = await opened(disk)
  fresh.store.reconcile([], 0)
  return fresh
}

/** What the directory says to one who starts now: notes by id, and the report. */
export async function loaded(disk: WatchedDisk) {
  const { store } = await opened(disk)
  const found: StoredNote[] = []
  const report = await store.load((stored) => found.push(stored))
  const notes = found.map((stored) => stored.note).sort((a, b) => (a.id < b.id ? -1 : 1))
  return { store, report, notes, found }
}

/** Until whatever the clock set off has ended: the lying disk takes no time, only turns. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
}
