/**
 * A running hash of the whole state: the sum, word by word, of one SHA-256 for each record. Adding is the same in any
 * order, so an apply takes out the old record's hash and puts in the new one's, however many notes there are, and two
 * devices at one index can compare. A note's text is not read for it, for a note may have megabytes: its chain stands for
 * it, which covers all that ever changed it. `deepDigest` (snapshot-codec.ts) reads everything.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { toUtf8 } from '../base/utf8.ts'
import type { MemberEntry } from '../members/member.ts'
import { toHex } from './chain.ts'
import type { Note, Purged, Series } from './note.ts'

/** Eight words; owned and changed by its state. */
export type Digest = Uint32Array

export function newDigest(): Digest {
  return new Uint32Array(8)
}

export function digestHex(digest: Digest): string {
  const bytes = new Uint8Array(32)
  const view = new DataView(bytes.buffer)
  digest.forEach((word, at) => {
    view.setUint32(at * 4, word)
  })
  return toHex(bytes)
}

export function addToDigest(digest: Digest, record: Uint8Array): void {
  addWords(digest, wordsOf(record))
}

export function takeFromDigest(digest: Digest, record: Uint8Array): void {
  takeWords(digest, wordsOf(record))
}

/** The SHA-256 of a record, as the digest sums it. */
export function wordsOf(record: Uint8Array): Digest {
  const hash = sha256(record)
  const view = new DataView(hash.buffer, hash.byteOffset)
  return Uint32Array.from({ length: 8 }, (_, at) => view.getUint32(at * 4))
}

/** Sums wrap at 2^32, both ways. */
export function addWords(digest: Digest, words: Digest): void {
  for (let at = 0; at < digest.length; at++) {
    digest[at] = (digest[at] as number) + (words[at] as number)
  }
}

export function takeWords(digest: Digest, words: Digest): void {
  for (let at = 0; at < digest.length; at++) {
    digest[at] = (digest[at] as number) - (words[at] as number)
  }
}

export function noteImprint(note: Note): Uint8Array {
  const { id, rev, index, title, tags, pinned, trashed, createdAt, updatedAt, origin, chain } = note
  const from = origin === null ? null : [origin.path, origin.bom]
  const seqs = Object.entries(note.seqs)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([client, last]) => [client, last.seq, last.at, last.rev, last.index])
  const facts = [title, tags, pinned, trashed, createdAt, updatedAt, from, note.body.length]
  return imprint(['note', id, rev, index, ...facts, note.recent.length, chain, seqs])
}

export function purgedImprint(purged: Purged): Uint8Array {
  return imprint(['purged', purged.id, purged.index, purged.client, purged.seq])
}

export function seriesImprint(series: Series): Uint8Array {
  const { client, noteId, seq, of, parts } = series
  return imprint(['series', client, noteId, seq, series.series, of, parts.length])
}

export function memberImprint(member: MemberEntry): Uint8Array {
  const { id, name, addresses, pin, addedAt, changedAt, removedAt, removedBy } = member
  return imprint(['member', id, name, addresses, pin, addedAt, changedAt, removedAt, removedBy])
}

function imprint(facts: readonly unknown[]): Uint8Array {
  return toUtf8(JSON.stringify(facts))
}
