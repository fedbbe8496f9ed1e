import type {
  ConfChangeV2,
  ConfState,
  Entry,
  HardState,
  NodeId,
  Snapshot,
  SnapshotMetadata,
} from '../raft/entry.ts'
import type { Message } from '../raft/message.ts'

/** What a member wrote before it last stopped. `snapshot` is null for a member that never had one. */
export interface Recovered {
  readonly hardState: HardState
  readonly snapshot: SnapshotMetadata | null
  /** The log after the snapshot, without gaps. */
  readonly entries: readonly Entry[]
}

/** The log on disk. A promise that resolves is durable; one that rejects is final: the replica stops (never retry a failed fsync). */
export interface Journal {
  /** Appends, overwriting any suffix from the first entry's index on. Calls made while the disk works share its next fsync. */
  save(hardState: HardState | null, entries: readonly Entry[]): Promise<void>
  /** Writes a snapshot of our own state: file, fsync, directory, WAL record, in that order; afterwards the log behind `releaseUpTo` may go. */
  saveSnapshot(metadata: SnapshotMetadata, records: Iterable<Uint8Array>, releaseUpTo: number): Promise<void>
  /** The newest whole snapshot's records, for restore and for transfer. Null when there is none. */
  openSnapshot(): Promise<SnapshotReader | null>
  /** Takes in a snapshot from another member; `finish` makes it the newest, durably, and the log starts after it. */
  receiveSnapshot(metadata: SnapshotMetadata): Promise<SnapshotReceiver>
  close(): Promise<void>
}

export interface SnapshotReader {
  readonly metadata: SnapshotMetadata
  /** Size in bytes of the stream that `chunk` serves: equal bytes at equal offsets however often it is asked. */
  readonly size: number
  chunk(offset: number, length: number): Promise<Uint8Array>
  /** The records as they were given to `saveSnapshot`, each checked against its checksum. */
  records(): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

export interface SnapshotReceiver {
  /** Chunks arrive in order; a gap or a repeated offset rejects. */
  write(offset: number, bytes: Uint8Array): Promise<void>
  /** Checks the whole, makes it durable and current. Rejects, changing nothing, when a checksum does not match. */
  finish(): Promise<SnapshotReader>
  discard(): Promise<void>
}

/** The way to the other members. Sending never waits and may lose: raft repeats what matters. */
export interface Transport {
  send(message: Message): void
  /** Streams a snapshot beside the messages; `settled` is called once: true when the peer has installed the bytes. */
  sendSnapshot(message: Message, reader: SnapshotReader, settled: (arrived: boolean) => void): void
}

/** The state machine: committed entries go in, in order, each exactly once after a restore. */
export interface Machine {
  /** Applies a run of committed entries (EntryNormal; data may be empty). Deterministic. */
  apply(entries: readonly Entry[]): Promise<void>
  /** A configuration change took effect at this index; `context` is what its proposer attached. */
  applyConfChange(entry: Entry, change: ConfChangeV2, confState: ConfState): Promise<void>
  /** The state at the last applied index, as records that later applies do not change. */
  freeze(): Iterable<Uint8Array>
  /** Replaces the whole state. */
  restore(metadata: SnapshotMetadata, records: AsyncIterable<Uint8Array>): Promise<void>
}

/** Lines for the log file: ids and numbers, never note text. */
export interface Log {
  debug(line: string): void
  info(line: string): void
  warn(line: string): void
  error(line: string): void
}

export type { NodeId, Snapshot }
