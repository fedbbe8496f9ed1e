import { assert } from '../../src-shared/base/assert.ts'
import type { SnapshotMetadata } from '../raft/entry.ts'
import type { SnapshotReceiver, StagedSnapshot } from '../replica/ports.ts'
import { type Chain, readSnapshotFile } from './chain.ts'
import { type Disk, DiskFailed } from './disk.ts'
import { isPassing, removeIfThere, syncForGood, writeAll } from './durable.ts'
import { snapshotName } from './shelf.ts'
import { encodeMetadata } from './snapshot-format.ts'

/** What went wrong with bytes that another member sent: ours are untouched. */
export class SnapshotRefused extends Error {
  override readonly name = 'SnapshotRefused'
}

/** Takes in a snapshot beside everything that counts, under a name that any start cleans away. */
export class FileReceiver implements SnapshotReceiver {
  readonly #disk: Disk
  readonly #metadata: SnapshotMetadata
  readonly #file: string
  readonly #failed: (cause: DiskFailed) => void
  readonly #unnamed: (chain: Chain) => Promise<void>
  #size = 0
  #state: 'open' | 'staged' | 'gone' = 'open'
  #writing: Promise<void> = Promise.resolve()

  constructor(
    disk: Disk,
    own: {
      metadata: SnapshotMetadata
      file: string
      failed(cause: DiskFailed): void
      unnamed(chain: Chain): Promise<void>
    },
  ) {
    this.#disk = disk
    this.#metadata = own.metadata
    this.#file = own.file
    this.#failed = own.failed
    this.#unnamed = own.unnamed
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    if (this.#state !== 'open') throw new SnapshotRefused('this snapshot is not wanted any more')
    if (offset !== this.#size) {
      throw new SnapshotRefused(`bytes at ${offset}, but those at ${this.#size} come next`)
    }
    this.#size += bytes.length
    const before = this.#writing
    this.#writing = before.then(() => writeAll(this.#disk, this.#file, offset, bytes))
    try {
      await this.#guard(this.#writing)
    } catch (cause) {
      // Of no more use, and the space it takes may be what is missing.
      await this.discard()
      throw cause
    }
  }

  async finish(): Promise<StagedSnapshot> {
    if (this.#state !== 'open') throw new SnapshotRefused('this snapshot is not wanted any more')
    this.#state = 'staged'
    try {
      if (this.#size === 0) throw new SnapshotRefused('nothing of the snapshot arrived')
      await this.#guard(this.#writing)
      await this.#guard(syncForGood(this.#disk, this.#file))
      const chain = await this.#check()
      const [metadata, file, unnamed] = [this.#metadata, this.#file, this.#unnamed]
      return new StagedFile(this.#disk, { metadata, file, chain, unnamed })
    } catch (cause) {
      await this.discard()
      throw cause
    }
  }

  async discard(): Promise<void> {
    if (this.#state === 'gone') return
    this.#state = 'gone'
    await this.#writing.catch(() => undefined) // its writer was told
    await discardFile(this.#disk, this.#file)
  }

  /** Every byte is read back from the disk and checked. */
  async #check(): Promise<Chain> {
    const found = await readSnapshotFile(this.#disk, this.#file, this.#size).catch((cause) => {
      if (cause instanceof DiskFailed) throw cause
      throw new SnapshotRefused(`the snapshot that arrived is not whole: ${String(cause)}`)
    })
    const isNamed = Buffer.compare(encodeMetadata(found.metadata), encodeMetadata(this.#metadata))
    if (isNamed !== 0) throw new SnapshotRefused('another snapshot arrived than was announced')
    if (found.parent !== null) throw new SnapshotRefused('only a part of a snapshot arrived')
    const name = snapshotName(this.#metadata)
    const parts = found.parts.map((part) => ({ ...part, file: name }))
    return [{ ...found, name, parts }]
  }

  async #guard(work: Promise<void>): Promise<void> {
    try {
      await work
    } catch (cause) {
      if (cause instanceof DiskFailed && !isPassing(cause)) this.#failed(cause)
      throw cause
    }
  }
}

/** Whole and durable, but nothing counts on it. */
export class StagedFile implements StagedSnapshot {
  readonly #disk: Disk
  readonly metadata: SnapshotMetadata
  readonly chain: Chain
  readonly #file: string
  readonly #unnamed: (chain: Chain) => Promise<void>
  #state: 'staged' | 'named' | 'installed' | 'gone' = 'staged'

  constructor(
    disk: Disk,
    own: {
      metadata: SnapshotMetadata
      file: string
      chain: Chain
      unnamed(chain: Chain): Promise<void>
    },
  ) {
    this.#disk = disk
    this.metadata = own.metadata
    this.chain = own.chain
    this.#file = own.file
    this.#unnamed = own.unnamed
  }

  /** Calls `name` with where it lies, unless that was done before: an installation may be tried again. */
  async nameOnce(name: (file: string) => Promise<void>): Promise<void> {
    if (this.#state === 'named') return
    assert(this.#state === 'staged', 'a snapshot is installed once, and not after it was discarded')
    await name(this.#file)
    this.#state = 'named'
  }

  /** It is ours now, and `discard` leaves it alone. */
  installed(): void {
    this.#state = 'installed'
  }

  async discard(): Promise<void> {
    const before = this.#state
    if (before === 'installed' || before === 'gone') return
    this.#state = 'gone'
    // With its name it may be in the log already, whatever was said of that: not ours to remove.
    if (before === 'named') await this.#unnamed(this.chain)
    else await discardFile(this.#disk, this.#file)
  }
}

/** A start cleans away what a full or read-only disk keeps. */
async function discardFile(disk: Disk, file: string): Promise<void> {
  try {
    await removeIfThere(disk, file)
  } catch (cause) {
    if (!isPassing(cause)) throw cause
  }
}
