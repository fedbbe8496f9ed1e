import { assert } from '../../src-shared/base/assert.ts'
import type { ConfState, Entry, NodeId, SnapshotMetadata } from '../raft/entry.ts'
import type { MemoryStorage } from '../raft/log/memory-storage.ts'
import type { MessageOf } from '../raft/message.ts'
import type { FrozenState, Journal, Log, Machine, Transport } from './ports.ts'

/** Applied entries after which the log's prefix is replaced by a snapshot; bytes likewise, whichever comes first. */
export const snapshotEntries = 10_000
export const snapshotBytes = 16 * 1024 * 1024
/** What stays in the log behind a snapshot, so that a member that was away for a moment needs no snapshot. */
export const trailingEntriesMax = 5_000
export const trailingBytesMax = 8 * 1024 * 1024

/** When to take a snapshot, and what to keep behind it. Smaller than the real ones only in tests. */
export interface SnapshotLimits {
  readonly entries: number
  readonly bytes: number
  readonly trailingEntries: number
  readonly trailingBytes: number
}

const realLimits: SnapshotLimits = {
  entries: snapshotEntries,
  bytes: snapshotBytes,
  trailingEntries: trailingEntriesMax,
  trailingBytes: trailingBytesMax,
}

interface SnapshotsOptions {
  readonly journal: Journal
  readonly transport: Transport
  readonly storage: MemoryStorage
  readonly log: Log
  readonly limits: SnapshotLimits | undefined
  /** Takes a snapshot of the state as it is now. */
  fresh(): Promise<void>
  report(id: NodeId, arrived: boolean): void
  failed(error: unknown): void
}

/** When to take a snapshot of our own, how much log to keep behind it, and the sending of one to a member that is too far behind. */
export class Snapshots {
  readonly #options: SnapshotsOptions
  readonly #limits: SnapshotLimits
  #entriesSince = 0
  #bytesSince = 0
  #lastIndex: number
  #taking: Promise<void> | null = null
  /** Counts the streams; the newest to each member. */
  #streams = 0
  readonly #sending = new Map<NodeId, number>()

  constructor(options: SnapshotsOptions) {
    this.#options = options
    this.#limits = options.limits ?? realLimits
    this.#lastIndex = options.storage.snapshotMetadata().index
  }

  applied(entries: readonly Entry[]): void {
    this.#entriesSince += entries.length
    for (const entry of entries) this.#bytesSince += entry.data?.length ?? 0
  }

  /** One at a time; the next due one waits for the next apply. */
  maybeTake(applied: number, confState: ConfState, machine: Machine): void {
    if (this.#taking !== null) return
    const { entries, bytes } = this.#limits
    if (this.#entriesSince < entries && this.#bytesSince < bytes) return
    this.take(applied, confState, machine.freeze()).catch((error) => this.#options.failed(error))
  }

  /** Resolves when the snapshot is durable and the log behind it released. */
  async take(applied: number, confState: ConfState, state: FrozenState): Promise<void> {
    await this.settled()
    if (applied <= this.#lastIndex) return
    const { storage, log } = this.#options
    const term = storage.term(applied)
    assert(term.ok, 'an applied entry after the last snapshot is in the log')
    const metadata: SnapshotMetadata = { index: applied, term: term.value, confState }
    this.#entriesSince = 0
    this.#bytesSince = 0
    this.#taking = this.#write(metadata, state)
    try {
      await this.#taking
      log.info(`replica: snapshot at index ${applied}`)
    } finally {
      this.#taking = null
    }
  }

  async #write(metadata: SnapshotMetadata, state: FrozenState): Promise<void> {
    const { journal, storage } = this.#options
    const releaseUpTo = this.#releasable(metadata.index)
    await journal.saveSnapshot(metadata, state, releaseUpTo)
    // A member's snapshot may have replaced ours while the disk worked: then there is nothing left to release.
    if (metadata.index <= storage.snapshotMetadata().index) return
    const created = storage.createSnapshot(metadata.index, metadata.confState, null)
    assert(created.ok, 'a snapshot is newer than the one before it')
    this.#lastIndex = metadata.index
    if (releaseUpTo >= storage.firstIndex()) storage.compact(releaseUpTo)
  }

  /** A snapshot from another member took the place of our state. */
  installed(metadata: SnapshotMetadata): void {
    this.#lastIndex = metadata.index
    this.#entriesSince = 0
    this.#bytesSince = 0
  }

  /** Streams the newest snapshot; it may be newer than the one raft named, which serves as well. */
  send(message: MessageOf<'MsgSnap'>): void {
    this.#send(message).catch((error) => this.#options.failed(error))
  }

  async #send(message: MessageOf<'MsgSnap'>): Promise<void> {
    const { journal, transport, report, storage, fresh } = this.#options
    const { to } = message
    const stream = ++this.#streams
    this.#sending.set(to, stream)
    // Of a stream whose place another has taken raft must not hear: it would take the failure for the new one's, and ask
    // for another, which takes its place, and so on for ever.
    const isCurrent = (): boolean => this.#sending.get(to) === stream
    // A member refuses a snapshot that does not name it, and so a newcomer would refuse ours until the next was due.
    if (!names(storage.snapshotMetadata().confState, to)) await fresh()
    const reader = await journal.openSnapshot()
    if (!isCurrent()) return await reader?.close()
    if (reader === null) return report(to, false)
    const snapshot = { data: null, metadata: reader.metadata }
    transport.sendSnapshot({ ...message, snapshot }, reader, (arrived) => {
      if (isCurrent()) report(to, arrived)
    })
  }

  async settled(): Promise<void> {
    while (this.#taking !== null) await this.#taking.catch(() => undefined) // its taker reports the failure
  }

  /** The last index that may go: what stays is bounded by count and by bytes. */
  #releasable(index: number): number {
    const { storage } = this.#options
    const { trailingEntries, trailingBytes } = this.#limits
    const first = Math.max(storage.firstIndex(), index - trailingEntries + 1)
    if (first > index) return index
    const kept = storage.entries(first, index + 1, Number.POSITIVE_INFINITY)
    if (!kept.ok) return storage.firstIndex() - 1
    let bytes = 0
    for (let at = kept.value.length - 1; at >= 0; at--) {
      const entry = kept.value[at]
      bytes += entry?.data?.length ?? 0
      if (entry !== undefined && bytes > trailingBytes) return entry.index
    }
    return first - 1
  }
}

function names({ voters, learners, votersOutgoing }: ConfState, id: NodeId): boolean {
  return voters.includes(id) || learners.includes(id) || votersOutgoing.includes(id)
}
