import { Low } from 'lowdb'
import type { NoteId } from '../../src-shared/base/ids.ts'
import type { Note } from '../../src-shared/notes/note.ts'
import { type Disk, DiskFailed } from '../journal/disk.ts'
import { DurableFile, durably } from './durable-file.ts'
import type { Imprints } from './imprints.ts'
import {
  asideDir,
  type Imprint,
  isImprintOf,
  type Mark,
  markName,
  noteNameOf,
  type StoredNote,
} from './note-file.ts'
import { type DamagedFile, inParallel, readNote, type Scan } from './scan.ts'

/** Files that are written at a time. */
export const writersMax = 4

/** The directory after its scan: what is in it, and how it is changed durably. */
export class StoreDirectory {
  readonly #disk: Disk
  readonly #dir: string
  readonly #files: Imprints
  #damaged: readonly DamagedFile[]
  #litter: readonly string[]
  #hasDir = false
  /** Null: the directory does not match its mark. */
  #markedIndex: number | null

  constructor(disk: Disk, dir: string, found: Scan) {
    this.#disk = disk
    this.#dir = dir
    this.#files = found.files
    this.#damaged = found.damaged
    this.#litter = found.litter
    this.#markedIndex = found.completeAt
  }

  get markedIndex(): number | null {
    return this.#markedIndex
  }

  /** True: nothing damaged or half-written is in the way. */
  get isTidy(): boolean {
    return this.#damaged.length === 0 && this.#litter.length === 0
  }

  ids(): NoteId[] {
    return this.#files.ids()
  }

  /** `note` null: there is no file of it. */
  holds(id: NoteId, note: Note | null): boolean {
    const imprint = this.#files.get(id)
    if (imprint === undefined || note === null) return imprint === undefined && note === null
    return isImprintOf(imprint, note)
  }

  async read(noteId: NoteId): Promise<StoredNote | null> {
    const size = this.#files.get(noteId)?.size
    if (size === undefined) return null
    const stored = await readNote(this.#disk, { noteId, file: this.#fileOf(noteId), size })
    return typeof stored === 'string' ? null : stored
  }

  /** Before anything is written: what is damaged is set aside. */
  async tidy(): Promise<void> {
    if (!this.#hasDir) {
      await this.#disk.makeDir(this.#dir)
      await durably(this.#disk.syncDir(this.#dir.split('/').slice(0, -1).join('/')))
      this.#hasDir = true
    }
    for (const file of this.#litter) await this.#disk.remove(file).catch(unlessMissing)
    this.#litter = []
    if (this.#damaged.length > 0) await this.#setAside()
  }

  /** Durable when it resolves. When it rejects each note's file is old or new: write all of them again. */
  async write(notes: ReadonlyMap<NoteId, { readonly note: Note | null }>): Promise<void> {
    this.#markedIndex = null
    const written = new Map<NoteId, Imprint | null>()
    await inParallel(notes, writersMax, async ([id, { note }]) => {
      written.set(id, note === null ? await this.#removeNote(id) : await this.#writeNote(note))
    })
    await durably(this.#disk.syncDir(this.#dir))
    for (const [id, imprint] of written) {
      if (imprint === null) this.#files.delete(id)
      else this.#files.set(id, imprint)
    }
  }

  /** Says that everything up to `index` is here. */
  async mark(index: number): Promise<void> {
    const place = { disk: this.#disk, name: `${this.#dir}/${markName}` }
    await new Low<Mark>(new DurableFile('mark', place), this.#files.markedAt(index)).write()
    await durably(this.#disk.syncDir(this.#dir))
    this.#markedIndex = index
  }

  async #setAside(): Promise<void> {
    const aside = `${this.#dir}/${asideDir}`
    await this.#disk.makeDir(aside)
    await durably(this.#disk.syncDir(this.#dir))
    for (const { file, asideAs } of this.#damaged) {
      await this.#disk.rename(file, asideAs).catch(unlessMissing)
    }
    await durably(this.#disk.syncDir(aside))
    this.#damaged = []
  }

  async #writeNote(note: Note): Promise<Imprint> {
    const { index, chain } = note
    const place = { disk: this.#disk, name: this.#fileOf(note.id) }
    const file = new DurableFile<StoredNote>('note', place)
    await new Low<StoredNote>(file, { note, index }).write()
    return { index, chain, size: file.size }
  }

  async #removeNote(id: NoteId): Promise<null> {
    await this.#disk.remove(this.#fileOf(id)).catch(unlessMissing)
    return null
  }

  #fileOf(id: NoteId): string {
    return `${this.#dir}/${noteNameOf(id)}`
  }
}

function unlessMissing(failure: unknown): void {
  if (!(failure instanceof DiskFailed && failure.failure === 'missing')) throw failure
}
