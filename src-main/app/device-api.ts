import type { DeviceId, NoteId } from '../../src-shared/base/ids.ts'
import type { Outcome } from '../../src-shared/base/outcome.ts'
import type {
  Consequences,
  Events,
  ImportReport,
  MemberStatus,
  Nearby,
  NewNote,
  NoteSummary,
  OpenedNote,
  PairingState,
  Refusal,
  SearchHit,
  Status,
  UpdatesFrom,
  WindowId,
} from '../../src-shared/ipc/contract.ts'
import type { Changes } from '../../src-shared/notes/text.ts'

/**
 * Everything a shell can ask of the install, typed: the local API and the contract's handlers are both thin faces of it.
 * Shapes are parsed before they come here (handlers.ts, serve); meaning is judged here, and a refusal says so as data.
 */
export interface DeviceApi {
  status(): Promise<Status>
  /** Every note there is, in the trash or not, newest first. */
  allNotes(): Promise<readonly NoteSummary[]>
  listNotes(ask: ListNotes): Promise<Outcome<NotePage, Refused>>
  searchNotes(ask: { query: string; limit: number }): Promise<readonly SearchHit[]>
  readNote(id: NoteId, ask: ReadNote): Promise<Outcome<NoteDetail, Refused>>
  createNote(note: NewNote, wait: Wait): Promise<Outcome<Written, Refused>>
  /** Replaces the text: the difference to the text at `baseRev`, or to what the screen shows when it is null. */
  putText(id: NoteId, ask: PutText, wait: Wait): Promise<Outcome<Written, Refused>>
  /** Takes a change set made at `baseRev`, mapped over what came since. */
  changeText(id: NoteId, ask: ChangeText, wait: Wait): Promise<Outcome<Written, Refused>>
  editNote(id: NoteId, ask: EditNote, wait: Wait): Promise<Outcome<Written, Refused>>
  trashNote(id: NoteId, wait: Wait): Promise<Outcome<Written, Refused>>
  restoreNote(id: NoteId, wait: Wait): Promise<Outcome<Written, Refused>>
  purgeNote(id: NoteId, wait: Wait): Promise<Outcome<Written, Refused>>
  /** The bytes of a zip of all notes that are not in the trash, as they are read. */
  exportZip(): AsyncIterable<Uint8Array>
  /** Takes in a zip as it streams; stops reading, and refuses, above 512 MiB. */
  importZip(bytes: AsyncIterable<Uint8Array>): Promise<Outcome<ImportReport, Refused>>
  importFiles(files: readonly ImportedFile[]): Promise<Outcome<ImportReport, Refused>>

  nearby(): Promise<readonly Nearby[]>
  pairing(): Promise<PairingState>
  openPairing(): Promise<Outcome<PairingState, Refused>>
  closePairing(): Promise<PairingState>
  /** Pairs with the device at `ref` (from `nearby`) or at an address, and has it added. Resolves once it is a member by committed change. */
  addDevice(ask: AddDevice): Promise<Outcome<{ readonly deviceId: DeviceId }, Refused>>
  renameDevice(id: DeviceId, name: string): Promise<Outcome<null, Refused>>
  consequences(id: DeviceId): Promise<Consequences>
  /** Removes a member for ever; oneself: leaves. */
  removeDevice(id: DeviceId): Promise<Outcome<null, Refused>>
  lead(id: DeviceId): Promise<Outcome<null, Refused>>

  /** Every event from now on; the answer stops. A listener must not throw and must not wait. */
  hear(listener: (event: DeviceEvent) => void): () => void
}

/** What only windows and pages ask: each is a collaboration client of this device's text. */
export interface WindowApi {
  openNote(id: NoteId, window: WindowId): Promise<Outcome<OpenedNote, Refused>>
  closeNote(id: NoteId, window: WindowId): void
  push(
    ask: UpdatesFrom,
    window: WindowId,
  ): Promise<Outcome<{ readonly version: number }, Refused | Behind>>
  pull(id: NoteId, version: number): UpdatesFrom | null
  /** A window or page is gone: what it had open is closed. */
  windowGone(window: WindowId): void
}

/** Its steps were made at an older version: first it must take in what it missed. */
export interface Behind {
  readonly kind: 'behind'
  readonly missed: UpdatesFrom
}

/** How long a write waits to be committed and applied here, in ms; 0 answers as soon as it is saved. At most `waitMsMax`. */
export interface Wait {
  readonly ms: number
}

export const waitMsDefault = 5_000
export const waitMsMax = 60_000

export interface ListNotes {
  readonly query: string | null
  readonly tag: string | null
  /** Null: those that are not in the trash. */
  readonly trashed: boolean | null
  /** 1 to `listLimitMax`. */
  readonly limit: number
  /** From an earlier page; null starts. */
  readonly cursor: string | null
}

export const listLimitDefault = 1_000
export const listLimitMax = 10_000

export interface NotePage {
  /** Newest first by `updatedAt`, then by id. */
  readonly notes: readonly NoteSummary[]
  /** Null: this was the last page. */
  readonly cursor: string | null
}

export interface ReadNote {
  /** True asks a majority first, so that nothing acknowledged anywhere before can be missing. */
  readonly linearizable: boolean
}

export interface NoteDetail {
  readonly summary: NoteSummary
  /** Exactly the text at `summary.rev`. */
  readonly body: string
  /** What the screen shows while edits are pending here; null when none are. */
  readonly draft: string | null
  readonly pending: number
}

export interface PutText {
  readonly body: string
  readonly baseRev: number | null
}

export interface ChangeText {
  readonly baseRev: number
  readonly changes: Changes
}

export interface EditNote {
  /** Undefined leaves it; null takes the given title away. */
  readonly title?: string | null
  /** The whole list; sent as additions and removals. */
  readonly tags?: readonly string[]
  readonly pinned?: boolean
}

/** `applied`: committed and applied on this device. `saved`: in its outbox, durably, and will arrive. */
export type Written =
  | {
      readonly state: 'applied'
      readonly id: NoteId
      readonly rev: number
      readonly index: number
    }
  | { readonly state: 'saved'; readonly id: NoteId; readonly rev: number }

export interface ImportedFile {
  readonly path: string
  readonly bytes: Uint8Array
}

export interface AddDevice {
  /** Either is given: one of `nearby`'s, or "HOST:PORT". */
  readonly ref: string | null
  readonly address: string | null
  readonly code: string
  readonly bring: boolean
}

/** Each kind is one row of the local API's table of problems; the window shows the message. */
export type RefusalKind =
  | 'malformed' //            400 not of the right shape or over a limit other than size
  | 'wrong-code' //           403
  | 'not-found' //            404 no such note, or purged
  | 'unknown-device' //       404 no such member, or nobody nearby under that ref
  | 'not-now' //              409 the reason is in the message; nothing was changed
  | 'rev-too-old' //          409 the base is no longer known: read again
  | 'newcomer-has-notes' //   409 the code is unspent: ask again with notes
  | 'code-burnt' //           410 three wrong tries
  | 'code-expired' //         410 two minutes are over, or it was closed
  | 'removed' //              410 this device was removed from its group
  | 'too-large' //            413
  | 'does-not-fit' //         422 the changes do not fit the text
  | 'unreachable' //          503 nobody answers at that address
  | 'unavailable' //          503 no majority answered in time
  | 'stopped' //              503 this device takes no more writes: disk full or broken, or a newer version is needed

export interface Refused extends Refusal {
  readonly kind: RefusalKind
}

/** What happens on the device. The first four are the contract's, for windows; the rest are for scripts. */
export type DeviceEvent =
  | { readonly name: 'status'; readonly event: Events['status'] }
  | { readonly name: 'notes'; readonly event: Events['notes'] }
  | { readonly name: 'pairing'; readonly event: Events['pairing'] }
  /** For those windows only: they have the note open. */
  | { readonly name: 'note'; readonly event: Events['note']; readonly windows: readonly WindowId[] }
  /** A committed change of a note was applied here. */
  | { readonly name: 'applied'; readonly event: { readonly id: NoteId; readonly rev: number } }
  /** A member came, went, was promoted, renamed, or came online or went offline. */
  | { readonly name: 'member'; readonly event: MemberStatus }
  /** This device joined a group under a new id. */
  | { readonly name: 'device'; readonly event: { readonly id: DeviceId } }
