import {
  type Disk,
  type DiskEntry,
  DiskFailed,
  type DiskFailure,
} from '../../src-main/journal/disk.ts'

interface Inode {
  durable: Uint8Array
  now: Uint8Array
  /** Since the last sync: what a crash may keep in any part. */
  writes: { at: number; bytes: Uint8Array }[]
}

type NameStep = { dir: string; apply(names: Map<string, Inode>): void }

const sectorBytes = 512

/** A disk in memory that may fail or die at any verb, and keeps at a crash what it likes of what was not synced. */
export class CrashingDisk implements Disk {
  /** Verbs that were called. */
  calls: string[] = []
  /** The call of this number, from 1, dies; every later one too. */
  diesAt = Number.POSITIVE_INFINITY
  /** Answers a failure for a call, or null. */
  fails: (verb: string, name: string) => DiskFailure | null = () => null
  freeBytes = Number.POSITIVE_INFINITY
  #names = new Map<string, Inode>()
  #durableNames = new Map<string, Inode>()
  #steps: NameStep[] = []

  async read(name: string, from: number, to: number): Promise<Uint8Array> {
    this.#call('read', name)
    return this.#inode(name).now.slice(from, to)
  }

  async write(name: string, at: number, bytes: Uint8Array): Promise<number> {
    // The write that dies may have begun.
    const dies = this.calls.length + 1 >= this.diesAt
    if (!dies) this.#call('write', name)
    const node = this.#names.get(name) ?? this.#create(name)
    const grows = Math.max(0, at + bytes.length - node.now.length)
    const taken = Math.min(bytes.length, bytes.length - grows + this.freeBytes)
    if (taken <= 0 && bytes.length > 0) throw new DiskFailed('full', name, 'no space')
    const piece = bytes.slice(0, taken)
    this.freeBytes -= Math.max(0, at + taken - node.now.length)
    node.now = overwritten(node.now, at, piece)
    node.writes.push({ at, bytes: piece })
    if (dies) this.#call('write', name)
    return taken
  }

  async sync(name: string): Promise<void> {
    this.#call('sync', name)
    const node = this.#inode(name)
    node.durable = node.now
    node.writes = []
  }

  async rename(from: string, to: string): Promise<void> {
    this.#call('rename', from)
    const node = this.#inode(from)
    this.#step(from, (names) => {
      names.delete(from)
      names.set(to, node)
    })
  }

  async truncate(name: string, size: number): Promise<void> {
    this.#call('truncate', name)
    const node = this.#inode(name)
    this.freeBytes += Math.max(0, node.now.length - size)
    node.now = node.now.slice(0, size)
    node.writes.push({ at: -1, bytes: new Uint8Array(size) })
  }

  async remove(name: string): Promise<void> {
    this.#call('remove', name)
    this.freeBytes += this.#inode(name).now.length
    this.#step(name, (names) => names.delete(name))
  }

  async list(dir: string): Promise<readonly DiskEntry[]> {
    this.#call('list', dir)
    const found = [...this.#names].filter(([name]) => dirOf(name) === dir)
    return found
      .map(([name, node]) => ({ name: name.slice(dir.length + 1), size: node.now.length }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async makeDir(dir: string): Promise<void> {
    this.#call('makeDir', dir)
  }

  async syncDir(dir: string): Promise<void> {
    this.#call('syncDir', dir)
    for (const step of this.#steps) if (step.dir === dir) step.apply(this.#durableNames)
    this.#steps = this.#steps.filter((step) => step.dir !== dir)
  }

  /** What a machine finds that starts after this one lost its power; `keeps` says of each unsynced piece whether it arrived. */
  afterPowerCut(keeps: () => boolean): CrashingDisk {
    const next = new CrashingDisk()
    const names = new Map(this.#durableNames)
    for (const step of this.#steps) if (keeps()) step.apply(names)
    for (const [name, node] of names) {
      let bytes = node.durable
      for (const write of node.writes) bytes = afterCut(bytes, write, keeps)
      next.put(name, bytes)
    }
    return next
  }

  /** The same with a killed process: all that was written is there. */
  afterKill(): CrashingDisk {
    return this.afterPowerCut(() => true)
  }

  /** Puts a durable file there. */
  put(name: string, bytes: Uint8Array): void {
    const node = { durable: bytes, now: bytes, writes: [] }
    this.#names.set(name, node)
    this.#durableNames.set(name, node)
  }

  get(name: string): Uint8Array {
    return this.#inode(name).now
  }

  names(): string[] {
    return [...this.#names.keys()].sort()
  }

  #create(name: string): Inode {
    const node = { durable: new Uint8Array(0), now: new Uint8Array(0), writes: [] }
    this.#step(name, (names) => names.set(name, node))
    return node
  }

  #step(name: string, apply: NameStep['apply']): void {
    apply(this.#names)
    this.#steps.push({ dir: dirOf(name), apply })
  }

  #inode(name: string): Inode {
    const node = this.#names.get(name)
    if (node === undefined) throw new DiskFailed('missing', name, 'no such file')
    return node
  }

  #call(verb: string, name: string): void {
    this.calls.push(`${verb} ${name}`)
    if (this.calls.length >= this.diesAt) throw new DiskFailed('broken', name, 'the machine died')
    const failure = this.fails(verb, name)
    if (failure !== null) throw new DiskFailed(failure, name, `${verb} failed`)
  }
}

function dirOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')))
}

function overwritten(bytes: Uint8Array, at: number, piece: Uint8Array): Uint8Array {
  const next = new Uint8Array(Math.max(bytes.length, at + piece.length))
  next.set(bytes)
  next.set(piece, at)
  return next
}

function afterCut(
  bytes: Uint8Array,
  { at, bytes: piece }: Inode['writes'][number],
  keeps: () => boolean,
): Uint8Array {
  if (at < 0) return keeps() ? bytes.slice(0, piece.length) : bytes
  let next = bytes
  for (let from = 0; from < piece.length; from += sectorBytes) {
    if (keeps()) next = overwritten(next, at + from, piece.subarray(from, from + sectorBytes))
  }
  return next
}
