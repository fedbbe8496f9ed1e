import { asV2 } from '../../../src-main/raft/confchange/transition.ts'
import type { Config } from '../../../src-main/raft/config.ts'
import type {
  ConfChange,
  ConfChangeV2,
  Entry,
  HardState,
  NodeId,
  Snapshot,
} from '../../../src-main/raft/entry.ts'
import { MemoryStorage } from '../../../src-main/raft/log/memory-storage.ts'
import type { MessageOf } from '../../../src-main/raft/message.ts'
import { RawNode } from '../../../src-main/raft/raw-node.ts'
import { decodeConfChange, decodeConfChangeV2 } from '../../../src-main/raft/wire/conf-change.ts'
import { describeWireRefused } from '../../../src-main/raft/wire/refused.ts'
import { type Outcome, ok } from '../../../src-shared/base/outcome.ts'
import { orError, ScriptError } from './script-error.ts'

/** A storage whose snapshot is always that of the last applied entry. */
class ApplyingStorage extends MemoryStorage {
  latest: Snapshot

  constructor(first: Snapshot) {
    super()
    this.latest = first
  }

  override snapshot(): Outcome<Snapshot, never> {
    return ok(this.latest)
  }
}

export type NodeTemplate = Omit<Config, 'id' | 'storage'>

/**
 * A member with its storage, its storage threads' queues and a state machine that appends bytes.
 */
export class ScriptedNode {
  readonly id: NodeId
  readonly raw: RawNode
  readonly config: Config
  readonly storage: ApplyingStorage
  readonly appendWork: MessageOf<'MsgStorageAppend'>[] = []
  readonly applyWork: MessageOf<'MsgStorageApply'>[] = []

  /** An empty `snapshot` starts a member that knows of nobody. */
  constructor(id: NodeId, template: NodeTemplate, snapshot: Snapshot) {
    this.id = id
    this.storage = new ApplyingStorage(snapshot)
    if (snapshot.metadata.index > 0) orError(this.storage.applySnapshot(snapshot))
    this.config = { ...template, id, storage: this.storage }
    this.raw = new RawNode(this.config)
  }

  get isAsync(): boolean {
    return this.config.asyncStorageWrites ?? false
  }

  write(hardState: HardState | null, entries: readonly Entry[], snapshot: Snapshot | null): void {
    if (hardState !== null) this.storage.setHardState(hardState)
    if (snapshot === null || snapshot.metadata.index === 0) {
      this.storage.append(entries)
      return
    }
    if (entries.length > 0) {
      throw new ScriptError("can't apply snapshot and entries at the same time")
    }
    orError(this.storage.applySnapshot(snapshot))
  }

  apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const { data, metadata } = this.storage.latest
      const change = changeIn(entry)
      const confState = change === null ? metadata.confState : this.raw.applyConfChange(change)
      const payload = change === null ? entry.data : asV2(change).context
      this.storage.latest = {
        data: joined(data, payload),
        metadata: { index: entry.index, term: entry.term, confState },
      }
    }
  }
}

function changeIn({ type, data }: Entry): ConfChange | ConfChangeV2 | null {
  if (type === 'EntryNormal') return null
  const bytes = data ?? new Uint8Array(0)
  const decoded = type === 'EntryConfChange' ? decodeConfChange(bytes) : decodeConfChangeV2(bytes)
  if (!decoded.ok) throw new ScriptError(describeWireRefused(decoded.error))
  return decoded.value
}

function joined(one: Uint8Array | null, other: Uint8Array | null): Uint8Array {
  return Uint8Array.from([...(one ?? []), ...(other ?? [])])
}
