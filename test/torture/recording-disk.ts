import type { Disk, DiskEntry } from '../../src-main/journal/disk.ts'

/** One thing that was asked of a disk, or a mark that the one who asks leaves between. */
export type Recorded =
  | {
      readonly kind: 'write'
      readonly name: string
      readonly at: number
      readonly bytes: Uint8Array
    }
  | { readonly kind: 'truncate'; readonly name: string; readonly size: number }
  | { readonly kind: 'rename'; readonly name: string; readonly to: string }
  | { readonly kind: 'sync' | 'remove' | 'makeDir' | 'syncDir'; readonly name: string }
  | { readonly kind: 'begun' | 'acknowledged'; readonly op: number }

/**
 * Hands everything on to a real disk and writes it down: changes when they are asked for, for they
 * may have happened from then on; syncs when they have come back, for only then they count.
 */
export class RecordingDisk implements Disk {
  readonly #disk: Disk
  readonly recorded: Recorded[] = []

  constructor(disk: Disk) {
    this.#disk = disk
  }

  mark(kind: 'begun' | 'acknowledged', op: number): void {
    this.recorded.push({ kind, op })
  }

  read(name: string, from: number, to: number): Promise<Uint8Array> {
    return this.#disk.read(name, from, to)
  }

  list(dir: string): Promise<readonly DiskEntry[]> {
    return this.#disk.list(dir)
  }

  write(name: string, at: number, bytes: Uint8Array): Promise<number> {
    this.recorded.push({ kind: 'write', name, at, bytes: Uint8Array.from(bytes) })
    return this.#disk.write(name, at, bytes)
  }

  truncate(name: string, size: number): Promise<void> {
    this.recorded.push({ kind: 'truncate', name, size })
    return this.#disk.truncate(name, size)
  }

  rename(from: string, to: string): Promise<void> {
    this.recorded.push({ kind: 'rename', name: from, to })
    return this.#disk.rename(from, to)
  }

  remove(name: string): Promise<void> {
    return this.#disk.remove(name).then(() => {
      this.recorded.push({ kind: 'remove', name })
    })
  }

  makeDir(name: string): Promise<void> {
    this.recorded.push({ kind: 'makeDir', name })
    return this.#disk.makeDir(name)
  }

  async sync(name: string): Promise<void> {
    await this.#disk.sync(name)
    this.recorded.push({ kind: 'sync', name })
  }

  async syncDir(name: string): Promise<void> {
    await this.#disk.syncDir(name)
    this.recorded.push({ kind: 'syncDir', name })
  }
}

/** Does again what was recorded. */
export async function replay(disk: Disk, recorded: Recorded): Promise<void> {
  switch (recorded.kind) {
    case 'write':
      await disk.write(recorded.name, recorded.at, recorded.bytes)
      return
    case 'truncate':
      return disk.truncate(recorded.name, recorded.size)
    case 'rename':
      return disk.rename(recorded.name, recorded.to)
    case 'begun':
    case 'acknowledged':
      return
    default:
      return disk[recorded.kind](recorded.name)
  }
}
