import { assert } from '../../src-shared/base/assert.ts'
import type { NoteId } from '../../src-shared/base/ids.ts'
import type { PendingNote } from '../../src-shared/notes/pending.ts'
import type { Disk } from '../journal/disk.ts'
import { payloadBytesMax } from './frame.ts'
import { KnownNotes } from './known-notes.ts'
import { type Found, LogWriter, mayPass } from './log-writer.ts'
import { pendingUnits, type Update, updateTo } from './update.ts'

/*
 * What this device took and nobody has agreed to yet. It is a log: every put is one checked record at the end of one
 * file, so that replacing a note's base text and commands is atomic whatever the disk tears. Three things keep it cheap:
 *
 * - A put writes the difference. Text and commands are compared with what the log already says of the note, and where
 *   that is much smaller a patch is written: a splice of the base text, and of the one command that grew. A burst in a
 *   note of two megabytes is a few hundred bytes. A dropped note's text stays known for a while (known-notes.ts), for
 *   while one types online every burst is put, sent, agreed to and dropped, and the next is based on nearly the same text.
 * - Puts made while the disk works wait together, the latest of each note, and are one record under one fsync: after a
 *   crash either all of such a batch is there or nothing of it.
 * - What is superseded is garbage. Above `garbageBytesMax` and twice what the file was when it was new, or far above what
 *   is pending, a new file is written with the pending notes only and takes the old one's place by rename. A full disk
 *   merely puts that off.
 *
 * A patch names the record that it was made on. So damage, which a crash cannot cause, costs no more than the records
 * that it hit and the patches on them: for such a note the last state that can be read is kept, which is safe to
 * propose again, because its commands carry the sequences they were given (thesis §6.3).
 */

/** Of a file whose pending notes are few. */
export const garbageBytesMax = 4 * 1024 * 1024
/** Of a batch, roughly: what is more waits for the next. */
export const batchUnitsMax = 4 * 1024 * 1024
/** A file may be so many times its pending notes' units: above six, which is what escapes can make of one. */
const bytesPerUnitMax = 8

/** Of what is durable: queued puts are not counted. */
export interface OutboxSizes {
  readonly notes: number
  readonly commands: number
  /** Bytes of the log file, garbage included. */
  readonly fileBytes: number
}

/** See `Outbox` for what its calls promise. */
export class LoggedOutbox {
  readonly #writer: LogWriter
  #known = new KnownNotes()
  /** One state a note at most, which its document holds anyway. */
  #queue = new Map<NoteId, Waiting>()
  /** The failure after which nothing is written any more. */
  #failed: { readonly cause: unknown } | null = null
  #draining: Promise<void> | null = null
  #isClosed = false
  /** A full disk put a switch off until the file has this size. */
  #switchAtBytes = 0

  readonly #garbageBytesMax: number

  constructor(disk: Disk, place: { dir: string; garbageBytesMax: number }, found: FoundPending) {
    this.#writer = new LogWriter(disk, place.dir, found)
    this.#garbageBytesMax = place.garbageBytesMax
    for (const pending of found.pending) this.#known.put(pending, 0)
  }

  put(pending: PendingNote): Promise<void> {
    return this.#enqueue(pending.noteId, pending)
  }

  drop(noteId: NoteId): Promise<void> {
    return this.#enqueue(noteId, null)
  }

  sizes(): OutboxSizes {
    return { ...this.#known.counts(), fileBytes: this.#writer.size }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#draining
  }

  #enqueue(noteId: NoteId, pending: PendingNote | null): Promise<void> {
    return new Promise((resolve, reject) => {
      assert(!this.#isClosed, 'nothing is put into a closed outbox')
      if (this.#failed !== null) return reject(this.#failed.cause)
      const callers = this.#queue.get(noteId)?.callers ?? []
      callers.push({ resolve, reject })
      // At the end: what was put before it must not be lost while this is kept.
      this.#queue.delete(noteId)
      this.#queue.set(noteId, { pending, callers })
      this.#draining ??= this.#drain()
    })
  }

  /** One batch at a time: what is put while the disk works becomes the next. */
  async #drain(): Promise<void> {
    await null // What is put in the same turn goes together.
    while (this.#queue.size > 0) {
      const batch = this.#failed === null ? this.#takeBatch() : this.#takeAll()
      try {
        if (this.#failed !== null) throw this.#failed.cause
        await this.#write(batch)
        for (const { callers } of batch.values()) for (const each of callers) each.resolve()
      } catch (cause) {
        if (!mayPass(cause)) this.#failed ??= { cause }
        for (const { callers } of batch.values()) for (const each of callers) each.reject(cause)
      }
    }
    this.#draining = null
  }

  #takeBatch(): Batch {
    const batch = new Map<NoteId, Waiting>()
    let units = 0
    for (const [noteId, waiting] of this.#queue) {
      units += waiting.pending === null ? 0 : pendingUnits(waiting.pending)
      if (batch.size > 0 && units > batchUnitsMax) break
      batch.set(noteId, waiting)
      this.#queue.delete(noteId)
    }
    return batch
  }

  #takeAll(): Batch {
    const all = this.#queue
    this.#queue = new Map()
    return all
  }

  async #write(batch: Batch): Promise<void> {
    const updates = this.#updates(batch)
    if (updates.length === 0) return
    if (this.#isTimeToSwitch() && (await this.#switch(batch))) return
    const sequence = await this.#writer.append(updates)
    take(this.#known, batch, sequence)
  }

  #updates(batch: Batch): Uint8Array[] {
    const updates: Update[] = []
    for (const [noteId, { pending }] of batch) {
      if (pending !== null) {
        const update = updateTo(pending, this.#known.get(noteId))
        if (update !== null) updates.push(update)
      } else if (this.#known.isPending(noteId)) updates.push({ kind: 'drop', noteId })
    }
    return updates.map(encoded)
  }

  #isTimeToSwitch(): boolean {
    const { isAppendable, size, sizeAtSwitch } = this.#writer
    if (!isAppendable) return true
    if (size < this.#switchAtBytes) return false
    const garbage = size - this.#garbageBytesMax
    return garbage > 2 * sizeAtSwitch || garbage > bytesPerUnitMax * this.#known.units()
  }

  /** False: there is no room for a new file, but the old one can still be written to. */
  async #switch(batch: Batch): Promise<boolean> {
    const next = this.#known.copy()
    take(next, batch, 0)
    try {
      await this.#writer.switchTo(wholes(next), ({ update }, sequence) => {
        if (update.kind === 'whole') next.put(update.pending, sequence)
        if (update.kind === 'text') next.remember(update.noteId, update.text, sequence)
      })
    } catch (failure) {
      if (!mayPass(failure) || !this.#writer.isAppendable) throw failure
      this.#switchAtBytes = this.#writer.size + this.#garbageBytesMax
      return false
    }
    this.#known = next
    this.#switchAtBytes = 0
    return true
  }
}

interface FoundPending extends Found {
  readonly pending: readonly PendingNote[]
}

type Batch = Map<NoteId, Waiting>

interface Waiting {
  readonly pending: PendingNote | null
  readonly callers: { resolve(): void; reject(cause: unknown): void }[]
}

function take(known: KnownNotes, batch: Batch, sequence: number): void {
  for (const [noteId, { pending }] of batch) {
    if (pending === null) known.drop(noteId, sequence)
    else known.put(pending, sequence)
  }
}

/** Everything known, record by record, each made when its turn comes. */
function* wholes(known: KnownNotes): Iterable<{ update: Update; bytes: Uint8Array }> {
  for (const pending of [...known.pending()]) {
    const update: Update = { kind: 'whole', pending }
    yield { update, bytes: encoded(update) }
  }
  for (const { noteId, text } of [...known.remembered()]) {
    const update: Update = { kind: 'text', noteId, text }
    yield { update, bytes: encoded(update) }
  }
}

function encoded(update: Update): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify(update))
  assert(bytes.length + 2 <= payloadBytesMax, 'what is pending of one note fits one frame')
  return bytes
}
