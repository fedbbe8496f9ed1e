import type { MemberGate, PeerListener } from '../net/listener.ts'

/** Where a membership takes other members in. */
export type MemberDoor = Pick<PeerListener, 'addresses' | 'admitMembers'>

/**
 * The one listener of the install, shared by the membership that is and the one that is being joined: the newest that
 * opened its door gets who knocks, and when it closes it, the one before gets them again.
 */
export class Doors {
  readonly #listener: PeerListener
  readonly #open: { readonly owner: object; readonly gate: MemberGate }[] = []

  constructor(listener: PeerListener) {
    this.#listener = listener
  }

  door(): MemberDoor {
    const listener = this.#listener
    const owner = {}
    return {
      get addresses() {
        return listener.addresses
      },
      admitMembers: (gate) => {
        const at = this.#open.findIndex((each) => each.owner === owner)
        if (at >= 0) this.#open.splice(at, 1)
        if (gate !== null) this.#open.push({ owner, gate })
        listener.admitMembers(this.#open.at(-1)?.gate ?? null)
      },
    }
  }
}
