import type { Clock } from '../../src-shared/base/clock.ts'
import type { Log, SnapshotReader } from '../replica/ports.ts'
import type { SnapshotFrame } from './frame.ts'
import {
  snapshotChunkBytes,
  snapshotChunkMs,
  snapshotIdleMs,
  snapshotWindowMax,
  snapshotWindowMin,
} from './limits.ts'

export interface SnapshotSenderOptions {
  /** Names this transfer among all of ours. */
  readonly stream: number
  /** The MsgSnap, encoded, its snapshot without data. */
  readonly message: Uint8Array
  readonly reader: SnapshotReader
  readonly clock: Clock
  readonly log: Log
  readonly send: (frame: SnapshotFrame) => void
  /** Once: true when the peer has it whole. */
  readonly settled: (arrived: boolean) => void
}

/**
 * Streams one snapshot to one peer. The receiver says from where: zero at first, later wherever a broken link or a
 * damaged chunk left it. At most a window of bytes is on the way. It doubles while acknowledgements are quick and halves
 * when they are slow: on a slow way what is already on it delays every heartbeat behind it.
 */
export class SnapshotSender {
  readonly #options: SnapshotSenderOptions
  /** Next offset to read; null: the receiver has not said where to begin. */
  #next: number | null = null
  /** Up to where anything was ever sent: over a new link an answer to the old one may still come. */
  #furthest = 0
  #acknowledged = 0
  #window = snapshotChunkBytes
  /** Chunks on the way: where they end and when they left. */
  #onTheWay: { readonly end: number; readonly at: number }[] = []
  #isReading = false
  /** Counts rewinds: a chunk that was read before one is not sent after it. */
  #run = 0
  #isOver = false
  #stopClock: () => void = () => undefined

  constructor(options: SnapshotSenderOptions) {
    this.#options = options
    this.#progress()
  }

  get stream(): number {
    return this.#options.stream
  }

  /** There is a link, or a new one: (re)introduces the snapshot. */
  offer(): void {
    if (this.#isOver) return
    this.#pause()
    const { stream, message, reader, send } = this.#options
    send({ kind: 'offer', stream, size: reader.size, message })
  }

  /** The link broke; the transfer waits for another. */
  pause(): void {
    this.#pause()
  }

  acknowledged(offset: number, isRewind: boolean): void {
    if (this.#isOver) return
    if (this.#next === null && !isRewind) return // It crossed with our new offer, which will be answered.
    if (offset > this.#furthest)
      return this.#end(false, 'an acknowledgement of what was never sent')
    if (offset > this.#acknowledged) this.#progress()
    this.#acknowledged = offset
    if (isRewind) {
      this.#pause()
      this.#next = offset
    } else this.#adjust(offset)
    this.#fill()
  }

  done(arrived: boolean, reason: string): void {
    this.#end(arrived, reason)
  }

  cancel(reason: string): void {
    this.#end(false, reason)
  }

  #pause(): void {
    this.#next = null
    this.#run += 1
    this.#isReading = false
    this.#onTheWay = []
  }

  #adjust(offset: number): void {
    const sent = this.#onTheWay.findLast(({ end }) => end <= offset)
    if (sent === undefined) return
    this.#onTheWay = this.#onTheWay.filter(({ end }) => end > offset)
    const tookMs = this.#options.clock.now() - sent.at
    const factor = tookMs < snapshotChunkMs / 2 ? 2 : tookMs > snapshotChunkMs ? 0.5 : 1
    const window = this.#window * factor
    this.#window = Math.max(snapshotWindowMin, Math.min(snapshotWindowMax, window))
  }

  #fill(): void {
    const { reader } = this.#options
    if (this.#isOver || this.#isReading || this.#next === null || this.#next >= reader.size) return
    if (this.#next - this.#acknowledged >= this.#window) return
    this.#isReading = true
    const run = this.#run
    const offset = this.#next
    const length = Math.min(snapshotChunkBytes, this.#window, reader.size - offset)
    reader.chunk(offset, length).then(
      (bytes) => {
        if (this.#isOver || run !== this.#run) return
        this.#isReading = false
        if (bytes.length !== length) return this.#end(false, 'the snapshot is shorter than it says')
        this.#next = offset + length
        this.#furthest = Math.max(this.#furthest, this.#next)
        this.#onTheWay.push({ end: this.#next, at: this.#options.clock.now() })
        this.#options.send({
          kind: 'chunk',
          stream: this.#options.stream,
          offset,
          bytes,
          isIntact: true,
        })
        this.#fill()
      },
      (error: unknown) => this.#end(false, `it cannot be read: ${String(error)}`),
    )
  }

  #progress(): void {
    this.#stopClock()
    this.#stopClock = this.#options.clock.after(snapshotIdleMs, () =>
      this.#end(false, 'no progress'),
    )
  }

  #end(arrived: boolean, reason: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#stopClock()
    const { log, reader, settled } = this.#options
    if (!arrived) log.warn(`net: snapshot ${reader.metadata.index} was not taken: ${reason}`)
    reader.close().catch((error: unknown) => log.warn(`net: closing a snapshot: ${String(error)}`))
    settled(arrived)
  }
}
