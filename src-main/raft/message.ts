import {
  appendThread,
  applyThread,
  type Entry,
  type NodeId,
  nobody,
  type Snapshot,
} from './entry.ts'

/** Every kind of message, in the order of its number on the wire (0 to 23). */
export const messageTypes = [
  'MsgHup',
  'MsgBeat',
  'MsgProp',
  'MsgApp',
  'MsgAppResp',
  'MsgVote',
  'MsgVoteResp',
  'MsgSnap',
  'MsgHeartbeat',
  'MsgHeartbeatResp',
  'MsgUnreachable',
  'MsgSnapStatus',
  'MsgCheckQuorum',
  'MsgTransferLeader',
  'MsgTimeoutNow',
  'MsgReadIndex',
  'MsgReadIndexResp',
  'MsgPreVote',
  'MsgPreVoteResp',
  'MsgStorageAppend',
  'MsgStorageAppendResp',
  'MsgStorageApply',
  'MsgStorageApplyResp',
  'MsgForgetLeader',
] as const

export type MessageType = (typeof messageTypes)[number]

/**
 * What a message may carry besides its type. Every message has every field: the wire lets any type
 * carry any of them, a member of another make may use one that we leave empty, and one object shape
 * keeps the hot path fast. Zero, null, false and empty mean "not carried".
 */
export interface MessageFields {
  readonly to: NodeId
  readonly from: NodeId
  readonly term: number
  readonly logTerm: number
  readonly index: number
  readonly entries: readonly Entry[]
  readonly commit: number
  readonly snapshot: Snapshot | null
  readonly reject: boolean
  readonly rejectHint: number
  /** Null is "no bytes field at all", unlike an empty one. */
  readonly context: Uint8Array | null
  readonly vote: NodeId
  /** For the storage threads: what to deliver once the work is done (to ourselves or to peers). */
  readonly responses: readonly Message[]
}

export type MessageOf<T extends MessageType> = { readonly type: T } & MessageFields

/**
 * One step of the algorithm, on its way between members or within one. A received message is never
 * changed.
 */
export type Message = { [T in MessageType]: MessageOf<T> }[MessageType]

const noEntries: readonly Entry[] = []
const noResponses: readonly Message[] = []

/**
 * A message with what is not named left empty. The only place that builds one, so that all share
 * one shape.
 */
export function newMessage<T extends MessageType>(
  type: T,
  fields: Partial<MessageFields>,
): MessageOf<T> {
  return {
    type,
    to: fields.to ?? nobody,
    from: fields.from ?? nobody,
    term: fields.term ?? 0,
    logTerm: fields.logTerm ?? 0,
    index: fields.index ?? 0,
    entries: fields.entries ?? noEntries,
    commit: fields.commit ?? 0,
    snapshot: fields.snapshot ?? null,
    reject: fields.reject ?? false,
    rejectHint: fields.rejectHint ?? 0,
    context: fields.context ?? null,
    vote: fields.vote ?? nobody,
    responses: fields.responses ?? noResponses,
  }
}

/** Made by a member for itself, or by its storage threads; never taken from the network. */
export function isLocal(type: MessageType): boolean {
  switch (type) {
    case 'MsgHup':
    case 'MsgBeat':
    case 'MsgUnreachable':
    case 'MsgSnapStatus':
    case 'MsgCheckQuorum':
    case 'MsgStorageAppend':
    case 'MsgStorageAppendResp':
    case 'MsgStorageApply':
    case 'MsgStorageApplyResp':
      return true
    default:
      return false
  }
}

/** Answers something we sent, so it makes sense from a member that we know only. */
export function isResponse(type: MessageType): boolean {
  switch (type) {
    case 'MsgAppResp':
    case 'MsgVoteResp':
    case 'MsgHeartbeatResp':
    case 'MsgUnreachable':
    case 'MsgReadIndexResp':
    case 'MsgPreVoteResp':
    case 'MsgStorageAppendResp':
    case 'MsgStorageApplyResp':
      return true
    default:
      return false
  }
}

/** The two storage threads speak with us as members do, but live in this process. */
export function isStorageThread(id: NodeId): boolean {
  return id === appendThread || id === applyThread
}
