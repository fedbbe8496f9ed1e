import type { DeviceId, NoteId } from '../base/ids.ts'
import type { MemberTable } from '../members/member.ts'
import {
  addToDigest,
  addWords,
  type Digest,
  memberImprint,
  newDigest,
  noteImprint,
  purgedImprint,
  seriesImprint,
  takeFromDigest,
  takeWords,
  wordsOf,
} from './digest.ts'
import type { Note, Purged, Series } from './note.ts'

/**
 * All that the log amounts to. Owned and changed in place by whoever applies; the values in it are never changed, so a
 * shallow copy of the maps (`freeze`) is a snapshot that later applies leave alone.
 */
export interface NotesState {
  readonly notes: Map<NoteId, Note>
  readonly purged: Map<NoteId, Purged>
  readonly series: Map<DeviceId, Series>
  members: MemberTable
  readonly digest: Digest
  /** What each note has added to the digest, so that taking it out again costs no second hash. */
  readonly words: WeakMap<Note, Digest>
}

export type FrozenState = {
  readonly notes: readonly Note[]
  readonly purged: readonly Purged[]
  readonly series: readonly Series[]
  readonly members: MemberTable
  readonly digest: Digest
}

export function newState(): NotesState {
  return {
    notes: new Map(),
    purged: new Map(),
    series: new Map(),
    members: new Map(),
    digest: newDigest(),
    words: new WeakMap(),
  }
}

/** Takes time by the number of notes, not by their length. */
export function freeze(state: NotesState): FrozenState {
  return {
    notes: [...state.notes.values()],
    purged: [...state.purged.values()],
    series: [...state.series.values()],
    members: state.members,
    digest: state.digest.slice(),
  }
}

export function putNote(state: NotesState, note: Note): void {
  takeOut(state, state.notes.get(note.id))
  const words = wordsOf(noteImprint(note))
  addWords(state.digest, words)
  state.words.set(note, words)
  state.notes.set(note.id, note)
}

function takeOut(state: NotesState, note: Note | undefined): void {
  if (note === undefined) return
  takeWords(state.digest, state.words.get(note) ?? wordsOf(noteImprint(note)))
}

/** Takes the note away and remembers that it was purged. */
export function putPurged(state: NotesState, purged: Purged): void {
  takeOut(state, state.notes.get(purged.id))
  state.notes.delete(purged.id)
  addToDigest(state.digest, purgedImprint(purged))
  state.purged.set(purged.id, purged)
}

/** Null takes the client's series away. */
export function putSeries(state: NotesState, client: DeviceId, series: Series | null): void {
  const before = state.series.get(client)
  if (before !== undefined) takeFromDigest(state.digest, seriesImprint(before))
  if (series === null) state.series.delete(client)
  else {
    addToDigest(state.digest, seriesImprint(series))
    state.series.set(client, series)
  }
}

export function putMembers(state: NotesState, members: MemberTable): void {
  for (const member of state.members.values()) {
    if (members.get(member.id) !== member) takeFromDigest(state.digest, memberImprint(member))
  }
  for (const member of members.values()) {
    if (state.members.get(member.id) !== member) addToDigest(state.digest, memberImprint(member))
  }
  state.members = members
}
