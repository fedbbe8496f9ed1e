import type { Clock } from '../../src-shared/base/clock.ts'
import type { NoteId } from '../../src-shared/base/ids.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { fitsInBytes } from '../../src-shared/base/utf8.ts'
import { type Document, draftOfDocument } from '../../src-shared/notes/document.ts'
import { bodyBytesMax } from '../../src-shared/notes/limits.ts'
import type { NewNote } from '../../src-shared/notes/opening.ts'
import { type Wish, wish } from '../../src-shared/notes/wishes.ts'
import { withChangesAt, withTextAt } from './based-edit.ts'
import type { ChangeText, EditNote, PutText, Refused, Wait, Written } from './device-api.ts'
import type { Documents } from './documents.ts'
import type { Fate, OpenNote, Waiter } from './open-note.ts'

export interface WritesPorts {
  readonly documents: Documents
  readonly clock: Clock
  /** Why nothing may be written now; null: go on. */
  refusal(): Refused | null
}

type Result = Outcome<Written, Refused>

/**
 * Writes by name, as a script or a menu makes them: each becomes a command in the note's queue. Saved means durable in
 * this device's outbox; applied means committed and in the note as this device has it.
 */
export class Writes {
  readonly #ports: WritesPorts

  constructor(ports: WritesPorts) {
    this.#ports = ports
  }

  async create(note: Omit<NewNote, 'at'>, wait: Wait): Promise<Result> {
    const refused = this.#ports.refusal()
    if (refused !== null) return fail(refused)
    if (!fitsInBytes(note.body, bodyBytesMax)) return fail(tooLarge)
    const created = this.#ports.documents.create(note)
    if (!created.ok) return fail(doesNotFit(created.error))
    return this.#submit(created.value, created.value.document, wait)
  }

  putText(id: NoteId, ask: PutText, wait: Wait): Promise<Result> {
    return this.#edit(id, wait, (document, at) => withTextAt(document, ask, at))
  }

  changeText(id: NoteId, ask: ChangeText, wait: Wait): Promise<Result> {
    return this.#edit(id, wait, (document, at) => withChangesAt(document, ask, at))
  }

  edit(id: NoteId, ask: EditNote, wait: Wait): Promise<Result> {
    return this.#edit(id, wait, (document, at) => withWishes(document, wishesOf(document, ask), at))
  }

  /** Trash, restore or purge. */
  wish(id: NoteId, wanted: Wish, wait: Wait): Promise<Result> {
    return this.#edit(id, wait, (document, at) => withWishes(document, [wanted], at))
  }

  async #edit(
    id: NoteId,
    wait: Wait,
    change: (document: Document, at: string) => Outcome<Document, Refused>,
  ): Promise<Result> {
    const refused = this.#ports.refusal()
    if (refused !== null) return fail(refused)
    const open = this.#ports.documents.find(id)
    if (open === null) return fail(notFound)
    const changed = change(open.document, this.#ports.clock.wall())
    if (changed.ok) return this.#submit(open, changed.value, wait)
    this.#ports.documents.letGo(open)
    return changed
  }

  async #submit(open: OpenNote, document: Document, wait: Wait): Promise<Result> {
    const { documents } = this.#ports
    const isSame = document.pending === open.document.pending && document.note !== null
    if (isSame) {
      documents.letGo(open)
      return ok(standing(document))
    }
    const waiting = this.#wait(open, document)
    try {
      await documents.edit(open, document)
    } catch {
      open.waiters.delete(waiting.waiter)
      return fail(notSaved) // whoever failed to save has told everybody what went wrong
    }
    const fate = await waiting.fate(wait.ms)
    open.waiters.delete(waiting.waiter)
    documents.letGo(open)
    return answerTo(document, fate)
  }

  #wait(
    open: OpenNote,
    document: Document,
  ): { readonly waiter: Waiter; fate(ms: number): Promise<Fate | null> } {
    let known: Fate | null = null
    let tell: (fate: Fate | null) => void = () => undefined
    const seq = document.pending.commands.at(-1)?.seq ?? 0
    const waiter: Waiter = {
      seq,
      settle: (fate) => {
        known = fate
        tell(fate)
      },
    }
    if (seq === 0)
      known = { kind: 'applied', rev: 0, index: 0 } // it never left, and is gone
    else open.waiters.add(waiter)
    const fate = (ms: number): Promise<Fate | null> => {
      if (known !== null || ms <= 0) return Promise.resolve(known)
      return new Promise((resolve) => {
        const stopClock = this.#ports.clock.after(ms, () => resolve(null))
        tell = (told) => {
          stopClock()
          resolve(told)
        }
      })
    }
    return { waiter, fate }
  }
}

/** All or none: what cannot be wished for takes the others with it. */
function withWishes(
  document: Document,
  wishes: readonly Wish[],
  at: string,
): Outcome<Document, Refused> {
  let next = document
  for (const wanted of wishes) {
    const wished = wish(next, wanted, at)
    if (!wished.ok)
      return fail(draftOfDocument(next) === null ? notFound : doesNotFit(wished.error.reason))
    next = wished.value
  }
  return ok(next)
}

function wishesOf(document: Document, ask: EditNote): readonly Wish[] {
  const wishes: Wish[] = []
  if (ask.title !== undefined) wishes.push({ kind: 'title', title: ask.title })
  if (ask.pinned !== undefined) wishes.push({ kind: 'pin', pinned: ask.pinned })
  if (ask.tags !== undefined) {
    const before = draftOfDocument(document)?.tags ?? []
    const after = ask.tags
    const add = after.filter((tag) => !before.includes(tag))
    wishes.push({ kind: 'tags', add, remove: before.filter((tag) => !after.includes(tag)) })
  }
  return wishes
}

/** A write that changes nothing: the note as it is. */
function standing(document: Document): Written {
  const { noteId, note } = document
  return { state: 'applied', id: noteId, rev: note?.rev ?? 0, index: note?.index ?? 0 }
}

function answerTo(document: Document, fate: Fate | null): Result {
  const { noteId: id, note } = document
  if (fate === null) return ok({ state: 'saved', id, rev: note?.rev ?? 0 })
  switch (fate.kind) {
    case 'applied':
      return ok({ state: 'applied', id, rev: fate.rev, index: fate.index })
    case 'gone':
      return fail({
        kind: 'not-found',
        message:
          'This note was deleted for ever on another device meanwhile. Words that were on their way are kept in a note of their own.',
      })
    case 'refused':
      return fail(doesNotFit(fate.reason))
    case 'removed':
      return fail({ kind: 'removed', message: 'This device was removed from its group.' })
  }
}

const notFound: Refused = { kind: 'not-found', message: 'There is no such note.' }
const tooLarge: Refused = { kind: 'too-large', message: 'A note holds at most 8 MiB.' }
const notSaved: Refused = {
  kind: 'stopped',
  message:
    'It could not be saved, because the disk takes nothing now. It is kept in memory, and saved when the disk has space again.',
}

function doesNotFit(reason: string): Refused {
  return { kind: 'does-not-fit', message: `It cannot be taken: ${reason}.` }
}
