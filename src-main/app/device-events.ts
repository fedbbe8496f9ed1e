import type { Clock } from '../../src-shared/base/clock.ts'
import type { NoteId } from '../../src-shared/base/ids.ts'
import type { MemberStatus, NoteSummary, Status } from '../../src-shared/ipc/contract.ts'
import { Coalesced } from './coalesce.ts'
import type { DeviceEvent } from './device-api.ts'

export interface DeviceEventsPorts {
  readonly clock: Clock
  status(): Status
  /** Null: there is no such note (any more). */
  summary(id: NoteId): NoteSummary | null
}

/** Tells windows and scripts what happened: steps of a text at once, everything that is only drawn at most 20 times a second. */
export class DeviceEvents {
  readonly #ports: DeviceEventsPorts
  readonly #listeners = new Set<(event: DeviceEvent) => void>()
  readonly #status: Coalesced
  readonly #notes: Coalesced
  #changed = new Set<NoteId>()
  #toldStatus = ''
  readonly #toldMembers = new Map<string, string>()

  constructor(ports: DeviceEventsPorts) {
    this.#ports = ports
    this.#status = new Coalesced(ports.clock, () => this.#tellStatus())
    this.#notes = new Coalesced(ports.clock, () => this.#tellNotes())
  }

  hear(listener: (event: DeviceEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  tell(event: DeviceEvent): void {
    for (const listener of [...this.#listeners]) listener(event)
  }

  status(): void {
    this.#status.ask()
  }

  notes(ids: Iterable<NoteId>): void {
    if (this.#listeners.size === 0) return
    for (const id of ids) this.#changed.add(id)
    if (this.#changed.size > 0) this.#notes.ask()
  }

  close(): void {
    this.#status.close()
    this.#notes.close()
    this.#listeners.clear()
  }

  #tellStatus(): void {
    if (this.#listeners.size === 0) return
    const status = this.#ports.status()
    const text = JSON.stringify(status)
    if (text === this.#toldStatus) return
    this.#toldStatus = text
    this.tell({ name: 'status', event: status })
    for (const member of status.members) this.#tellMember(member)
  }

  /** What comes and goes with every edit is not news of a member. */
  #tellMember(member: MemberStatus): void {
    const { id, name, role, online, isLeader, removed } = member
    const text = JSON.stringify([name, role, online, isLeader, removed])
    if (this.#toldMembers.get(id) === text) return
    this.#toldMembers.set(id, text)
    this.tell({ name: 'member', event: member })
  }

  #tellNotes(): void {
    const ids = this.#changed
    this.#changed = new Set()
    const changed: NoteSummary[] = []
    const gone: NoteId[] = []
    for (const id of ids) {
      const summary = this.#ports.summary(id)
      if (summary === null) gone.push(id)
      else changed.push(summary)
    }
    this.tell({ name: 'notes', event: { changed, gone } })
  }
}
