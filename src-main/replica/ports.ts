import type { ConfChangeV2, ConfState, Entry, HardState, SnapshotMetadata } from '../raft/entry.ts'
import type { Message } from '../raft/message.ts'

/** What a member wrote before it last stopped. `snapshot` is null for a member that never had one. */
export interface Recovered {
  readonly hardState: HardState
  readonly snapshot: SnapshotMetadata | null
  /** The log after the snapshot, without gaps. */
  readonly entries: readonly Entry[]
}

/** One piece of the state machine under a stable key; `bytes` null: it is gone. */
export interface StateRecord {
  readonly key: string
  readonly bytes: Uint8Array | null
}

/** The state at one index. Later applies do not change what it yields, so it may be read slowly. */
export interface FrozenState {
  /** Records that changed after the index `since`; 0: every record there is (none with null bytes). */
  records(since: number): Iterable<StateRecord>
}

/** The log on disk. A promise that resolves is durable; one that rejects is final unless it says that the disk is full. */
export interface Journal {
  /** Appends, overwriting any suffix from the first entry's index on. Calls made while the disk works share its next fsync. */
  save(hardState: HardState | null, entries: readonly Entry[]): Promise<void>
  /**
   * Writes a snapshot of our own state: file, fsync, directory, WAL record, in that order; afterwards the log up to and
   * including `releaseUpTo` may go. The journal asks `state` for what changed since the snapshot it builds on.
   */
  saveSnapshot(metadata: SnapshotMetadata, state: FrozenState, releaseUpTo: number): Promise<void>
  /** The newest whole snapshot, for restore and for transfer. Null when there is none. */
  openSnapshot(): Promise<SnapshotReader | null>
  /** Takes in the bytes of another member's snapshot, beside everything that is current. */
  receiveSnapshot(metadata: SnapshotMetadata): Promise<SnapshotReceiver>
  /** Raft has accepted it: makes it the newest, durably; the log then starts after it. */
  installSnapshot(staged: StagedSnapshot): Promise<SnapshotReader>
  close(): Promise<void>
}

export interface SnapshotReader {
  readonly metadata: SnapshotMetadata
  /** Size in bytes of the stream that `chunk` serves: equal bytes at equal offsets however often it is asked. */
  readonly size: number
  chunk(offset: number, length: number): Promise<Uint8Array>
  /** Every live record once, each checked against its checksum. */
  records(): AsyncIterable<StateRecord>
  close(): Promise<void>
}

export interface SnapshotReceiver {
  /** Chunks arrive in order; a gap or a repeated offset rejects. */
  write(offset: number, bytes: Uint8Array): Promise<void>
  /** Checks the whole and makes it durable, not current. Rejects, changing nothing, when a checksum does not match. */
  finish(): Promise<StagedSnapshot>
  discard(): Promise<void>
}

/** A whole, checked, durable snapshot of another member that nothing uses yet. */
export interface StagedSnapshot {
  readonly metadata: SnapshotMetadata
  discard(): Promise<void>
}

/** The way to the other members. Sending never waits and may lose: raft repeats what matters. */
export interface Transport {
  send(message: Message): void
  /** Streams a snapshot beside the messages; `settled` is called once: true when the peer has it whole. Closes the reader. */
  sendSnapshot(message: Message, reader: SnapshotReader, settled: (arrived: boolean) => void): void
}

/** The state machine: committed entries go in, in order, each exactly once after a restore. */
export interface Machine {
  /** Applies a run of committed entries (EntryNormal; data may be empty). Deterministic. Rejecting stops the member. */
  apply(entries: readonly Entry[]): Promise<void>
  /** A configuration change took effect; `change.context` is what its proposer attached. */
  applyConfChange(entry: Entry, change: ConfChangeV2, confState: ConfState): Promise<void>
  /** The state at the last applied index. */
  freeze(): FrozenState
  /** Replaces the whole state. */
  restore(metadata: SnapshotMetadata, records: AsyncIterable<StateRecord>): Promise<void>
}

/** Lines for the log file: ids and numbers, never note text. */
export interface Log {
  debug(line: string): void
  info(line: string): void
  warn(line: string): void
  error(line: string): void
}
