import type { HardState, NodeId } from './entry.ts'
import { nobody } from './entry.ts'
import { hardStateOf, hex, type Raft } from './raft.ts'
import { type SoftState, softStateOf } from './ready.ts'
import type { Configuration } from './tracker/configuration.ts'
import { copyProgress, type Progress, type ProgressState } from './tracker/progress.ts'

export interface BasicStatus {
  readonly id: NodeId
  readonly hardState: HardState
  readonly softState: SoftState
  /** The last index that is in the state machine. */
  readonly applied: number
  readonly leadTransferee: NodeId
}

export interface Status {
  readonly basic: BasicStatus
  /** Without the mark that a joint configuration leaves by itself. */
  readonly configuration: Configuration
  /** What a leader knows of each member, in ascending order; empty for any other. A copy. */
  readonly progress: ReadonlyMap<NodeId, Progress>
}

export function basicStatusOf(raft: Raft): BasicStatus {
  return {
    id: raft.id,
    hardState: hardStateOf(raft),
    softState: softStateOf(raft),
    applied: raft.log.applied,
    leadTransferee: raft.role.kind === 'leader' ? raft.role.transferee : nobody,
  }
}

export function statusOf(raft: Raft): Status {
  const known = raft.role.kind === 'leader' ? raft.role.tracker.progress : []
  const progress = new Map<NodeId, Progress>()
  for (const [id, each] of known) progress.set(id, copyProgress(each))
  return {
    basic: basicStatusOf(raft),
    configuration: { ...raft.configuration, autoLeave: false },
    progress,
  }
}

const stateNames: Readonly<Record<ProgressState, string>> = {
  probe: 'StateProbe',
  replicate: 'StateReplicate',
  snapshot: 'StateSnapshot',
}

/** As JSON, for people and their tools: ids as strings in hexadecimal, as in the log. */
export function statusToJson({ basic, progress }: Status): string {
  const { hardState, softState } = basic
  const members = [...progress].map(([id, { match, next, state }]) => [
    hex(id),
    { match, next, state: stateNames[state] },
  ])
  return JSON.stringify({
    id: hex(basic.id),
    term: hardState.term,
    vote: hex(hardState.vote),
    commit: hardState.commit,
    lead: hex(softState.lead),
    raftState: softState.raftState,
    applied: basic.applied,
    progress: Object.fromEntries(members),
    leadtransferee: hex(basic.leadTransferee),
  })
}
