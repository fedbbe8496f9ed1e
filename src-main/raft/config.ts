import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { Random } from '../../src-shared/base/random.ts'
import { type NodeId, nobody } from './entry.ts'
import type { Storage } from './log/storage.ts'
import type { Logger } from './logger.ts'
import { isStorageThread } from './message.ts'

/**
 * How a leader makes sure that it still leads before it answers a read. `safe`: it asks a quorum
 * (thesis §6.4). `lease-based`: it trusts that ticks pass equally fast everywhere (§6.4.1).
 */
export type ReadOnlyOption = 'safe' | 'lease-based'

/** What a member is made with. Sizes and counts may be Infinity: no limit. */
export interface Config {
  /** Neither 0 nor that of a storage thread. */
  readonly id: NodeId
  /**
   * Ticks without a leader until an election: drawn anew from [electionTick, 2·electionTick − 1].
   */
  readonly electionTick: number
  /** Ticks between the heartbeats of a leader; less than `electionTick`, best a tenth. */
  readonly heartbeatTick: number
  readonly storage: Storage
  readonly random: Pick<Random, 'below'>
  readonly logger: Logger
  /** The last index that is in the state machine already, at a restart. Default: the snapshot's. */
  readonly applied?: number
  /** Writes and applies as messages to the storage threads, instead of one Ready at a time. */
  readonly asyncStorageWrites?: boolean
  /** Bytes of entries on the wire in one append. 0: one entry in each. */
  readonly maxSizePerMsg: number
  /** Bytes of entries on the wire that may be handed out and not yet applied. Default: as above. */
  readonly maxCommittedSizePerReady?: number
  /**
   * Bytes of data in a leader's log that is not applied yet; above, it refuses. Default: no limit.
   */
  readonly maxUncommittedEntriesSize?: number
  /** Appends under way to one peer: at least 1. */
  readonly maxInflightMsgs: number
  /** Bytes of data under way to one peer, at least `maxSizePerMsg`. Default: no limit. */
  readonly maxInflightBytes?: number
  /** A leader that hears no quorum for an election's length steps down (thesis §6.2). */
  readonly checkQuorum?: boolean
  /** A candidate asks first whether it could win, so that it disturbs nobody (thesis §9.6). */
  readonly preVote?: boolean
  /** Default: safe. Lease-based needs `checkQuorum`. */
  readonly readOnlyOption?: ReadOnlyOption
  /** Only the leader itself takes proposals. */
  readonly disableProposalForwarding?: boolean
  /** Takes any change of the configuration, for a driver that checks them when they are applied. */
  readonly disableConfChangeValidation?: boolean
  /** A leader that a change removed or made a learner becomes a follower once it is applied. */
  readonly stepDownOnRemoval?: boolean
}

/** The configuration with every default in place, and no contradiction in it. */
export type Settings = Required<Config>

export interface ConfigRefused {
  readonly field: keyof Config
  /** What must hold and does not. */
  readonly claim: string
}

const noLimit = Number.POSITIVE_INFINITY

/** Fills in the defaults; refuses with the first claim that does not hold. */
export function settingsOf(config: Config): Outcome<Settings, ConfigRefused> {
  const maxCommitted = config.maxCommittedSizePerReady || config.maxSizePerMsg
  const settings: Settings = {
    ...config,
    applied: config.applied ?? 0,
    asyncStorageWrites: config.asyncStorageWrites ?? false,
    // With no room at all nothing would ever be applied; one byte lets one entry through at a time.
    maxCommittedSizePerReady: Math.max(1, maxCommitted),
    maxUncommittedEntriesSize: config.maxUncommittedEntriesSize || noLimit,
    maxInflightBytes: config.maxInflightBytes || noLimit,
    checkQuorum: config.checkQuorum ?? false,
    preVote: config.preVote ?? false,
    readOnlyOption: config.readOnlyOption ?? 'safe',
    disableProposalForwarding: config.disableProposalForwarding ?? false,
    disableConfChangeValidation: config.disableConfChangeValidation ?? false,
    stepDownOnRemoval: config.stepDownOnRemoval ?? false,
  }
  const refused = refusalOf(settings)
  return refused === null ? ok(settings) : fail(refused)
}

function refusalOf(settings: Settings): ConfigRefused | null {
  const { id, heartbeatTick, electionTick, maxInflightMsgs, maxInflightBytes } = settings
  if (id === nobody) return refuse('id', 'a member has an id other than 0')
  if (isStorageThread(id)) return refuse('id', 'a member has another id than the storage threads')
  if (!Number.isInteger(heartbeatTick) || heartbeatTick <= 0) {
    return refuse('heartbeatTick', 'the heartbeat tick is a whole number above 0')
  }
  if (!Number.isInteger(electionTick) || electionTick <= heartbeatTick) {
    return refuse('electionTick', 'the election tick is a whole number above the heartbeat tick')
  }
  if (settings.storage === undefined || settings.storage === null) {
    return refuse('storage', 'there is a storage')
  }
  if (!(maxInflightMsgs > 0)) {
    return refuse('maxInflightMsgs', 'one append at least may be in flight')
  }
  if (!(maxInflightBytes >= settings.maxSizePerMsg)) {
    return refuse('maxInflightBytes', 'the bytes in flight hold one append at least')
  }
  if (settings.readOnlyOption === 'lease-based' && !settings.checkQuorum) {
    return refuse(
      'readOnlyOption',
      'lease-based reads need checkQuorum: it is what grants the lease',
    )
  }
  return refusalOfSizes(settings)
}

const counted = [
  'applied',
  'maxSizePerMsg',
  'maxCommittedSizePerReady',
  'maxUncommittedEntriesSize',
] as const satisfies readonly (keyof Config)[]

function refusalOfSizes(settings: Settings): ConfigRefused | null {
  const wrong = counted.find((field) => !(settings[field] >= 0))
  return wrong === undefined ? null : refuse(wrong, `${wrong} is a number not below 0`)
}

function refuse(field: keyof Config, claim: string): ConfigRefused {
  return { field, claim }
}
