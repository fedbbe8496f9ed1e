import { assert, unreachable } from '../../src-shared/base/assert.ts'
import { type DeviceId, isDeviceId } from '../../src-shared/base/ids.ts'
import { decodeMemberContext, type MemberContext } from '../../src-shared/members/context.ts'
import type { MemberChange } from '../../src-shared/members/table.ts'
import { type Applied, applyEntry, applyMembers } from '../../src-shared/notes/apply-entry.ts'
import {
  finishReading,
  readRecord,
  type SnapshotRefused,
  snapshotReader,
} from '../../src-shared/notes/snapshot-codec.ts'
import { freeze, type NotesState, newState } from '../../src-shared/notes/state.ts'
import type { ConfChangeV2, ConfState, Entry, SnapshotMetadata } from '../raft/entry.ts'
import type { FrozenState, Machine, StateRecord } from '../replica/ports.ts'
import { frozenRecords } from './frozen-records.ts'

export interface MachineEvents {
  /** One committed entry was applied. */
  applied(applied: Applied, index: number): void
  /** All entries that were committed together are applied. */
  settled(): void
  /** A configuration took effect; the table is in the state already. */
  members(change: MemberChange, confState: ConfState, index: number): void
  /** The whole state was replaced by another member's, as of this index. */
  restored(metadata: SnapshotMetadata): void
  /** An entry of a newer app was met: nothing more is applied here until this app is updated. */
  outdated(version: number, index: number): void
}

/**
 * The notes and the table of members behind the log. It adds nothing to `applyEntry` but the bookkeeping around it: what is
 * in here is the same on every member, so nothing of this device may get in.
 *
 * An entry that this version cannot read must not be skipped and must not be guessed at. Applying then waits for ever,
 * while the member goes on storing and voting: the others lose nothing by our being old.
 */
export class StateMachine implements Machine {
  readonly #events: MachineEvents
  #state: NotesState = newState()
  #index = 0
  /** Clients that had a half-sent command in this state at any time: a later snapshot says that it is gone. */
  #seriesSeen = new Set<DeviceId>()
  #released: () => void = () => undefined
  readonly #whenReleased: Promise<void>

  constructor(events: MachineEvents) {
    this.#events = events
    this.#whenReleased = new Promise((resolve) => {
      this.#released = resolve
    })
  }

  /** To be read, never changed. */
  get state(): NotesState {
    return this.#state
  }

  /** Of the last entry that changed the state, or of the snapshot it came from. */
  get index(): number {
    return this.#index
  }

  async apply(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      this.#moveTo(entry.index)
      const applied = applyEntry(this.#state, entry.data, entry)
      if (applied.kind === 'newer') return this.#waitForUpdate(applied.version, entry.index)
      if (applied.kind === 'part') this.#seriesSeen.add(applied.client)
      this.#events.applied(applied, entry.index)
    }
    this.#events.settled()
  }

  async applyConfChange(entry: Entry, change: ConfChangeV2, confState: ConfState): Promise<void> {
    this.#moveTo(entry.index)
    const context = contextOf(change)
    if (context.kind === 'newer') return this.#waitForUpdate(context.version, entry.index)
    const members = this.#memberChange(change)
    applyMembers(this.#state, members, context.value, entry.index)
    this.#events.members(members, confState, entry.index)
  }

  freeze(): FrozenState {
    return frozenRecords(freeze(this.#state), new Set(this.#seriesSeen))
  }

  async restore(metadata: SnapshotMetadata, records: AsyncIterable<StateRecord>): Promise<void> {
    const reading = snapshotReader()
    for await (const { bytes } of records) {
      const read = bytes === null ? null : readRecord(reading, bytes)
      if (read?.ok === false) throw new SnapshotUnreadable(read.error)
    }
    const finished = finishReading(reading)
    if (!finished.ok) throw new SnapshotUnreadable(finished.error)
    this.#state = finished.value
    this.#seriesSeen = new Set(finished.value.series.keys())
    this.#index = metadata.index
    this.#events.restored(metadata)
  }

  /** Lets a member stop that waits for an update. */
  release(): void {
    this.#released()
  }

  #moveTo(index: number): void {
    assert(index > this.#index, 'entries are applied in order, each once')
    this.#index = index
  }

  async #waitForUpdate(version: number, index: number): Promise<void> {
    this.#events.outdated(version, index)
    await this.#whenReleased
    throw new Outdated()
  }

  #memberChange(change: ConfChangeV2): MemberChange {
    const added: DeviceId[] = []
    const removed: DeviceId[] = []
    const kept: DeviceId[] = []
    for (const { type, nodeId } of change.changes) {
      const id = String(nodeId)
      if (!isDeviceId(id)) continue // a rejected change names nobody
      switch (type) {
        case 'ConfChangeAddNode':
        case 'ConfChangeAddLearnerNode':
          if (this.#state.members.has(id)) kept.push(id)
          else added.push(id)
          break
        case 'ConfChangeRemoveNode':
          removed.push(id)
          break
        case 'ConfChangeUpdateNode':
          kept.push(id)
          break
        default:
          unreachable(type)
      }
    }
    return { added, removed, kept }
  }
}

/** A snapshot whose bytes are whole and whose records are not ours to read: the member stops and says why. */
export class SnapshotUnreadable extends Error {
  override readonly name = 'SnapshotUnreadable'
  readonly refused: SnapshotRefused

  constructor(refused: SnapshotRefused) {
    super(
      refused.kind === 'newer'
        ? `the snapshot has version ${refused.version}`
        : `the snapshot cannot be read: ${refused.reason}`,
    )
    this.refused = refused
  }
}

/** Only after `release`: the member is being closed while it waits for an update. */
class Outdated extends Error {
  override readonly name = 'Outdated'
}

type Context =
  | { readonly kind: 'known'; readonly value: MemberContext }
  | { readonly kind: 'newer'; readonly version: number }

/** A change that says nothing about its device, or what nobody can read, is about nobody: equally on every member. */
function contextOf(change: ConfChangeV2): Context {
  const none: MemberContext = { id: '0', name: null, addresses: null, pin: null, by: '0' }
  const bytes = change.context
  if (bytes === null || bytes.length === 0) return { kind: 'known', value: none }
  const decoded = decodeMemberContext(bytes)
  if (decoded.ok) return { kind: 'known', value: decoded.value }
  if (decoded.error.kind === 'newer') return { kind: 'newer', version: decoded.error.version }
  return { kind: 'known', value: none }
}
