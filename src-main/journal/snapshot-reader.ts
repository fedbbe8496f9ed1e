import type { SnapshotMetadata } from '../raft/entry.ts'
import type { SnapshotReader, StateRecord } from '../replica/ports.ts'
import { type Chain, chainRecords } from './chain.ts'
import type { Disk } from './disk.ts'

/**
 * Serves one snapshot: its records, and the bytes of its files one after the other, which is what
 * another member receives: a file of several parts.
 */
export class ChainReader implements SnapshotReader {
  readonly #disk: Disk
  readonly #chain: Chain
  readonly #closed: () => Promise<void>
  readonly metadata: SnapshotMetadata
  readonly size: number
  #isClosed = false

  constructor(
    disk: Disk,
    chain: Chain,
    own: { metadata: SnapshotMetadata; closed(): Promise<void> },
  ) {
    this.#disk = disk
    this.#chain = chain
    this.#closed = own.closed
    this.metadata = own.metadata
    this.size = chain.reduce((sum, file) => sum + file.size, 0)
  }

  async chunk(offset: number, length: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    let begin = 0
    for (const file of this.#chain) {
      const from = Math.max(0, offset - begin)
      const to = Math.min(file.size, offset + length - begin)
      if (from < to) pieces.push(await this.#disk.read(file.name, from, to))
      begin += file.size
    }
    return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)
  }

  records(): AsyncIterable<StateRecord> {
    return chainRecords(this.#disk, this.#chain)
  }

  /** The files may go once nobody reads them. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#closed()
  }
}
