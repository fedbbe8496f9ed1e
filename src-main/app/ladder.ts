import type { DeviceId } from '../../src-shared/base/ids.ts'
import type { Durability } from '../../src-shared/ipc/contract.ts'
import type { StatusRow, StatusTable } from '../net/network.ts'

/**
 * What this device knows of what the others hold, from acknowledged indices and nothing else. A leader knows it first
 * hand; the others are told beside the heartbeats. When no leader is heard for an election timeout it is unknown, and
 * said to be; but what was once known to be held stays a fact, for a durable log does not shrink.
 */
export class Ladder {
  readonly #selfId: DeviceId
  /** The committed prefix that each member was ever heard to hold: a floor that stays true without a leader. */
  readonly #floor = new Map<DeviceId, number>()
  #rows: ReadonlyMap<DeviceId, StatusRow> | null = null
  #term = 0
  #ticksSince = 0

  constructor(selfId: DeviceId) {
    this.#selfId = selfId
  }

  /** What the leader says, ourselves included when we lead. Answers the lowest match that rose, from and to; null: nothing moved. */
  hear(table: StatusTable): { readonly from: number; readonly to: number } | null {
    if (table.term < this.#term) return null
    this.#term = table.term
    this.#ticksSince = 0
    this.#rows = new Map(table.rows.map((row) => [row.id, row]))
    let from = Number.POSITIVE_INFINITY
    let to = 0
    for (const { id, match } of table.rows) {
      // Beyond the commit index a log may still be overwritten: holding that proves nothing.
      const held = Math.min(match, table.commit)
      const before = this.#floor.get(id) ?? 0
      if (held <= before) continue
      this.#floor.set(id, held)
      from = Math.min(from, before)
      to = Math.max(to, held)
    }
    return to === 0 ? null : { from, to }
  }

  /** 100 ms have passed. True when what was known has just become unknown. */
  tick(unknownAfterTicks: number): boolean {
    this.#ticksSince++
    if (this.#rows === null || this.#ticksSince < unknownAfterTicks) return false
    this.#rows = null
    return true
  }

  /** No leader any more: who is online is not known now. */
  forget(): void {
    this.#rows = null
  }

  /** What the leader says of a member now; null: unknown. */
  row(id: DeviceId): StatusRow | null {
    return this.#rows?.get(id) ?? null
  }

  get isKnown(): boolean {
    return this.#rows !== null
  }

  /** True when it is known to hold the log up to `index`; a claim that stays true when the leader is gone. */
  holds(id: DeviceId, index: number, appliedHere: number): boolean {
    // Applied here means durable here: raft hands out for applying only what our own disk has.
    if (id === this.#selfId && index <= appliedHere) return true
    return (this.#floor.get(id) ?? 0) >= index
  }
}

/** The rung of a note whose last command stands at `index`, among these members. */
export function durabilityOf(
  ladder: Ladder,
  note: { readonly index: number; readonly pending: number },
  group: { readonly members: readonly DeviceId[]; readonly applied: number },
): Durability {
  const members = group.members.length
  if (note.pending > 0) return { state: 'saved', holders: 1, members }
  const holders = group.members.filter((id) => ladder.holds(id, note.index, group.applied)).length
  const counted = ladder.isKnown || members <= 1 ? holders : null
  if (members <= 1 || holders < 2) return { state: 'saved', holders: counted, members }
  return { state: holders === members ? 'all' : 'safe', holders: counted, members }
}
