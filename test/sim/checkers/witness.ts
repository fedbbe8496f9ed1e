/** What checkers see of a member, and when they are called. */
import type { ConfState, Entry, HardState, SnapshotMetadata } from '../../../src-main/raft/entry.ts'
import type { Message } from '../../../src-main/raft/message.ts'
import type { BasicStatus } from '../../../src-main/raft/raw-node.ts'
import type { Ready } from '../../../src-main/raft/ready.ts'
import type { Recovered } from '../../../src-main/replica/ports.ts'
import type { LogModel } from './log-model.ts'

/** What was asked of the journal and is not durable for sure. */
export type Saving =
  | {
      readonly kind: 'save'
      readonly hardState: HardState | null
      readonly entries: readonly Entry[]
    }
  | { readonly kind: 'install'; readonly metadata: SnapshotMetadata }

/** A member through all its lives. */
export interface Witnessed {
  readonly id: number
  /** What raft believes its log to be, whether it is on disk or not. */
  readonly believed: LogModel
  /** What the journal has said to be durable. */
  readonly durable: { hardState: HardState; readonly log: LogModel; snapshot: number }
  /** Of this life, in order. */
  readonly saving: readonly Saving[]
  readonly isLeader: boolean
  readonly term: number
  /** Null while it is down. */
  status(): BasicStatus | null
  confState(): ConfState
  /** A bit of its disk has flipped: it may have lost a snapshot, but no entry. */
  readonly isRotten: boolean
}

/** One rule. Each method is called when that has happened, after the models of the member have moved. */
export interface Checker {
  recovered?(member: Witnessed, recovered: Recovered): void
  /** Before the models move. */
  willReady?(member: Witnessed, ready: Ready): void
  ready?(member: Witnessed, ready: Ready): void
  saved?(member: Witnessed, saving: Saving): void
  /** It leaves the member. */
  sent?(member: Witnessed, message: Message): void
  applied?(member: Witnessed, entries: readonly Entry[]): void
  /** A run of entries is in the state, or a snapshot has replaced it. */
  settled?(member: Witnessed, state: { readonly index: number; readonly digest: string }): void
}

/** Tells of a broken rule: the run stops after this event. */
export type Accuse = (rule: string, what: string) => void
