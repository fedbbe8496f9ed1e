/**
 * The replicated state machine: what one command does to one note. Every member runs this over the same log, so it is
 * deterministic, reads no clock and throws nothing for what a command can get wrong. It never merges.
 *
 * [A1] A command is applied exactly when its seq is the client's last one on this note + 1; only an applied one is counted.
 * [A2] A change of the text is applied only to the revision that it was made for, and makes the next one.
 * [A3] A purged id is never a note again.
 * [A4] `recent` ends at `rev` and has no gap.
 */
import { assert } from '../base/assert.ts'
import { fitsInBytes } from '../base/utf8.ts'
import { isTombstoned } from '../members/table.ts'
import { chainAfter, chainStart, type LogPlace } from './chain.ts'
import type { ChangeNote, CreateNote, EditTags, NoteCommand, Result } from './command.ts'
import { commandFault } from './command-check.ts'
import { mergedBodyBytesMax, mergedTagsMax, recentChangesMax, recentLengthMax } from './limits.ts'
import type { AppliedChange, LastSeq, Note } from './note.ts'
import { insertedLength, misfit, removedBy, splice } from './splice.ts'
import { type NotesState, putNote, putPurged } from './state.ts'

export interface AppliedNote {
  readonly result: Result
  /** The note afterwards; null when there is none. */
  readonly note: Note | null
  /** What happened to the text, if anything. */
  readonly change: AppliedChange | null
}

/** Applies one command to the state, which the caller owns. Costs what the one note costs, however many there are. */
export function applyNote(state: NotesState, command: NoteCommand, at: LogPlace): AppliedNote {
  const note = state.notes.get(command.noteId) ?? null
  const refusal = refusalOf(state, note, command)
  if (refusal !== null) return { result: refusal, note, change: null }
  if (command.kind === 'note.purge') {
    const { noteId: id, client, seq } = command
    putPurged(state, { id, index: at.index, client, seq })
    const rev = note?.rev ?? 0
    return { result: { kind: 'applied', rev, index: at.index }, note: null, change: null }
  }
  const after = effectOf(note, command, at)
  if (after.kind !== 'done') return { result: after, note, change: null }
  putNote(state, after.note)
  const { rev } = after.note
  return {
    result: { kind: 'applied', rev, index: at.index },
    note: after.note,
    change: after.change,
  }
}

/** Everything that can be said before looking at what the command wants. */
function refusalOf(state: NotesState, note: Note | null, command: NoteCommand): Result | null {
  const { client, seq } = command
  if (isTombstoned(state.members, client)) return { kind: 'removed' }
  const purged = state.purged.get(command.noteId)
  if (purged !== undefined) {
    const isRepeat = command.kind === 'note.purge' && purged.client === client && purged.seq === seq
    return isRepeat ? { kind: 'duplicate', rev: 0, index: purged.index } : { kind: 'no-note' }
  }
  const last = note?.seqs[client]
  const expected = (last?.seq ?? 0) + 1
  if (last !== undefined && seq < expected) {
    return { kind: 'duplicate', rev: last.rev, index: last.index }
  }
  if (seq > expected) return { kind: 'gap', expected }
  if (note === null && command.kind !== 'note.create') return { kind: 'no-note' }
  if (note !== null && command.kind === 'note.create') return invalid('the note exists')
  const fault = commandFault(command)
  return fault === null ? null : invalid(fault)
}

type Effect =
  | { readonly kind: 'done'; readonly note: Note; readonly change: AppliedChange | null }
  | Extract<Result, { readonly kind: 'invalid' | 'stale' }>

function invalid(reason: string): Extract<Result, { readonly kind: 'invalid' }> {
  return { kind: 'invalid', reason }
}

function effectOf(note: Note | null, command: NoteCommand, at: LogPlace): Effect {
  if (command.kind === 'note.create') return done(created(command, at))
  assert(note !== null, 'only a creation meets no note')
  switch (command.kind) {
    case 'note.change':
      return changeText(note, command, at)
    case 'note.title':
      return done(counted(note, command, at, { title: command.title, updatedAt: command.at }))
    case 'note.tags':
      return editTags(note, command, at)
    case 'note.pin':
      return done(counted(note, command, at, { pinned: command.pinned }))
    case 'note.trash':
      return done(counted(note, command, at, { trashed: true }))
    case 'note.restore':
      return done(counted(note, command, at, { trashed: false }))
    case 'note.purge':
      return invalid('a purge leaves no note')
  }
}

function done(note: Note): Effect {
  return { kind: 'done', note, change: null }
}

function created(command: CreateNote, at: LogPlace): Note {
  return {
    id: command.noteId,
    rev: 1,
    index: at.index,
    title: command.title,
    body: command.body,
    tags: sortedTags(command.tags),
    pinned: command.pinned,
    trashed: false,
    createdAt: command.at,
    updatedAt: command.at,
    origin: command.origin,
    seqs: { [command.client]: lastOf(command, 1, at) },
    recent: [],
    chain: chainAfter(chainStart, command, at),
  }
}

function changeText(note: Note, command: ChangeNote, at: LogPlace): Effect {
  if (command.base !== note.rev) return { kind: 'stale', rev: note.rev }
  const fault = misfit(command.changes, note.body)
  if (fault !== null) return invalid(fault)
  const body = splice(note.body, command.changes)
  const isGrown = body.length > note.body.length
  if (isGrown && !fitsInBytes(body, mergedBodyBytesMax)) return invalid('the text grows too long')
  const change: AppliedChange = {
    rev: note.rev + 1,
    index: at.index,
    term: at.term,
    client: command.client,
    seq: command.seq,
    at: command.at,
    changes: command.changes,
    removed: removedBy(note.body, command.changes),
  }
  const changed: Note = {
    ...note,
    rev: change.rev,
    index: at.index,
    body,
    updatedAt: command.at,
    seqs: { ...note.seqs, [command.client]: lastOf(command, change.rev, at) },
    recent: withRecent(note.recent, change),
    chain: chainAfter(note.chain, command, at),
  }
  return { kind: 'done', note: changed, change }
}

/** Counts a command about metadata. One that changes nothing is counted too, and leaves no other trace. */
function counted(note: Note, command: NoteCommand, at: LogPlace, patch: Partial<Note>): Note {
  const seqs = { ...note.seqs, [command.client]: lastOf(command, note.rev, at) }
  const isChanged = (Object.keys(patch) as (keyof Note)[]).some(
    (field) => field !== 'updatedAt' && patch[field] !== note[field],
  )
  if (!isChanged) return { ...note, seqs }
  return { ...note, ...patch, seqs, index: at.index, chain: chainAfter(note.chain, command, at) }
}

/** Tags are a set: what one device adds and another removes both happen; adding wins within one command. */
function editTags(note: Note, command: EditTags, at: LogPlace): Effect {
  const tags = editedTags(note.tags, command)
  if (tags.length > mergedTagsMax && tags.length > note.tags.length) return invalid('too many tags')
  if (areSame(tags, note.tags)) return done(counted(note, command, at, {}))
  return done(counted(note, command, at, { tags, updatedAt: command.at }))
}

export function editedTags(
  tags: readonly string[],
  edit: Pick<EditTags, 'add' | 'remove'>,
): readonly string[] {
  const kept = new Set(tags)
  for (const tag of edit.remove) kept.delete(tag)
  for (const tag of edit.add) kept.add(tag)
  return sortedTags([...kept])
}

/** By code unit, which is one order everywhere, and without repeats. */
export function sortedTags(tags: readonly string[]): readonly string[] {
  return [...new Set(tags)].sort()
}

function areSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((tag, at) => tag === other[at])
}

function lastOf(command: NoteCommand, rev: number, at: LogPlace): LastSeq {
  return { seq: command.seq, at: command.at, rev, index: at.index }
}

/** The ring with one more: the oldest go until both limits hold; a change above the limit alone leaves it empty. */
function withRecent(
  recent: readonly AppliedChange[],
  change: AppliedChange,
): readonly AppliedChange[] {
  const ring = [...recent, change]
  let length = 0
  let from = ring.length
  while (from > 0 && ring.length - from < recentChangesMax) {
    length += weight(ring[from - 1] as AppliedChange)
    if (length > recentLengthMax) break
    from--
  }
  return ring.slice(from)
}

function weight(change: AppliedChange): number {
  let length = change.removed.length + change.changes.length
  for (const section of change.changes) {
    if (typeof section !== 'number') length += insertedLength(section)
  }
  return length
}
