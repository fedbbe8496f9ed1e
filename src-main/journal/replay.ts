import type { Entry, HardState } from '../raft/entry.ts'
import { nobody } from '../raft/entry.ts'
import { readEntry } from '../raft/wire/entry.ts'
import { decodeHardState, encodeHardState } from '../raft/wire/hard-state.ts'
import { Reader } from '../raft/wire/reader.ts'
import { type RecordHead, recordTypes } from './record.ts'
import { decodeShelf, encodeShelf, type Shelf } from './shelf.ts'
import { bufferOf, getU64, putU64 } from './u64.ts'

/**
 * What the records of the log amount to, read one after the other. Entries and hard states stand in
 * them as raft puts them on the network; the other payloads are defined here.
 */
export interface Replay {
  /** The index before the first of `entries`. */
  base: number
  /** The term at `base`, where a snapshot told it; else 0. */
  baseTerm: number
  entries: Entry[]
  hardState: HardState
  shelf: Shelf
}

export const emptyHardState: HardState = { term: 0, vote: nobody, commit: 0 }

export function beginReplay(firstIndex: number): Replay {
  return { base: firstIndex - 1, baseTerm: 0, entries: [], hardState: emptyHardState, shelf: [] }
}

export function lastIndexOf(replay: Replay): number {
  return replay.base + replay.entries.length
}

export function lastTermOf(replay: Replay): number {
  return replay.entries.at(-1)?.term ?? replay.baseTerm
}

/** Takes in the payload of one whole record. Answers what is wrong with it, null when nothing is. */
export function replayRecord(replay: Replay, head: RecordHead, payload: Uint8Array): string | null {
  switch (head.type) {
    case recordTypes.entry:
      return replayEntry(replay, payload)
    case recordTypes.hardState: {
      const decoded = decodeHardState(payload)
      if (!decoded.ok) return 'a hard state that cannot be read'
      replay.hardState = decoded.value
      return null
    }
    case recordTypes.state:
      return replayState(replay, bufferOf(payload))
    case recordTypes.snapshot:
      return replaySnapshot(replay, bufferOf(payload))
    case recordTypes.sealed:
      return replaySeal(replay, bufferOf(payload))
  }
}

function replayEntry(replay: Replay, payload: Uint8Array): string | null {
  // In place: a copy for each entry would take longer than all the rest. What is kept of a segment's
  // bytes goes when the log is compacted.
  const reader = new Reader(payload, { unknownTypes: 'refuse' })
  const entry = readEntry(reader) as Entry
  if (reader.refused !== null) return 'an entry that cannot be read'
  const last = lastIndexOf(replay)
  if (entry.index > last + 1) return `entry ${entry.index} follows entry ${last}`
  // A suffix that was never committed gives way to the new leader's (paper §5.3).
  if (entry.index <= last) {
    replay.entries.length = Math.max(0, entry.index - 1 - replay.base)
    replay.base = Math.min(replay.base, entry.index - 1)
  }
  replay.entries.push(entry)
  return null
}

/**
 * Every segment begins with what the segments before it said beside their entries, so that they may
 * go: u32 length of the hard state, the hard state, the shelf.
 */
export function encodeState(hardState: HardState, shelf: Shelf): Buffer {
  const state = encodeHardState(hardState)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(state.length)
  return Buffer.concat([length, state, encodeShelf(shelf)])
}

function replayState(replay: Replay, payload: Buffer): string | null {
  const length = payload.length < 4 ? payload.length : payload.readUInt32LE(0)
  const decoded = decodeHardState(payload.subarray(4, 4 + length))
  const shelf = decodeShelf(payload.subarray(4 + length))
  if (!decoded.ok || shelf === null) return 'a state that cannot be read'
  replay.hardState = decoded.value
  replay.shelf = shelf
  return null
}

/** u8 installed, then the shelf. Installed: another member's snapshot took the place of the log. */
export function encodeSnapshotRecord(shelf: Shelf, isInstalled: boolean): Buffer {
  return Buffer.concat([Buffer.from([isInstalled ? 1 : 0]), encodeShelf(shelf)])
}

function replaySnapshot(replay: Replay, payload: Buffer): string | null {
  const shelf = decodeShelf(payload.subarray(1))
  const newest = shelf?.[0]
  if (shelf === null || newest === undefined) return 'a snapshot record that cannot be read'
  replay.shelf = shelf
  // A snapshot that came from elsewhere, or that reaches beyond the log, replaces the log.
  if (payload[0] !== 1 && newest.index <= lastIndexOf(replay)) return null
  replay.entries = []
  replay.base = newest.index
  replay.baseTerm = newest.term
  return null
}

/** Closes a full segment: u64 last index. Nothing may stand behind it. */
export function encodeSeal(lastIndex: number): Buffer {
  const payload = Buffer.alloc(8)
  putU64(payload, 0, lastIndex)
  return payload
}

function replaySeal(replay: Replay, payload: Buffer): string | null {
  const isRight = payload.length === 8 && getU64(payload, 0) === lastIndexOf(replay)
  return isRight ? null : 'a seal that does not agree with its segment'
}
