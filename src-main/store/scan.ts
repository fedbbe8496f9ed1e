import { Low } from 'lowdb'
import type { NoteId } from '../../src-shared/base/ids.ts'
import { type Disk, type DiskEntry, DiskFailed } from '../journal/disk.ts'
import { DurableFile, RecordUnreadable } from './durable-file.ts'
import { Imprints } from './imprints.ts'
import { asideDir, type Mark, markName, noteIdOf, type StoredNote } from './note-file.ts'

export interface DamagedFile {
  readonly noteId: NoteId
  readonly file: string
  /** For a person: what is wrong with it. */
  readonly reason: string
  /** Where the next write sets it aside. */
  readonly asideAs: string
}

export interface Scan {
  readonly files: Imprints
  readonly damaged: readonly DamagedFile[]
  /** Half-written files, in full. */
  readonly litter: readonly string[]
  /** The mark's index, when the directory is exactly as it says; else null. */
  readonly completeAt: number | null
}

/** Files that are read at a time. */
export const readersMax = 8

/** Reads every note's file. `take` gets the sound ones, in no order. Rejects only when the directory cannot be listed. */
export async function scan(
  disk: Disk,
  dir: string,
  take: (stored: StoredNote) => void,
): Promise<Scan> {
  const entries = await disk.list(dir)
  const files = new Imprints()
  const faults: { noteId: NoteId; file: string; reason: string }[] = []
  await inParallel(entries, readersMax, async ({ name, size }) => {
    const noteId = noteIdOf(name)
    if (noteId === null) return
    const file = `${dir}/${name}`
    const stored = await readNote(disk, { noteId, file, size })
    if (typeof stored === 'string') return void faults.push({ noteId, file, reason: stored })
    files.set(noteId, { index: stored.index, chain: stored.note.chain, size })
    take(stored)
  })
  const mark = await readMark(disk, dir, entries)
  return {
    files,
    damaged: await withPlaces(disk, dir, faults),
    litter: entries.filter(isHalf).map(({ name }) => `${dir}/${name}`),
    completeAt: mark !== null && faults.length === 0 && files.matches(mark) ? mark.index : null,
  }
}

/** A sentence: why it cannot be read. */
export async function readNote(
  disk: Disk,
  { noteId, file, size }: { noteId: NoteId; file: string; size: number },
): Promise<StoredNote | string> {
  try {
    const low = new Low<StoredNote | null>(
      new DurableFile('note', { disk, name: file, size }),
      null,
    )
    await low.read()
    // A sound file under another note's name was moved, or written to the wrong place.
    if (low.data?.note.id !== noteId) return 'It is the file of another note.'
    return low.data
  } catch (cause) {
    if (cause instanceof DiskFailed) return `The disk cannot read it (${cause.message}).`
    if (!(cause instanceof RecordUnreadable)) throw cause
    if (cause.fault.kind === 'damaged') return 'Its checksum is wrong.'
    return `It was written by a later version of the app (format ${cause.fault.version}).`
  }
}

/** Null where there is none that can be believed: then nothing is built on it. Rejects with one of a later version. */
export async function readMark(
  disk: Disk,
  dir: string,
  entries: readonly DiskEntry[],
): Promise<Mark | null> {
  const entry = entries.find(({ name }) => name === markName)
  if (entry === undefined) return null
  const place = { disk, name: `${dir}/${markName}`, size: entry.size }
  try {
    const low = new Low<Mark | null>(new DurableFile('mark', place), null)
    await low.read()
    return low.data
  } catch (cause) {
    if (cause instanceof RecordUnreadable && cause.fault.kind === 'damaged') return null
    throw cause
  }
}

function isHalf({ name }: DiskEntry): boolean {
  return name.endsWith('.json.tmp')
}

async function withPlaces(
  disk: Disk,
  dir: string,
  faults: readonly { noteId: NoteId; file: string; reason: string }[],
): Promise<DamagedFile[]> {
  if (faults.length === 0) return []
  const taken = new Set((await disk.list(`${dir}/${asideDir}`)).map(({ name }) => name))
  return faults.map((fault) => {
    let number = 1
    while (taken.has(`${fault.noteId}-${number}.json`)) number += 1
    return { ...fault, asideAs: `${dir}/${asideDir}/${fault.noteId}-${number}.json` }
  })
}

/** The first failure is the answer, once all that was begun has ended. */
export async function inParallel<T>(
  items: Iterable<T>,
  workers: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const source = items[Symbol.iterator]()
  let failure: { readonly cause: unknown } | null = null
  const worker = async (): Promise<void> => {
    for (let next = source.next(); !next.done && failure === null; next = source.next()) {
      try {
        await work(next.value)
      } catch (cause) {
        failure ??= { cause }
      }
    }
  }
  await Promise.all(Array.from({ length: workers }, worker))
  if (failure !== null) throw (failure as { readonly cause: unknown }).cause
}
