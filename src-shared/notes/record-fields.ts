/** Parses what a snapshot's records say into the types that cannot be wrong. Null: it is none. */
import { isDeviceId, isNoteId } from '../base/ids.ts'
import { isCount, isFields, isWallTime } from '../base/json.ts'
import { isWellFormed } from '../base/utf8.ts'
import { areAddresses, isDeviceName, isPin } from '../members/context.ts'
import type { MemberEntry } from '../members/member.ts'
import { entryBytesMax, partsMax } from './limits.ts'
import type { AppliedChange, LastSeq, Note, Origin, Purged, Series } from './note.ts'
import { parseChanges } from './splice.ts'

type Fields = Readonly<Record<string, unknown>>

export function readNote(fields: Fields, body: string): Note | null {
  const { id, rev, index, title, tags, pinned, trashed, createdAt, updatedAt, chain } = fields
  if (!isId(id, isNoteId) || !isCount(rev) || !isCount(index)) return null
  if (title !== null && typeof title !== 'string') return null
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string')) return null
  if (typeof pinned !== 'boolean' || typeof trashed !== 'boolean') return null
  if (!isWallTime(createdAt) || !isWallTime(updatedAt) || typeof chain !== 'string') return null
  const origin = readOrigin(fields.origin)
  const seqs = readSeqs(fields.seqs)
  const recent = readRecent(fields.recent, rev)
  if (origin === undefined || seqs === null || recent === null || !isWellFormed(body)) return null
  const times = { createdAt, updatedAt }
  return {
    id,
    rev,
    index,
    title,
    body,
    tags,
    pinned,
    trashed,
    ...times,
    origin,
    seqs,
    recent,
    chain,
  }
}

function readOrigin(value: unknown): Origin | null | undefined {
  if (value === null) return null
  if (!isFields(value)) return undefined
  const { path, bom } = value
  return typeof path === 'string' && typeof bom === 'boolean' ? { path, bom } : undefined
}

function readSeqs(value: unknown): Note['seqs'] | null {
  if (!isFields(value)) return null
  const seqs: Record<string, LastSeq> = {}
  for (const [client, last] of Object.entries(value)) {
    if (!isDeviceId(client) || !isFields(last)) return null
    const { seq, at, rev, index } = last
    if (!isCount(seq) || !isCount(rev) || !isCount(index) || !isWallTime(at)) return null
    seqs[client] = { seq, at, rev, index }
  }
  return seqs
}

/** The ring [A4]: without a gap, ending at the note's rev. */
function readRecent(value: unknown, rev: number): readonly AppliedChange[] | null {
  if (!Array.isArray(value)) return null
  const recent = value.map(readChange)
  const isRing = recent.every((change, at) => change?.rev === rev - recent.length + 1 + at)
  return isRing ? (recent as AppliedChange[]) : null
}

function readChange(value: unknown): AppliedChange | null {
  if (!isFields(value)) return null
  const { rev, index, term, client, seq, at, removed } = value
  const changes = parseChanges(value.changes)
  if (!isCount(rev) || !isCount(index) || !isCount(term) || !isCount(seq)) return null
  if (!isId(client, isDeviceId) || !isWallTime(at)) return null
  if (changes === null || typeof removed !== 'string') return null
  return { rev, index, term, client, seq, at, changes, removed }
}

export function readPurged(value: unknown): Purged | null {
  if (!Array.isArray(value) || value.length !== 4) return null
  const [id, index, client, seq] = value as readonly unknown[]
  if (!isId(id, isNoteId) || !isId(client, isDeviceId)) return null
  return isCount(index) && isCount(seq) ? { id, index, client, seq } : null
}

export function readMember(value: unknown): MemberEntry | null {
  if (!isFields(value)) return null
  const { id, name, addresses, pin, addedAt, changedAt, removedAt, removedBy } = value
  if (!isId(id, isDeviceId) || !isDeviceName(name) || !areAddresses(addresses)) return null
  if (pin !== null && !isPin(pin)) return null
  if (!isCount(addedAt) || !isCount(changedAt)) return null
  if (removedAt !== null && !isCount(removedAt)) return null
  if (removedBy !== null && !isId(removedBy, isDeviceId)) return null
  return { id, name, addresses, pin, addedAt, changedAt, removedAt, removedBy }
}

export function readSeries(fields: Fields, raw: Uint8Array): Series | null {
  const { client, noteId, seq, series, of, lengths } = fields
  if (!isId(client, isDeviceId) || !isId(noteId, isNoteId) || !isCount(seq)) return null
  if (typeof series !== 'string' || !isCount(of) || of > partsMax) return null
  if (!Array.isArray(lengths) || lengths.length >= of) return null
  const parts: Uint8Array[] = []
  let at = 0
  for (const length of lengths as readonly unknown[]) {
    if (!isCount(length) || length === 0 || length > entryBytesMax) return null
    parts.push(raw.slice(at, at + length))
    at += length
  }
  return at === raw.length ? { client, noteId, seq, series, of, parts } : null
}

function isId(value: unknown, isOne: (text: string) => boolean): value is string {
  return typeof value === 'string' && isOne(value)
}
