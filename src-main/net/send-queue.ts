import { appendQueueMax, chunkQueueMax, queueBytesMax, urgentQueueMax } from './limits.ts'

/**
 * What waits to be sent to one peer. A heartbeat that stands behind a megabyte of entries costs an election, so classes
 * overtake: urgent (elections, heartbeats, acknowledgements, status), then appends and asks, then snapshot chunks.
 */
export type SendClass = 'urgent' | 'append' | 'chunk'

const queueMax: Readonly<Record<SendClass, number>> = {
  urgent: urgentQueueMax,
  append: appendQueueMax,
  chunk: chunkQueueMax,
}

export class SendQueue {
  readonly #queues: Readonly<Record<SendClass, Uint8Array[]>> = {
    urgent: [],
    append: [],
    chunk: [],
  }
  #bytes = 0

  /** False: no room, it is dropped. */
  push(kind: SendClass, frame: Uint8Array): boolean {
    const queue = this.#queues[kind]
    if (queue.length >= queueMax[kind] || this.#bytes + frame.length > queueBytesMax) return false
    queue.push(frame)
    this.#bytes += frame.length
    return true
  }

  shift(): Uint8Array | null {
    const { urgent, append, chunk } = this.#queues
    const frame = urgent.shift() ?? append.shift() ?? chunk.shift()
    if (frame === undefined) return null
    this.#bytes -= frame.length
    return frame
  }

  clear(): void {
    for (const queue of Object.values(this.#queues)) queue.length = 0
    this.#bytes = 0
  }
}
