import type { NodeId } from './entry.ts'
import type { MessageOf } from './message.ts'
import { committedByJoint, type JointMajority } from './quorum/joint.ts'

/**
 * Reads that may wait for a quorum at one time; a further one is dropped, and asked again by its
 * reader.
 */
export const pendingReadsMax = 4_096

export type ReadRequest = MessageOf<'MsgReadIndex'>

/**
 * The answer to a read of our own: what is applied up to `index` holds all that was acknowledged
 * before.
 */
export interface ReadState {
  readonly index: number
  /** The bytes that the request came with. */
  readonly requestContext: Uint8Array
}

export interface PendingRead {
  readonly request: ReadRequest
  /** The commit index when it was asked: what the answer may be served from. */
  readonly index: number
}

/**
 * The reads of one leadership, in order, until a quorum confirms that it lasts (thesis §6.4). Each
 * heartbeat carries the place of the newest one; an answer to it confirms that one and all before,
 * and nothing that was asked later. Places are never used twice, so an old answer proves nothing
 * new.
 */
export class ReadOnly {
  readonly #self: NodeId
  readonly #acked = new Map<NodeId, number>()
  #waiting: PendingRead[] = []
  /** The place of the newest request; places count from 1. */
  #issued = 0
  #released = 0

  constructor(self: NodeId) {
    this.#self = self
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** False when too many wait already. */
  add(read: PendingRead): boolean {
    if (this.#waiting.length >= pendingReadsMax) return false
    this.#waiting.push(read)
    this.#issued++
    return true
  }

  /** What a heartbeat shall carry while a read waits. */
  context(): Uint8Array | null {
    return this.#waiting.length === 0 ? null : contextOf(this.#issued)
  }

  /** A member answered a heartbeat with this context. One that is not ours is left alone. */
  acknowledge(id: NodeId, context: Uint8Array): void {
    const place = placeIn(context)
    if (place === null || place > this.#issued) return
    if (place > (this.#acked.get(id) ?? 0)) this.#acked.set(id, place)
  }

  /** Takes out what a quorum has confirmed, in the order it was asked. We have confirmed it all. */
  release(voters: JointMajority): readonly PendingRead[] {
    const confirmed = committedByJoint(voters, (id) =>
      id === this.#self ? this.#issued : this.#acked.get(id),
    )
    const released = this.#waiting.splice(0, Math.min(confirmed, this.#issued) - this.#released)
    this.#released += released.length
    return released
  }
}

const contextLength = 8

function contextOf(place: number): Uint8Array {
  const context = new Uint8Array(contextLength)
  new DataView(context.buffer).setBigUint64(0, BigInt(place), true)
  return context
}

function placeIn(context: Uint8Array): number | null {
  if (context.length !== contextLength) return null
  const view = new DataView(context.buffer, context.byteOffset, contextLength)
  return Number(view.getBigUint64(0, true))
}
