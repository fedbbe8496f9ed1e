import type { DeviceId, NoteId } from '../base/ids.ts'
import type { Outcome } from '../base/outcome.ts'
import type { Changes } from '../notes/text.ts'

/** What a window may ask and hear. One table: preload, main, the headless shell and the window are all typed from it. */

// ---- notes -------------------------------------------------------------------------------------------------------

export interface NoteSummary {
  readonly id: NoteId
  readonly title: string
  readonly titleDerived: boolean
  /** The first words after the title line, one line, at most 160 characters. */
  readonly preview: string
  readonly rev: number
  /** Log index of the last command on this note; 0 while it exists only in this device's outbox. */
  readonly index: number
  readonly tags: readonly string[]
  readonly trashed: boolean
  readonly pinned: boolean
  readonly createdAt: string
  readonly updatedAt: string
  /** Commands of this note that this device still holds in its outbox. */
  readonly pending: number
  readonly durability: Durability
}

export interface Durability {
  readonly state: 'saved' | 'safe' | 'all'
  /** Members that durably hold the last change; unknown is null. */
  readonly holders: number | null
  readonly members: number
}

/** The text of an open note; `version` is the device's local version, which the collaboration runs on (not the rev). */
export interface OpenedNote {
  readonly summary: NoteSummary
  readonly version: number
  readonly text: string
}

/** One step of the device's text from `version` on: what a window sends and gets back. */
export interface Update {
  /** The window's own client id, so that it knows its own steps again. */
  readonly client: string
  readonly changes: Changes
}

export interface UpdatesFrom {
  readonly id: NoteId
  readonly version: number
  readonly updates: readonly Update[]
}

export interface NewNote {
  readonly title?: string
  readonly body?: string
  readonly tags?: readonly string[]
}

export interface NoteEdit {
  readonly id: NoteId
  /** Null takes the given title away: it is derived again. */
  readonly title?: string | null
  readonly tags?: readonly string[]
  readonly pinned?: boolean
}

export interface SearchHit {
  readonly id: NoteId
  /** Text around the first match, one line; the match is at [from, to). */
  readonly excerpt: string
  readonly from: number
  readonly to: number
}

export interface ImportFile {
  readonly path: string
  /** Base64 of the file's bytes. */
  readonly bytes: string
}

export interface ImportReport {
  readonly imported: number
  readonly unchanged: number
  readonly refused: readonly { readonly path: string; readonly reason: string }[]
}

// ---- the group ---------------------------------------------------------------------------------------------------

export type DeviceRole =
  | 'leader'
  | 'follower'
  | 'candidate'
  | 'precandidate'
  | 'learner'
  | 'removed'

export interface MemberStatus {
  readonly id: DeviceId
  readonly name: string
  readonly role: 'voter' | 'learner'
  readonly online: boolean | null
  /** Highest log index it durably holds; null when nobody who knows has been heard. */
  readonly matchIndex: number | null
  /** Notes it holds completely, of `notes.total`; null when unknown. */
  readonly holds: number | null
  readonly isLeader: boolean
  readonly isSelf: boolean
  readonly removed: boolean
  readonly addresses: readonly string[]
  /** ISO 8601 UTC of the last time it was heard by this device; null when never since the start. */
  readonly lastSeen: string | null
}

export interface Status {
  readonly device: { readonly id: DeviceId; readonly name: string; readonly role: DeviceRole }
  readonly cluster: {
    readonly id: string
    readonly term: number
    readonly leaderId: DeviceId | null
    readonly commitIndex: number
    readonly appliedIndex: number
  }
  readonly members: readonly MemberStatus[]
  readonly notes: { readonly total: number }
  readonly outbox: { readonly pending: number; readonly oldest: string | null }
  /** Null while all is well; otherwise why nothing is acknowledged here, in plain words. */
  readonly trouble: string | null
  readonly sentence: string
  readonly version: string
  /** What engineers like to see: log size, addresses, paths' names; label and value, in order. */
  readonly details: readonly { readonly label: string; readonly value: string }[]
}

export interface Nearby {
  readonly ref: string
  readonly name: string
  readonly address: string
  readonly state: 'waiting' | 'other'
}

export interface PairingState {
  readonly state: 'closed' | 'waiting' | 'joining' | 'joined' | 'burnt' | 'expired' | 'failed'
  readonly code: string | null
  readonly expiresAt: string | null
  readonly address: string | null
  /** What happened last, in plain words. */
  readonly detail: string | null
}

/** A refusal in words for a person: what happened, what was kept, what to do. */
export interface Refusal {
  readonly kind: string
  readonly message: string
}

export interface Calls {
  'status/get': { ask: null; answer: Status }
  'notes/list': { ask: null; answer: readonly NoteSummary[] }
  'notes/open': { ask: { id: NoteId }; answer: Outcome<OpenedNote, Refusal> }
  'notes/close': { ask: { id: NoteId }; answer: null }
  /** Takes steps made at `version`. Behind: the window must first take in what it missed (it is in the answer) and try again. */
  'notes/push': {
    ask: UpdatesFrom
    answer: Outcome<{ version: number }, Refusal | { kind: 'behind'; missed: UpdatesFrom }>
  }
  /** For a window that lost events: everything since its version, or null when that is no longer known (open it again). */
  'notes/pull': { ask: { id: NoteId; version: number }; answer: UpdatesFrom | null }
  'notes/create': { ask: NewNote; answer: Outcome<{ id: NoteId }, Refusal> }
  'notes/edit': { ask: NoteEdit; answer: Outcome<null, Refusal> }
  'notes/trash': { ask: { ids: readonly NoteId[] }; answer: Outcome<null, Refusal> }
  'notes/restore': { ask: { ids: readonly NoteId[] }; answer: Outcome<null, Refusal> }
  'notes/purge': { ask: { ids: readonly NoteId[] }; answer: Outcome<null, Refusal> }
  'notes/search': { ask: { query: string; limit: number }; answer: readonly SearchHit[] }
  'files/import': { ask: { files: readonly ImportFile[] }; answer: Outcome<ImportReport, Refusal> }
  'devices/nearby': { ask: null; answer: readonly Nearby[] }
  'devices/add': {
    ask: { address: string; code: string; bring: boolean }
    answer: Outcome<{ id: DeviceId }, Refusal>
  }
  'devices/rename': { ask: { id: DeviceId; name: string }; answer: Outcome<null, Refusal> }
  /** What removing would mean, to be shown before it is asked. */
  'devices/consequences': { ask: { id: DeviceId }; answer: Consequences }
  'devices/remove': { ask: { id: DeviceId }; answer: Outcome<null, Refusal> }
  'devices/lead': { ask: { id: DeviceId }; answer: Outcome<null, Refusal> }
  'pairing/get': { ask: null; answer: PairingState }
  'pairing/open': { ask: null; answer: Outcome<PairingState, Refusal> }
  'pairing/close': { ask: null; answer: PairingState }
}

export interface Consequences {
  readonly allowed: boolean
  /** Sentences, in order: what will be, what is held nowhere else, why it is refused. */
  readonly lines: readonly string[]
}

/** What a window hears without asking. `hear` first, then ask: no change falls between. */
export interface Events {
  status: Status
  /** Summaries that changed since the last one, and notes that are gone for ever. */
  notes: { readonly changed: readonly NoteSummary[]; readonly gone: readonly NoteId[] }
  /** Steps of an open note, own ones included. */
  note: UpdatesFrom
  pairing: PairingState
}

export type CallName = keyof Calls
export type EventName = keyof Events

export type Handlers = {
  [N in CallName]: (ask: unknown, window: WindowId) => Promise<Calls[N]['answer']>
}

/** Which window or page asks: notes it has open are its own. */
export type WindowId = string

export interface Bridge {
  call<N extends CallName>(name: N, ask: Calls[N]['ask']): Promise<Calls[N]['answer']>
  hear<N extends EventName>(name: N, listener: (event: Events[N]) => void): () => void
}

/** Every call's name, for the preload and the gate of the headless shell. `satisfies` keeps it complete and exact. */
export const callNames = {
  'status/get': true,
  'notes/list': true,
  'notes/open': true,
  'notes/close': true,
  'notes/push': true,
  'notes/pull': true,
  'notes/create': true,
  'notes/edit': true,
  'notes/trash': true,
  'notes/restore': true,
  'notes/purge': true,
  'notes/search': true,
  'files/import': true,
  'devices/nearby': true,
  'devices/add': true,
  'devices/rename': true,
  'devices/consequences': true,
  'devices/remove': true,
  'devices/lead': true,
  'pairing/get': true,
  'pairing/open': true,
  'pairing/close': true,
} as const satisfies Record<CallName, true>

export const eventNames = {
  status: true,
  notes: true,
  note: true,
  pairing: true,
} as const satisfies Record<EventName, true>
