import { type Disk, DiskFailed } from '../journal/disk.ts'
import { type Before, encodeFrame, encodeHeader, headerBytes } from './frame.ts'
import { logNameOf } from './log-files.ts'

/** Frames of a new file are about so long: what is written is held in memory once. */
export const frameBytesTarget = 4 * 1024 * 1024

/** An earlier log that the current one has replaced. */
export interface Leftover {
  readonly name: string
  readonly state: Before
}

export interface Found {
  /** Null in a new directory. */
  readonly current: Leftover | null
  readonly size: number
  readonly leftovers: readonly Leftover[]
  readonly highestGeneration: number
}

/**
 * The file of the log: appends frames to it and replaces it by a fresh one. What it found at the start is never
 * written to, whatever its state: the first write of a run makes a new file, so that reading changes nothing and a
 * start needs no space on the disk.
 *
 * Rejects with `DiskFailed`; `full` and `read-only` may be tried again. A failed fsync is told as `broken`, whatever
 * the disk called it: what it was to keep may be lost, and asking again may answer a lie.
 */
export class LogWriter {
  readonly #disk: Disk
  readonly #dir: string
  #current: Leftover | null
  #leftovers: readonly Leftover[]
  /** The highest that was ever begun, and that of the current file: a switch that failed leaves them apart. */
  #highestGeneration: number
  #generation = 0
  /** False: the next write must make a new file. */
  #isAppendable = false
  #size: number
  #sizeAtSwitch = 0
  #sequence = 0
  #hasDir = false

  constructor(disk: Disk, dir: string, found: Found) {
    this.#disk = disk
    this.#dir = dir
    this.#current = found.current
    this.#size = found.size
    this.#leftovers = found.leftovers
    this.#highestGeneration = found.highestGeneration
  }

  get isAppendable(): boolean {
    return this.#isAppendable
  }

  get size(): number {
    return this.#size
  }

  get sizeAtSwitch(): number {
    return this.#sizeAtSwitch
  }

  /** One durable frame; answers its sequence. After a rejection the log is as it was before. */
  async append(updates: readonly Uint8Array[]): Promise<number> {
    const { name } = this.#current as Leftover
    const frame = encodeFrame(this.#generation, this.#sequence + 1, updates)
    try {
      await writeAll(this.#disk, name, this.#size, frame)
    } catch (failure) {
      await this.#rollBack(name)
      throw failure
    }
    await final(this.#disk.sync(name))
    this.#size += frame.length
    this.#sequence += 1
    return this.#sequence
  }

  /**
   * Makes a new file of these updates and lets it take the old one's place; `placed` hears each one's sequence. The
   * old file counts until the new one is durable under its name.
   */
  async switchTo<T extends { readonly bytes: Uint8Array }>(
    updates: Iterable<T>,
    placed: (update: T, sequence: number) => void,
  ): Promise<void> {
    await this.#makeDir()
    // First: the new header will speak of the current file, and of none before it.
    await this.#tidy()
    this.#highestGeneration += 1
    const generation = this.#highestGeneration
    const name = `${this.#dir}/${logNameOf(generation)}`
    const half = `${name}.tmp`
    const { size, sequence } = await this.#writeNew({ half, generation }, updates, placed)
    await this.#rename(half, name)
    const before = this.#current
    this.#current = { name, state: 'sound' }
    this.#generation = generation
    this.#leftovers = before === null ? [] : [before]
    this.#isAppendable = true
    this.#size = size
    this.#sizeAtSwitch = size
    this.#sequence = sequence
    await this.#tidy().catch(unlessFinal)
  }

  async #writeNew<T extends { readonly bytes: Uint8Array }>(
    { half, generation }: { half: string; generation: number },
    updates: Iterable<T>,
    placed: (update: T, sequence: number) => void,
  ): Promise<{ size: number; sequence: number }> {
    const before = this.#current?.state ?? 'sound'
    try {
      await writeAll(this.#disk, half, 0, encodeHeader(generation, before))
      const { size, sequence } = await this.#writeFrames({ half, generation }, updates, placed)
      await this.#disk.truncate(half, size)
      await final(this.#disk.sync(half))
      return { size, sequence }
    } catch (failure) {
      // The space that it took may be all there is. What cannot be removed is listed as litter at the next start.
      await this.#disk.remove(half).catch(() => undefined)
      throw failure
    }
  }

  async #writeFrames<T extends { readonly bytes: Uint8Array }>(
    { half, generation }: { half: string; generation: number },
    updates: Iterable<T>,
    placed: (update: T, sequence: number) => void,
  ): Promise<{ size: number; sequence: number }> {
    let [size, sequence] = [headerBytes, 0]
    for (const group of grouped(updates)) {
      sequence += 1
      const bytes = group.map((update) => update.bytes)
      const frame = encodeFrame(generation, sequence, bytes)
      await writeAll(this.#disk, half, size, frame)
      size += frame.length
      for (const update of group) placed(update, sequence)
    }
    return { size, sequence }
  }

  async #rename(half: string, name: string): Promise<void> {
    try {
      await this.#disk.rename(half, name)
    } catch (failure) {
      // Whether the name exists is unknown now. If it does it counts, so nothing may be added to the old file any more.
      this.#isAppendable = false
      this.#leftovers = [...this.#leftovers, { name, state: 'sound' }]
      throw failure
    }
    await final(this.#disk.syncDir(this.#dir))
  }

  /** Takes replaced files out of the way: sound ones go, others are set aside. */
  async #tidy(): Promise<void> {
    if (this.#leftovers.length === 0) return
    for (const { name, state } of this.#leftovers) {
      if (state === 'sound') await this.#disk.remove(name).catch(unlessMissing)
      else await this.#disk.rename(name, `${name}.${state}`).catch(unlessMissing)
    }
    await final(this.#disk.syncDir(this.#dir))
    this.#leftovers = []
  }

  async #makeDir(): Promise<void> {
    if (this.#hasDir) return
    await this.#disk.makeDir(this.#dir)
    await final(this.#disk.syncDir(this.#dir.split('/').slice(0, -1).join('/')))
    this.#hasDir = true
  }

  /** A part of a frame may be there. Where it cannot be cut off, nothing may follow it. */
  async #rollBack(name: string): Promise<void> {
    try {
      await this.#disk.truncate(name, this.#size)
    } catch (failure) {
      this.#isAppendable = false
      unlessFinal(failure)
    }
  }
}

function* grouped<T extends { readonly bytes: Uint8Array }>(updates: Iterable<T>): Iterable<T[]> {
  let group: T[] = []
  let bytes = 0
  for (const update of updates) {
    group.push(update)
    bytes += update.bytes.length
    if (bytes < frameBytesTarget) continue
    yield group
    group = []
    bytes = 0
  }
  if (group.length > 0) yield group
}

/** The disk may take less than it is given, without an error: when it takes nothing it is full. */
async function writeAll(disk: Disk, name: string, at: number, bytes: Uint8Array): Promise<void> {
  let taken = 0
  while (taken < bytes.length) {
    const more = await disk.write(name, at + taken, bytes.subarray(taken))
    if (more <= 0) throw new DiskFailed('full', name, 'the disk takes no more bytes')
    taken += more
  }
}

/** True: trying again later may do. */
export function mayPass(failure: unknown): boolean {
  const kind = failure instanceof DiskFailed ? failure.failure : 'broken'
  return kind === 'full' || kind === 'read-only'
}

function unlessFinal(failure: unknown): void {
  if (!mayPass(failure)) throw failure
}

function unlessMissing(failure: unknown): void {
  if (!(failure instanceof DiskFailed && failure.failure === 'missing')) throw failure
}

async function final(syncing: Promise<void>): Promise<void> {
  try {
    await syncing
  } catch (failure) {
    if (!(failure instanceof DiskFailed)) throw failure
    throw new DiskFailed('broken', failure.file, failure.message)
  }
}
