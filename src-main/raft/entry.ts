/** A member of the group on the wire: an unsigned 64-bit number; 0n is nobody. */
export type NodeId = bigint

export const nobody: NodeId = 0n
/** The storage threads have addresses of their own when storage writes are asynchronous. */
export const appendThread: NodeId = 2n ** 64n - 1n
export const applyThread: NodeId = 2n ** 64n - 2n

export type EntryType = 'EntryNormal' | 'EntryConfChange' | 'EntryConfChangeV2'

/**
 * One slot of the log (paper §5.3). `data` null is "no bytes field at all", unlike an empty one.
 * Never mutated.
 */
export interface Entry {
  readonly type: EntryType
  readonly term: number
  readonly index: number
  readonly data: Uint8Array | null
}

/** What must be on disk before any message leaves (thesis §3.8). All zero: nothing to save. */
export interface HardState {
  readonly term: number
  readonly vote: NodeId
  readonly commit: number
}

/** The members as an entry or a snapshot records them; joint when `votersOutgoing` is not empty. */
export interface ConfState {
  readonly voters: readonly NodeId[]
  readonly learners: readonly NodeId[]
  readonly votersOutgoing: readonly NodeId[]
  readonly learnersNext: readonly NodeId[]
  readonly autoLeave: boolean
}

export interface SnapshotMetadata {
  readonly index: number
  readonly term: number
  readonly confState: ConfState
}

/** The log's prefix, replaced by what it amounts to (paper §7). Index 0: empty. */
export interface Snapshot {
  readonly data: Uint8Array | null
  readonly metadata: SnapshotMetadata
}

export type ConfChangeType =
  | 'ConfChangeAddNode'
  | 'ConfChangeRemoveNode'
  | 'ConfChangeUpdateNode'
  | 'ConfChangeAddLearnerNode'

export type ConfChangeTransition =
  | 'ConfChangeTransitionAuto'
  | 'ConfChangeTransitionJointImplicit'
  | 'ConfChangeTransitionJointExplicit'

export interface ConfChange {
  readonly kind: 'v1'
  /** The proposer's own mark, unsigned 64-bit; raft does not look at it. */
  readonly id: bigint
  readonly type: ConfChangeType
  readonly nodeId: NodeId
  readonly context: Uint8Array | null
}

export interface ConfChangeSingle {
  readonly type: ConfChangeType
  readonly nodeId: NodeId
}

export interface ConfChangeV2 {
  readonly kind: 'v2'
  readonly transition: ConfChangeTransition
  readonly changes: readonly ConfChangeSingle[]
  readonly context: Uint8Array | null
}
