import type { NodeId } from './entry.ts'
import type { ReadOnly } from './read-only.ts'
import type { ProgressTracker } from './tracker/progress-tracker.ts'

/** What a member is at a time (paper §5.1). What belongs to one role lives and ends with it. */
export type Role = Follower | Candidate | Leader

export interface Follower {
  readonly kind: 'follower'
  /** Whom it follows in this term; nobody while it has not heard. */
  leader: NodeId
}

export interface Candidate {
  readonly kind: 'candidate'
  /** It only asks whether it could win; its term has not moved (thesis §9.6). */
  readonly isPre: boolean
  /** What the voters said; the first word of each counts. */
  readonly votes: Map<NodeId, boolean>
}

export interface Leader {
  readonly kind: 'leader'
  /** What it knows of every member's log. */
  readonly tracker: ProgressTracker
  /** Reads that wait until a quorum has confirmed that it still leads. */
  readonly reads: ReadOnly
  heartbeatElapsed: number
  /** Who shall lead next (thesis §3.10); nobody while no transfer is under way. */
  transferee: NodeId
  /**
   * There may be a configuration change up to here that is not applied yet: at most one at a time.
   */
  pendingConfIndex: number
  /** Bytes of data in its log that are not applied yet; never more than there are. */
  uncommittedSize: number
}

/** Roles as a driver sees them. */
export type RaftState = 'StateFollower' | 'StatePreCandidate' | 'StateCandidate' | 'StateLeader'

export function raftStateOf(role: Role): RaftState {
  switch (role.kind) {
    case 'follower':
      return 'StateFollower'
    case 'candidate':
      return role.isPre ? 'StatePreCandidate' : 'StateCandidate'
    case 'leader':
      return 'StateLeader'
  }
}
