import type { ConfState, HardState, Snapshot, SnapshotMetadata } from '../../src-main/raft/entry.ts'
import type {
  AnyConfChange,
  AnyConfChangeSingle,
  AnyConfChangeV2,
} from '../../src-main/raft/wire/conf-change.ts'
import type { AnyEntry } from '../../src-main/raft/wire/entry.ts'
import type { AnyMessage } from '../../src-main/raft/wire/message.ts'

/**
 * A value as the vector files show it: the reference's field names, numbers as decimal text, bytes
 * in hexadecimal, a type by name or, without one, by number; what is null or an empty list is left
 * out.
 */
export interface Shown {
  readonly [field: string]: ShownValue
}
type ShownValue = string | number | boolean | Shown | readonly ShownValue[]

export function entry({ type, term, index, data }: AnyEntry): Shown {
  return { Type: name(type), Term: `${term}`, Index: `${index}`, ...optional('Data', data) }
}

export function hardState({ term, vote, commit }: HardState): Shown {
  return { Term: `${term}`, Vote: `${vote}`, Commit: `${commit}` }
}

export function confState(state: ConfState): Shown {
  return {
    ...list('Voters', state.voters.map(String)),
    ...list('Learners', state.learners.map(String)),
    ...list('VotersOutgoing', state.votersOutgoing.map(String)),
    ...list('LearnersNext', state.learnersNext.map(String)),
    AutoLeave: state.autoLeave,
  }
}

export function metadata({ confState: state, index, term }: SnapshotMetadata): Shown {
  return { ConfState: confState(state), Index: `${index}`, Term: `${term}` }
}

export function snapshot({ data, metadata: meta }: Snapshot): Shown {
  return { ...optional('Data', data), Metadata: metadata(meta) }
}

export function confChange({ id, type, nodeId, context }: AnyConfChange): Shown {
  return {
    ID: `${id}`,
    Type: name(type),
    NodeID: `${nodeId}`,
    ...optional('Context', context),
  }
}

export function confChangeSingle({ type, nodeId }: AnyConfChangeSingle): Shown {
  return { Type: name(type), NodeID: `${nodeId}` }
}

export function confChangeV2({ transition, changes, context }: AnyConfChangeV2): Shown {
  return {
    Transition: name(transition),
    ...list('Changes', changes.map(confChangeSingle)),
    ...optional('Context', context),
  }
}

export function message(each: AnyMessage): Shown {
  return {
    Type: name(each.type),
    To: `${each.to}`,
    From: `${each.from}`,
    Term: `${each.term}`,
    LogTerm: `${each.logTerm}`,
    Index: `${each.index}`,
    ...list('Entries', each.entries.map(entry)),
    Commit: `${each.commit}`,
    ...(each.snapshot === null ? {} : { Snapshot: snapshot(each.snapshot) }),
    Reject: each.reject,
    RejectHint: `${each.rejectHint}`,
    ...optional('Context', each.context),
    Vote: `${each.vote}`,
    ...list('Responses', each.responses.map(message)),
  }
}

/** An old member puts an empty snapshot into every message. */
export function withoutEmptySnapshot(each: AnyMessage): AnyMessage {
  return each.snapshot?.metadata.index === 0 ? { ...each, snapshot: null } : each
}

/**
 * What a decoder with explicit presence leaves out because it was not there, filled in with what
 * that means.
 */
export function complete(type: string, part: Shown): Shown {
  const filled: Record<string, ShownValue> = { ...defaults[type] }
  for (const [field, value] of Object.entries(part)) {
    const inner = typesOfFields[field]
    if (inner === undefined || typeof value !== 'object') filled[field] = value
    else if (Array.isArray(value)) filled[field] = value.map((each) => complete(inner, each))
    else filled[field] = complete(inner, value as Shown)
  }
  return filled
}

export function isSame(one: ShownValue, other: ShownValue | undefined): boolean {
  if (typeof one !== 'object' || typeof other !== 'object') return one === other
  const [keys, others] = [Object.keys(one), Object.keys(other)]
  const inner = (value: object, key: string) => (value as Record<string, ShownValue>)[key]
  return (
    keys.length === others.length &&
    keys.every((key) => isSame(inner(one, key) ?? '', inner(other, key)))
  )
}

/** Whether a number that we count with is above 2^53 - 1; ids may be. */
export function hasTooLarge(part: ShownValue, field = ''): boolean {
  if (typeof part === 'object') {
    return Object.entries(part).some(([key, value]) => hasTooLarge(value, key))
  }
  return counted.has(field) && BigInt(part) > BigInt(Number.MAX_SAFE_INTEGER)
}

const counted = new Set(['Term', 'Index', 'LogTerm', 'Commit', 'RejectHint'])

const typesOfFields: Readonly<Record<string, string>> = {
  Entries: 'Entry',
  Snapshot: 'Snapshot',
  Metadata: 'SnapshotMetadata',
  ConfState: 'ConfState',
  Changes: 'ConfChangeSingle',
  Responses: 'Message',
}

const emptyConfState = { AutoLeave: false }
const emptyMetadata = { ConfState: emptyConfState, Index: '0', Term: '0' }
const defaults: Readonly<Record<string, Shown>> = {
  Entry: { Type: 'EntryNormal', Term: '0', Index: '0' },
  HardState: { Term: '0', Vote: '0', Commit: '0' },
  ConfState: emptyConfState,
  SnapshotMetadata: emptyMetadata,
  Snapshot: { Metadata: emptyMetadata },
  ConfChange: { ID: '0', Type: 'ConfChangeAddNode', NodeID: '0' },
  ConfChangeSingle: { Type: 'ConfChangeAddNode', NodeID: '0' },
  ConfChangeV2: { Transition: 'ConfChangeTransitionAuto' },
  Message: {
    Type: 'MsgHup',
    To: '0',
    From: '0',
    Term: '0',
    LogTerm: '0',
    Index: '0',
    Commit: '0',
    Reject: false,
    RejectHint: '0',
    Vote: '0',
  },
}

function name(type: string): string | number {
  return /^-?[0-9]+$/.test(type) ? Number(type) : type
}

function optional(field: string, bytes: Uint8Array | null): Shown {
  return bytes === null ? {} : { [field]: Buffer.from(bytes).toString('hex') }
}

function list(field: string, items: readonly ShownValue[]): Shown {
  return items.length === 0 ? {} : { [field]: items }
}
