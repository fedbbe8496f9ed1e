import type { DeviceId, NoteId } from '../../src-shared/base/ids.ts'
import type { StatusTable } from '../net/network.ts'
import type { Status } from '../raft/raw-node.ts'
import type { NotesByIndex } from './by-index.ts'
import type { Ladder } from './ladder.ts'

/** A leader tells where everybody stands when it changed, and this often all the same, in ticks. */
export const statusTicks = 5

export interface StandingPorts {
  readonly selfId: DeviceId
  readonly ladder: Ladder
  readonly byIndex: NotesByIndex
  /** Null once stopped. */
  raft(): Status | null
  /** The last index that is in the state here. */
  applied(): number
  present(): readonly DeviceId[]
  isOnline(id: DeviceId): boolean
  broadcast(table: StatusTable): void
  /** Notes that another member holds now. */
  notes(ids: Iterable<NoteId>): void
  status(): void
}

/** Where everybody's log stands: told by the leader beside its heartbeats, heard by all, counted in notes. */
export class Standing {
  readonly #ports: StandingPorts
  #ticks = 0
  #told = ''

  constructor(ports: StandingPorts) {
    this.#ports = ports
  }

  /** 100 ms have passed, and we lead. */
  tell(): void {
    const table = this.#table()
    if (table === null) return
    this.hear(table)
    const text = JSON.stringify(table)
    this.#ticks++
    if (text === this.#told && this.#ticks < statusTicks) return
    this.#ticks = 0
    this.#told = text
    this.#ports.broadcast(table)
  }

  /** What the leader says, ourselves included. */
  hear(table: StatusTable): void {
    const { ladder, byIndex, notes, status } = this.#ports
    const wasKnown = ladder.isKnown
    const moved = ladder.hear(table)
    if (moved !== null) notes(byIndex.between(moved.from, moved.to))
    if (moved !== null || !wasKnown) status()
  }

  /** It holds the last change of every note, as far as is known here. */
  holdsAll(id: DeviceId): boolean {
    const { ladder, byIndex, applied } = this.#ports
    return ladder.holds(id, byIndex.newest(), applied())
  }

  /** Notes whose last change no other present member is known to hold. */
  heldOnlyHere(): number {
    const { ladder, byIndex, present, selfId } = this.#ports
    let elsewhere = 0
    for (const id of present()) {
      if (id !== selfId) elsewhere = Math.max(elsewhere, ladder.row(id)?.match ?? 0)
    }
    return byIndex.between(elsewhere, Number.POSITIVE_INFINITY).length
  }

  #table(): StatusTable | null {
    const { raft, selfId, isOnline } = this.#ports
    const status = raft()
    if (status === null || status.progress.size === 0) return null
    const { term, commit } = status.basic.hardState
    const rows = [...status.progress].map(([nodeId, { match }]) => {
      const id = String(nodeId)
      return { id, match, online: id === selfId || isOnline(id) }
    })
    return { term, commit, rows }
  }
}
