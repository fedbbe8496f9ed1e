/**
 * A disk in memory that keeps the promises of the Disk port and no other. What was not synced may be
 * lost at a crash, in any subset of its sectors and of its names; a sync that failed has dropped what
 * it was asked to keep; writes may be short; space runs out to the byte.
 *
 * One file, because what a process sees, what is durable and what is pending must be seen together:
 * every file has a visible and a durable content and a list of what lies between the two, every
 * directory likewise with its names.
 */
import { type Disk, type DiskEntry, DiskFailed } from '../../src-main/journal/disk.ts'
import type { Random } from '../../src-shared/base/random.ts'

export type Verb =
  | 'read'
  | 'write'
  | 'sync'
  | 'rename'
  | 'truncate'
  | 'remove'
  | 'list'
  | 'makeDir'
  | 'syncDir'

/** What may go wrong with one call. `cut`: the power goes before it; the disk answers nothing any more. */
export type Fault =
  | { readonly kind: 'fail'; readonly failure: 'full' | 'read-only' | 'broken' }
  | { readonly kind: 'short'; readonly bytes: number }
  | { readonly kind: 'cut' }

export interface Call {
  readonly verb: Verb
  readonly name: string
  /** Counts the calls from 1. */
  readonly number: number
}

type Change =
  | { readonly kind: 'bytes'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'size'; readonly size: number }

class Inode {
  visible: Buffer = Buffer.alloc(0)
  durable: Buffer = Buffer.alloc(0)
  pending: Change[] = []

  change(change: Change): void {
    this.visible = applied(this.visible, change)
    this.pending.push(change)
  }

  settle(): void {
    for (const change of this.pending) this.durable = applied(this.durable, change)
    this.pending = []
  }
}

/** A change of names that reaches the platter as one, or not at all. */
type Naming =
  | { readonly kind: 'link'; readonly name: string; readonly node: Inode | null }
  | { readonly kind: 'unlink'; readonly name: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }

/** Names to files; null is a directory. */
type Names = Map<string, Inode | null>

export class LyingDisk implements Disk {
  readonly #sector: number
  #names: Names = new Map([['', null]])
  #durableNames: Names = new Map([['', null]])
  #pendingNames: Naming[] = []
  #calls = 0
  #isDown = false
  /** Bytes that all files together may have. */
  capacity = Number.POSITIVE_INFINITY
  isReadOnly = false
  /** What a sync that failed was to keep is gone (Linux marks the pages clean), or is still only unsynced. */
  failedSyncDrops = true
  /** Decides what goes wrong with a call; a promise makes the disk slow. */
  fault: (call: Call) => Fault | null | Promise<Fault | null> = () => null

  /** What reaches the platter whole: 512 or 4096 on real ones, less to tear more cruelly. */
  constructor(sectorBytes = 512) {
    this.#sector = sectorBytes
  }

  get calls(): number {
    return this.#calls
  }

  async read(name: string, from: number, to: number): Promise<Uint8Array> {
    await this.#begin('read', name)
    return new Uint8Array(this.#file(name).visible.subarray(from, Math.max(from, to)))
  }

  async write(name: string, at: number, bytes: Uint8Array): Promise<number> {
    const fault = await this.#begin('write', name, true)
    const node = this.#names.get(name) ?? this.#create(name)
    const wanted = fault?.kind === 'short' ? Math.min(fault.bytes, bytes.length) : bytes.length
    const room = Math.max(0, this.capacity - this.#used() + node.visible.length - at)
    const taken = Math.min(wanted, room)
    if (taken === 0 && wanted > 0) throw new DiskFailed('full', name, 'no space is left')
    if (taken > 0)
      node.change({ kind: 'bytes', at, bytes: new Uint8Array(bytes.subarray(0, taken)) })
    return taken
  }

  async sync(name: string): Promise<void> {
    const node = this.#names.get(name)
    try {
      await this.#begin('sync', name)
    } catch (cause) {
      // The kernel has marked the pages clean: the next sync reports success, and they are gone.
      if (node && !this.#isDown && this.failedSyncDrops) node.pending = []
      throw cause
    }
    this.#file(name).settle()
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#begin('rename', from, true)
    this.#file(from)
    this.#rename({ kind: 'rename', from, to })
  }

  async truncate(name: string, size: number): Promise<void> {
    await this.#begin('truncate', name, true)
    this.#file(name).change({ kind: 'size', size })
  }

  async remove(name: string): Promise<void> {
    await this.#begin('remove', name, true)
    this.#file(name)
    this.#rename({ kind: 'unlink', name })
  }

  async list(dir: string): Promise<readonly DiskEntry[]> {
    await this.#begin('list', dir)
    const found: DiskEntry[] = []
    for (const [name, node] of this.#names) {
      if (name === '' || parentOf(name) !== dir) continue
      const own = name.slice(dir === '' ? 0 : dir.length + 1)
      if (node === null) found.push({ name: `${own}/`, size: 0 })
      else found.push({ name: own, size: node.visible.length })
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async makeDir(dir: string): Promise<void> {
    await this.#begin('makeDir', dir, true)
    const parts = dir.split('/')
    for (let n = 1; n <= parts.length; n++) {
      const name = parts.slice(0, n).join('/')
      if (!this.#names.has(name)) this.#rename({ kind: 'link', name, node: null })
    }
  }

  async syncDir(dir: string): Promise<void> {
    await this.#begin('syncDir', dir)
    if (this.#names.get(dir) !== null) throw new DiskFailed('missing', dir, 'no such directory')
    const isHere = (naming: Naming): boolean =>
      namesIn(naming).some((name) => parentOf(name) === dir)
    for (const naming of this.#pendingNames) if (isHere(naming)) rename(this.#durableNames, naming)
    this.#pendingNames = this.#pendingNames.filter((naming) => !isHere(naming))
  }

  /** How many things were not synced: any subset of them may survive a crash. */
  get pending(): number {
    const nodes = [...this.#nodes()]
    return (
      this.#pendingNames.length + nodes.reduce((sum, node) => sum + this.#pieces(node).length, 0)
    )
  }

  /** The disk as it may be found after a crash; `survives` is asked once for each pending thing. */
  crash(survives: (pending: number) => boolean): LyingDisk {
    const after = new LyingDisk(this.#sector)
    let asked = 0
    const contents = new Map<Inode, Inode>()
    for (const node of this.#nodes()) {
      const kept = new Inode()
      kept.durable = node.durable
      for (const piece of this.#pieces(node)) {
        if (survives(asked++)) kept.durable = applied(kept.durable, piece)
      }
      kept.visible = kept.durable
      contents.set(node, kept)
    }
    const names: Names = new Map(this.#durableNames)
    for (const naming of this.#pendingNames) if (survives(asked++)) rename(names, naming)
    for (const [name, node] of names) {
      if (!isReachable(names, name)) continue
      const kept = node === null ? null : (contents.get(node) ?? null)
      after.#names.set(name, kept)
      after.#durableNames.set(name, kept)
    }
    return after
  }

  /** What a process sees now, all of it durable: as after a clean stop, or kill -9 of the process alone. */
  copy(): LyingDisk {
    const copy = new LyingDisk(this.#sector)
    for (const [name, node] of this.#names) {
      const kept = node === null ? null : new Inode()
      if (kept !== null && node !== null) {
        kept.visible = node.visible
        kept.durable = node.visible
      }
      copy.#names.set(name, kept)
      copy.#durableNames.set(name, kept)
    }
    return copy
  }

  /** Files with what is in them. */
  files(): Map<string, Buffer> {
    const found = new Map<string, Buffer>()
    for (const [name, node] of this.#names) if (node !== null) found.set(name, node.visible)
    return found
  }

  /** Rot: the content changes without anybody having written it. Null removes the file. */
  tamper(name: string, content: Uint8Array | null): void {
    if (content === null) {
      this.#names.delete(name)
      this.#durableNames.delete(name)
      return
    }
    const node = new Inode()
    node.visible = Buffer.from(content)
    node.durable = node.visible
    this.#names.set(name, node)
    this.#durableNames.set(name, node)
  }

  async #begin(verb: Verb, name: string, isChange = false): Promise<Fault | null> {
    this.#calls += 1
    const fault = this.#isDown
      ? ({ kind: 'cut' } as const)
      : await this.fault({ verb, name, number: this.#calls })
    if (fault?.kind === 'cut') {
      this.#isDown = true
      throw new DiskFailed('broken', name, 'the power is cut')
    }
    if (fault?.kind === 'fail') throw new DiskFailed(fault.failure, name, `${verb} fails`)
    if (isChange && this.isReadOnly) throw new DiskFailed('read-only', name, `${verb} fails`)
    return fault
  }

  #file(name: string): Inode {
    const node = this.#names.get(name)
    if (!node) throw new DiskFailed('missing', name, 'no such file')
    return node
  }

  #create(name: string): Inode {
    if (this.#names.get(parentOf(name)) !== null) {
      throw new DiskFailed('missing', name, 'no such directory')
    }
    const node = new Inode()
    this.#rename({ kind: 'link', name, node })
    return node
  }

  #rename(naming: Naming): void {
    rename(this.#names, naming)
    this.#pendingNames.push(naming)
  }

  #used(): number {
    let used = 0
    for (const node of this.#names.values()) used += node?.visible.length ?? 0
    return used
  }

  *#nodes(): Generator<Inode> {
    const nodes = new Set([...this.#names.values(), ...this.#durableNames.values()])
    for (const naming of this.#pendingNames) if (naming.kind === 'link') nodes.add(naming.node)
    for (const node of nodes) if (node !== null) yield node
  }

  /** The parts in which a file's pending changes reach the platter. */
  #pieces(node: Inode): Change[] {
    const pieces: Change[] = []
    let size = node.durable.length
    for (const change of node.pending) {
      if (change.kind === 'size') {
        pieces.push(change)
        size = change.size
        continue
      }
      const end = change.at + change.bytes.length
      // The size may be kept where the bytes are not: then they read as zeros.
      if (end > size) pieces.push({ kind: 'size', size: end })
      size = Math.max(size, end)
      for (let at = change.at; at < end; ) {
        const next = Math.min(end, (Math.floor(at / this.#sector) + 1) * this.#sector)
        const bytes = change.bytes.subarray(at - change.at, next - change.at)
        pieces.push({ kind: 'bytes', at, bytes })
        at = next
      }
    }
    return pieces
  }
}

/** Keeps each pending thing with the same chance; the chance differs from crash to crash. */
export function luck(random: Random): () => boolean {
  const chance = [0, 10, 50, 90, 100][random.below(5)] ?? 50
  return () => random.below(100) < chance
}

/** Flips one bit of a file at rest. */
export function flipBit(disk: LyingDisk, name: string, bit: number): void {
  const content = Buffer.from(disk.files().get(name) ?? [])
  content[bit >> 3] = (content[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  disk.tamper(name, content)
}

function applied(content: Buffer, change: Change): Buffer {
  if (change.kind === 'size') {
    if (change.size <= content.length) return content.subarray(0, change.size)
    return Buffer.concat([content, Buffer.alloc(change.size - content.length)])
  }
  const end = change.at + change.bytes.length
  const next = Buffer.alloc(Math.max(content.length, end))
  content.copy(next)
  next.set(change.bytes, change.at)
  return next
}

function rename(names: Names, naming: Naming): void {
  if (naming.kind === 'link') {
    names.set(naming.name, naming.node)
  } else if (naming.kind === 'unlink') {
    names.delete(naming.name)
  } else {
    const node = names.get(naming.from)
    // The file that is renamed was itself never durably named: the crash has taken it.
    if (node === undefined) return
    names.delete(naming.from)
    names.set(naming.to, node)
  }
}

function namesIn(naming: Naming): string[] {
  return naming.kind === 'rename' ? [naming.from, naming.to] : [naming.name]
}

function parentOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')))
}

function isReachable(names: Names, name: string): boolean {
  if (name === '') return true
  const parent = parentOf(name)
  return names.get(parent) === null && isReachable(names, parent)
}
