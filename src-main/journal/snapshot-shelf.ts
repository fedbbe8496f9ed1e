import type { SnapshotMetadata } from '../raft/entry.ts'
import type { FrozenState } from '../replica/ports.ts'
import type { Chain } from './chain.ts'
import type { Disk } from './disk.ts'
import { isPassing, removeIfThere, syncDirForGood, temporarySuffix } from './durable.ts'
import { type Shelf, shelfMax, snapshotName } from './shelf.ts'
import { ChainReader } from './snapshot-reader.ts'
import { writeSnapshot } from './snapshot-writer.ts'

/** The snapshot files: which count, which are being read, which may go. */
export class SnapshotShelf {
  readonly #disk: Disk
  #chains: readonly Chain[]
  /** Every snapshot file that is there; those that are being read, by the number of readers. */
  readonly #files = new Set<string>()
  readonly #readers = new Map<string, number>()
  /** Files that are named and wait for the log to name them. */
  readonly #awaited = new Set<string>()

  constructor(disk: Disk, chains: readonly Chain[]) {
    this.#disk = disk
    this.#chains = chains
    for (const file of chains.flat()) this.#files.add(file.name)
  }

  /** Empty when there is none. */
  get newest(): Chain {
    return this.#chains[0] ?? []
  }

  get newestIndex(): number {
    return this.newest[0]?.pointer.index ?? 0
  }

  /** Up to here the log may go: the snapshot before the newest must be able to stand in for it. */
  get releasableUpTo(): number {
    return this.#chains[1]?.[0]?.pointer.index ?? 0
  }

  /** Writes a snapshot that builds on `base`; its name is durable, but nothing counts on it yet. */
  async write(metadata: SnapshotMetadata, state: FrozenState, base: Chain): Promise<Chain> {
    const name = snapshotName(metadata)
    const records = state.records(base[0]?.pointer.index ?? 0)
    const temporary = `${name}${temporarySuffix}`
    const file = await writeSnapshot(this.#disk, temporary, { metadata, records, chain: base })
    await this.name(temporary, name)
    const parent = base.findIndex((older) => older.pointer.index === file.parent?.index)
    return [file, ...(parent === -1 ? [] : base.slice(parent))]
  }

  async name(temporary: string, name: string): Promise<void> {
    this.#awaited.add(name)
    await this.#disk.rename(temporary, name)
    await syncDirForGood(this.#disk, 'snap')
    this.#files.add(name)
  }

  /** What the shelf will be with one more; `isAlone`: nothing older can stand in for it. */
  with(chain: Chain, isAlone: boolean): readonly Chain[] {
    return (isAlone ? [chain] : [chain, ...this.#chains]).slice(0, shelfMax)
  }

  /** The log knows them. */
  adopt(chains: readonly Chain[]): void {
    this.#chains = chains
    for (const file of chains.flat()) this.#awaited.delete(file.name)
  }

  /** The log does not name it and will not. */
  giveUp(chain: Chain): void {
    for (const file of chain) this.#awaited.delete(file.name)
  }

  /** `closed` is called when this reader needs its files no more. Null when the chain is empty. */
  read(chain: Chain, closed: () => Promise<void>): ChainReader | null {
    const [newest] = chain
    if (newest === undefined) return null
    for (const { name } of chain) this.#readers.set(name, (this.#readers.get(name) ?? 0) + 1)
    return new ChainReader(this.#disk, chain, {
      metadata: newest.metadata,
      closed: () => {
        this.#unread(chain)
        return closed()
      },
    })
  }

  /** Removes the files that nothing needs any more. What a full or read-only disk keeps goes later. */
  async sweep(): Promise<void> {
    const wanted = new Set(this.#chains.flat().map((file) => file.name))
    const isIdle = (name: string): boolean =>
      !wanted.has(name) && !this.#readers.has(name) && !this.#awaited.has(name)
    const idle = [...this.#files].filter(isIdle)
    try {
      for (const name of idle) {
        await removeIfThere(this.#disk, name)
        this.#files.delete(name)
      }
      if (idle.length > 0) await syncDirForGood(this.#disk, 'snap')
    } catch (cause) {
      if (!isPassing(cause)) throw cause
    }
  }

  #unread(chain: Chain): void {
    for (const { name } of chain) {
      const left = (this.#readers.get(name) ?? 1) - 1
      if (left === 0) this.#readers.delete(name)
      else this.#readers.set(name, left)
    }
  }
}

/** How the log names snapshots. */
export function shelfOf(chains: readonly Chain[]): Shelf {
  return chains.flatMap((chain) => (chain[0] === undefined ? [] : [chain[0].pointer]))
}
