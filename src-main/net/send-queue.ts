import { appendQueueMax, queueBytesMax, urgentQueueMax } from './limits.ts'

/**
 * What waits to be sent to one peer. A heartbeat that stands behind a megabyte of entries costs an election, so classes
 * overtake: urgent (elections, heartbeats, acknowledgements, status), then appends and asks. Snapshot chunks are not
 * queued at all; their sender reads them when everything else has gone.
 */
export type SendClass = 'urgent' | 'append'

export class SendQueue {
  readonly #urgent: Uint8Array[] = []
  readonly #append: Uint8Array[] = []
  #bytes = 0

  /** False: no room, it is dropped. */
  push(kind: SendClass, frame: Uint8Array): boolean {
    const queue = kind === 'urgent' ? this.#urgent : this.#append
    const max = kind === 'urgent' ? urgentQueueMax : appendQueueMax
    if (queue.length >= max || this.#bytes + frame.length > queueBytesMax) return false
    queue.push(frame)
    this.#bytes += frame.length
    return true
  }

  shift(): Uint8Array | null {
    const frame = this.#urgent.shift() ?? this.#append.shift()
    if (frame === undefined) return null
    this.#bytes -= frame.length
    return frame
  }

  get isEmpty(): boolean {
    return this.#urgent.length === 0 && this.#append.length === 0
  }

  clear(): void {
    this.#urgent.length = 0
    this.#append.length = 0
    this.#bytes = 0
  }
}
