import { assert } from '../../src-shared/base/assert.ts'
import type { Clock } from '../../src-shared/base/clock.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { Random } from '../../src-shared/base/random.ts'
import type { Disk } from '../journal/disk.ts'
import { openJournal } from '../journal/open.ts'
import { type Outbox, type OutboxOpened, openOutbox } from '../outbox/outbox.ts'
import type { ConfState } from '../raft/entry.ts'
import { emptyConfState, MemoryStorage } from '../raft/log/memory-storage.ts'
import type { Journal, Log } from '../replica/ports.ts'
import { type NoteStore, openStore } from '../store/note-store.ts'
import { SnapshotUnreadable, type StateMachine } from './machine.ts'

/** A membership's files, open, and what they say. */
export interface Recovery {
  readonly journal: Journal
  readonly storage: MemoryStorage
  readonly outbox: Outbox
  readonly pending: OutboxOpened['pending']
  readonly store: NoteStore
  /** Of the snapshot that the machine was restored from; 0 and empty without one. */
  readonly applied: number
  readonly confState: ConfState
  /** For the person: what was found irregular and put right. */
  readonly notices: readonly string[]
}

/** damaged, newer: see the message, nothing was changed. disk: the machine failed. */
export interface RecoverRefused {
  readonly kind: 'damaged' | 'newer' | 'disk'
  /** Which file, what was found, what to do: for a person. */
  readonly message: string
}

export interface RecoverOptions {
  readonly disk: Disk
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly machine: StateMachine
}

/** Opens what a membership left behind: the log and its snapshot, what was pending, the notes' files. Restores the machine. */
export async function recover(options: RecoverOptions): Promise<Outcome<Recovery, RecoverRefused>> {
  const { disk, clock, random, log, machine } = options
  const onNotice = ({ file, message }: { file: string; message: string }) =>
    log.warn(`journal: ${file}: ${message}`)
  const opened = await openJournal(disk, { clock, random, onNotice })
  if (!opened.ok) {
    const { kind, file, message, advice } = opened.error
    const as = kind === 'newer-format' ? 'newer' : kind === 'disk' ? 'disk' : 'damaged'
    return fail({ kind: as, message: `${file}: ${message} ${advice}` })
  }
  const { journal, recovered } = opened.value
  const restored = await restore(journal, machine)
  if (!restored.ok) return closing(journal, restored.error)
  const outbox = await openOutbox(disk, { dir: 'outbox' })
  if (!outbox.ok) return closing(journal, refusedFile('outbox', outbox.error))
  const store = await openStore(disk, {
    clock,
    dir: 'notes',
    failed: (failure) => log.error(`store: ${failure.message}; it is rebuilt at the next start`),
  })
  if (!store.ok) {
    await outbox.value.outbox.close()
    return closing(journal, refusedFile('notes', store.error))
  }
  const storage = new MemoryStorage()
  const { snapshot, hardState, entries } = recovered
  if (snapshot !== null) storage.applySnapshot({ data: null, metadata: snapshot })
  storage.setHardState(hardState)
  storage.append(entries)
  assert(machine.index === (snapshot?.index ?? 0), 'the state stands where the log begins')
  return ok({
    journal,
    storage,
    outbox: outbox.value.outbox,
    pending: outbox.value.pending,
    store: store.value,
    applied: snapshot?.index ?? 0,
    confState: snapshot?.confState ?? emptyConfState,
    notices: [
      ...opened.value.notices.map(({ file, message }) => `${file}: ${message}`),
      ...outbox.value.notices.map(describeNotice),
    ],
  })
}

async function restore(
  journal: Journal,
  machine: StateMachine,
): Promise<Outcome<null, RecoverRefused>> {
  const reader = await journal.openSnapshot()
  if (reader === null) return ok(null)
  try {
    await machine.restore(reader.metadata, reader.records())
    return ok(null)
  } catch (error) {
    if (!(error instanceof SnapshotUnreadable)) throw error
    const kind = error.refused.kind === 'newer' ? 'newer' : 'damaged'
    return fail({ kind, message: `snap: ${error.message}.` })
  } finally {
    await reader.close()
  }
}

async function closing(
  journal: Journal,
  refused: RecoverRefused,
): Promise<Outcome<never, RecoverRefused>> {
  await journal.close()
  return fail(refused)
}

type FileRefused =
  | { readonly kind: 'newer'; readonly file: string; readonly version: number }
  | { readonly kind: 'disk' | 'unreadable'; readonly file: string; readonly message: string }

function refusedFile(room: string, refused: FileRefused): RecoverRefused {
  if (refused.kind === 'newer') {
    const message = `${refused.file}: written by a newer version of Quire (format ${refused.version}). Update Quire on this device.`
    return { kind: 'newer', message }
  }
  const kind = refused.kind === 'disk' ? 'disk' : 'damaged'
  return { kind, message: `${room}: ${refused.file}: ${refused.message}.` }
}

function describeNotice(notice: OutboxOpened['notices'][number]): string {
  const { kind, file, offset, asideAs, behind } = notice
  if (kind === 'torn') return `${file}: the last write before a crash was cut off at ${offset}.`
  return `${file}: unreadable from byte ${offset} on; ${behind.length} notes may lack pending edits. Set aside as ${asideAs}.`
}
