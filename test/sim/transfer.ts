import type { Message } from '../../src-main/raft/message.ts'
import type { SnapshotReader, SnapshotReceiver } from '../../src-main/replica/ports.ts'
import type { Station } from './network.ts'

export interface TransferOptions {
  readonly message: Message
  readonly reader: SnapshotReader
  readonly sender: Station
  readonly target: Station | null
  settled(arrived: boolean): void
  wait(then: () => void): void
  isOpen(): boolean
}

/** Bytes in one chunk: small, so that a snapshot of a few notes takes several. */
const chunkBytes = 4_096

/** One snapshot on its way from one member's disk to another's. It ends early when either dies or the way is cut. */
export class Transfer {
  readonly #options: TransferOptions
  #receiver: SnapshotReceiver | null = null
  #writing: Promise<unknown> = Promise.resolve()
  #isOver = false

  constructor(options: TransferOptions) {
    this.#options = options
  }

  get isOver(): boolean {
    return this.#isOver
  }

  get sender(): Station {
    return this.#options.sender
  }

  get target(): Station | null {
    return this.#options.target
  }

  begin(): void {
    this.#run().catch(() => this.end(false)) // the disk of one of the two: that member tells of it
  }

  end(arrived: boolean): void {
    if (this.#isOver) return
    this.#isOver = true
    const { sender, target, reader, settled } = this.#options
    if (!arrived && this.#receiver !== null && target?.life.isAlive) this.#discard(this.#receiver)
    if (!sender.life.isAlive) return
    reader.close().catch(() => undefined) // nothing was written
    settled(arrived)
  }

  #discard(receiver: SnapshotReceiver): void {
    this.#writing.then(() => receiver.discard()).catch(() => undefined) // the journal has told
  }

  async #run(): Promise<void> {
    const { target, message, reader } = this.#options
    if (target === null) return this.#later(() => this.end(false))
    await this.#pause()
    if (this.#isCut()) return this.end(false)
    this.#receiver = await target.intake(message)
    if (this.#receiver === null || this.#isCut()) return this.end(false)
    for (let offset = 0; offset < reader.size; offset += chunkBytes) {
      const bytes = await reader.chunk(offset, Math.min(chunkBytes, reader.size - offset))
      await this.#pause()
      if (this.#isCut()) return this.end(false)
      const writing = this.#receiver.write(offset, bytes)
      this.#writing = writing.catch(() => undefined) // whoever waits for it is told
      await writing
    }
    if (this.#isOver) return
    const finishing = this.#receiver.finish()
    this.#writing = finishing.catch(() => undefined) // whoever waits for it is told
    const staged = await finishing
    if (this.#isOver) return await staged.discard()
    this.#receiver = null
    target.arrived(message, staged)
    this.end(true)
  }

  #isCut(): boolean {
    return this.#isOver || !this.#options.isOpen()
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#options.wait(resolve))
  }

  #later(then: () => void): void {
    this.#options.wait(then)
  }
}
