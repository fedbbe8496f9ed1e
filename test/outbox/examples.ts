import type { Disk } from '../../src-main/journal/disk.ts'
import { type Outbox, type OutboxOpened, openOutbox } from '../../src-main/outbox/outbox.ts'
import type { ChangeNote, NoteCommand } from '../../src-shared/notes/command.ts'
import type { PendingNote } from '../../src-shared/notes/pending.ts'

export const dir = 'outbox'

export async function opened(disk: Disk, garbageBytesMax?: number): Promise<OutboxOpened> {
  const outcome = await openOutbox(disk, {
    dir,
    ...(garbageBytesMax === undefined ? {} : { garbageBytesMax }),
  })
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.error))
  return outcome.value
}

export function noteId(number: number): string {
  return String(number).padStart(32, '0')
}

export function typed(
  id: string,
  seq: number,
  base: number,
  changes: ChangeNote['changes'],
): ChangeNote {
  const at = `2026-01-01T00:00:00.${String(seq % 1000).padStart(3, '0')}Z`
  return { kind: 'note.change', noteId: id, client: '7', seq, at, base, changes }
}

export function created(id: string, body: string): NoteCommand {
  const at = '2026-01-01T00:00:00.000Z'
  return {
    kind: 'note.create',
    noteId: id,
    client: '7',
    seq: 1,
    at,
    title: null,
    body,
    tags: [],
    pinned: false,
    origin: null,
  }
}

export function pendingNote(id: string, parts: Partial<PendingNote> = {}): PendingNote {
  return { noteId: id, base: 1, baseText: '', commands: [], sentCount: 0, ...parts }
}

/** Settles every promise; answers the failures. */
export async function failures(promises: readonly Promise<void>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(promises)
  return settled.filter((each) => each.status === 'rejected').map((each) => each.reason)
}

export async function reopened(outbox: Outbox, disk: Disk): Promise<OutboxOpened> {
  await outbox.close()
  return opened(disk)
}
