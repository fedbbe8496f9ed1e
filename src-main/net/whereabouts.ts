import type { DeviceId } from '../../src-shared/base/ids.ts'
import type { MemberRecord } from '../../src-shared/members/member.ts'
import { parseAddress } from './address.ts'
import { whereaboutsMax } from './limits.ts'

export interface Search {
  /** Null: nobody is missing. */
  readonly wanted: readonly string[] | null
  /** Somebody who is not missing lives there. */
  readonly taken: ReadonlySet<string>
}

/** Where members have been met or say that they listen. Hints, like every address: whoever answers says who it is. */
export class Whereabouts {
  /** Newest first. */
  readonly #met = new Map<DeviceId, readonly string[]>()
  /** Addresses that surely lead to this run of the member, so that nobody else is looked for there. */
  readonly #current = new Map<DeviceId, { readonly session: string; readonly at: Set<string> }>()

  met(id: DeviceId, session: string, addresses: readonly string[]): void {
    const known = new Set([...addresses, ...(this.#met.get(id) ?? [])])
    const usable = [...known].filter((text) => parseAddress(text).ok)
    this.#met.set(id, usable.slice(0, whereaboutsMax))
    const before = this.#current.get(id)
    const at = before?.session === session ? before.at : new Set<string>()
    for (const text of addresses) if (at.size < whereaboutsMax) at.add(text)
    this.#current.set(id, { session, at })
  }

  of(id: DeviceId): readonly string[] {
    return this.#met.get(id) ?? []
  }

  /** Where to look for the missing, and where not. */
  search(others: readonly MemberRecord[], isHere: (id: DeviceId) => boolean): Search {
    const taken = new Set<string>()
    const wanted = new Set<string>()
    for (const { id } of others) {
      if (isHere(id)) for (const text of this.#current.get(id)?.at ?? []) taken.add(text)
    }
    const missing = others.filter(({ id }) => !isHere(id))
    for (const { id, addresses } of missing) {
      for (const text of [...this.of(id), ...addresses]) wanted.add(text)
    }
    return { wanted: missing.length === 0 ? null : [...wanted], taken }
  }
}
