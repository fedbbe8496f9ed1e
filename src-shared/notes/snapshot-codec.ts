/**
 * The state as records and back. A record is one byte of version, one of kind, four (big-endian) with the length of its
 * header, the header as JSON in UTF-8, then raw bytes: a note's text as UTF-8, a series' parts one after the other.
 * The first record is the head: it counts the others and carries the digest, so that what was lost or changed is noticed.
 *
 * [S1] Each record has a key that never changes for what it records, so that a later snapshot may carry only records whose
 *      bytes are new, and the keys that went.
 * [S2] What is read back gives the same records and the same digest.
 */
import { isCount, isFields, readJson, writeJson } from '../base/json.ts'
import { fail, type Outcome, ok } from '../base/outcome.ts'
import { fromUtf8, toUtf8 } from '../base/utf8.ts'
import { sortedMembers } from '../members/table.ts'
import { addToDigest, digestHex, newDigest } from './digest.ts'
import type { Note } from './note.ts'
import { readMember, readNote, readPurged, readSeries } from './record-fields.ts'
import {
  type FrozenState,
  type NotesState,
  newState,
  putMembers,
  putNote,
  putPurged,
  putSeries,
} from './state.ts'

export const snapshotVersion = 1

export interface KeyedRecord {
  /** "head", "members", "purged", "note/ID" or "series/CLIENT". */
  readonly key: string
  readonly bytes: Uint8Array
}

export type SnapshotRefused =
  | { readonly kind: 'malformed'; readonly reason: string }
  /** Written by an app that is newer than this one. */
  | { readonly kind: 'newer'; readonly version: number }

const kinds = ['head', 'members', 'purged', 'note', 'series'] as const
type RecordKind = (typeof kinds)[number]

/** The records one by one, as they are asked for: nothing of this touches the state that goes on being changed. */
export function* encodeState(state: FrozenState): Generator<KeyedRecord> {
  const { notes, purged, series } = state
  const counts = { notes: notes.length, purged: purged.length, series: series.length }
  yield keyed('head', 'head', { ...counts, digest: digestHex(state.digest) })
  yield keyed('members', 'members', { members: sortedMembers(state.members) })
  const buried = [...purged].sort((a, b) => (a.id < b.id ? -1 : 1))
  yield keyed('purged', 'purged', { purged: buried.map((p) => [p.id, p.index, p.client, p.seq]) })
  for (const note of notes) yield encodeNote(note)
  for (const one of series) {
    const { parts, ...header } = one
    const lengths = parts.map((part) => part.length)
    yield keyed('series', `series/${one.client}`, { ...header, lengths }, joined(parts))
  }
}

/** Also one note's record on its own: `encodeState` gives the same bytes. Fields in one order, so equal notes make equal bytes. */
export function encodeNote(note: Note): KeyedRecord {
  const { id, rev, index, title, tags, pinned, trashed, createdAt, updatedAt, origin } = note
  const facts = { id, rev, index, title, tags, pinned, trashed, createdAt, updatedAt, origin }
  const clients = Object.entries(note.seqs).sort(([a], [b]) => Number(a) - Number(b))
  const seqs = Object.fromEntries(clients)
  const header = { ...facts, seqs, recent: note.recent, chain: note.chain }
  return keyed('note', `note/${id}`, header, toUtf8(note.body))
}

/** Reads a whole snapshot; `take` gives the state only when every record came and the digest is the same. */
export function snapshotReader(): SnapshotReading {
  return { state: newState(), head: null, seen: new Set() }
}

export interface SnapshotReading {
  readonly state: NotesState
  head: Head | null
  readonly seen: Set<string>
}

interface Head {
  readonly records: number
  readonly digest: string
}

export function readRecord(
  reading: SnapshotReading,
  bytes: Uint8Array,
): Outcome<null, SnapshotRefused> {
  const version = bytes[0] ?? 0
  if (version === 0 || bytes.length < 6) return malformed('no record')
  if (version > snapshotVersion) return fail({ kind: 'newer', version })
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const end = 6 + view.getUint32(2)
  const header = end > bytes.length ? undefined : readJson(bytes.subarray(6, end))
  const kind = kinds[(bytes[1] as number) - 1]
  if (!isFields(header) || kind === undefined) return malformed('no header')
  const key = take(reading, kind, header, bytes.subarray(end))
  if (key === null || reading.seen.has(key)) return malformed(`the record of kind ${kind}`)
  reading.seen.add(key)
  return ok(null)
}

export function finishReading(reading: SnapshotReading): Outcome<NotesState, SnapshotRefused> {
  const { state, head, seen } = reading
  if (head === null || !seen.has('members') || !seen.has('purged')) return malformed('no head')
  if (seen.size !== head.records) return malformed('a record is missing')
  if (digestHex(state.digest) !== head.digest) return malformed('the digest differs')
  return ok(state)
}

/** A hash over everything, texts included; costs as much as writing a snapshot. */
export function deepDigest(state: FrozenState): string {
  const digest = newDigest()
  for (const { bytes } of encodeState(state)) addToDigest(digest, bytes)
  return digestHex(digest)
}

type Fields = Readonly<Record<string, unknown>>

/** Puts what the record says into the state; answers its key, or null when it says nothing that can be. */
function take(
  reading: SnapshotReading,
  kind: RecordKind,
  header: Fields,
  raw: Uint8Array,
): string | null {
  const { state } = reading
  switch (kind) {
    case 'head': {
      const { notes, purged, series, digest } = header
      if (!isCount(notes) || !isCount(purged) || !isCount(series)) return null
      if (typeof digest !== 'string') return null
      reading.head = { records: 3 + notes + series, digest }
      return 'head'
    }
    case 'members': {
      const members = listOf(header.members, readMember)
      if (members === null) return null
      putMembers(state, new Map(members.map((member) => [member.id, member])))
      return 'members'
    }
    case 'purged': {
      const purged = listOf(header.purged, readPurged)
      for (const one of purged ?? []) putPurged(state, one)
      return purged === null ? null : 'purged'
    }
    case 'note': {
      const body = fromUtf8(raw)
      const note = body === null ? null : readNote(header, body)
      if (note === null) return null
      putNote(state, note)
      return `note/${note.id}`
    }
    case 'series': {
      const series = readSeries(header, raw)
      if (series === null) return null
      putSeries(state, series.client, series)
      return `series/${series.client}`
    }
  }
}

function listOf<T>(value: unknown, read: (item: unknown) => T | null): readonly T[] | null {
  if (!Array.isArray(value)) return null
  const list = value.map(read)
  return list.every((item) => item !== null) ? list : null
}

function keyed(kind: RecordKind, key: string, header: object, raw?: Uint8Array): KeyedRecord {
  const json = writeJson(header)
  const bytes = new Uint8Array(6 + json.length + (raw?.length ?? 0))
  bytes[0] = snapshotVersion
  bytes[1] = kinds.indexOf(kind) + 1
  new DataView(bytes.buffer).setUint32(2, json.length)
  bytes.set(json, 6)
  if (raw !== undefined) bytes.set(raw, 6 + json.length)
  return { key, bytes }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function malformed(reason: string): { readonly ok: false; readonly error: SnapshotRefused } {
  return fail({ kind: 'malformed', reason })
}
