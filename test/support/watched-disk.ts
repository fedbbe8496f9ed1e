import type { Disk, DiskEntry, DiskFailure } from '../../src-main/journal/disk.ts'
import { LyingDisk } from './lying-disk.ts'

/** A lying disk that writes down what it was asked, dies or fails where a test wants it, and can be looked into. */
export class WatchedDisk implements Disk {
  /** "verb name", in order. */
  calls: string[] = []
  /** The call of this number, from 1, cuts the power. */
  diesAt = Number.POSITIVE_INFINITY
  /** The failure that a call answers, or null. */
  fails: (verb: string, name: string) => Exclude<DiskFailure, 'missing'> | null = () => null
  readonly #inner: LyingDisk

  constructor(inner = new LyingDisk()) {
    this.#inner = inner
    inner.fault = ({ verb, name }) => {
      this.calls.push(`${verb} ${name}`)
      if (this.calls.length >= this.diesAt) return { kind: 'cut' }
      const failure = this.fails(verb, name)
      return failure === null ? null : { kind: 'fail', failure }
    }
  }

  /** So many more bytes than now. */
  set freeBytes(bytes: number) {
    let used = 0
    for (const content of this.#inner.files().values()) used += content.length
    this.#inner.capacity = used + bytes
  }

  read(name: string, from: number, to: number): Promise<Uint8Array> {
    return this.#inner.read(name, from, to)
  }

  write(name: string, at: number, bytes: Uint8Array): Promise<number> {
    return this.#inner.write(name, at, bytes)
  }

  sync(name: string): Promise<void> {
    return this.#inner.sync(name)
  }

  rename(from: string, to: string): Promise<void> {
    return this.#inner.rename(from, to)
  }

  truncate(name: string, size: number): Promise<void> {
    return this.#inner.truncate(name, size)
  }

  remove(name: string): Promise<void> {
    return this.#inner.remove(name)
  }

  list(dir: string): Promise<readonly DiskEntry[]> {
    return this.#inner.list(dir)
  }

  makeDir(dir: string): Promise<void> {
    return this.#inner.makeDir(dir)
  }

  syncDir(dir: string): Promise<void> {
    return this.#inner.syncDir(dir)
  }

  /** What is found after the power is back; `keeps` says of each unsynced piece whether it arrived. */
  afterPowerCut(keeps: () => boolean): WatchedDisk {
    return new WatchedDisk(this.#inner.crash(keeps))
  }

  /** What is found after the process alone was killed: all that was written. */
  afterKill(): WatchedDisk {
    return new WatchedDisk(this.#inner.copy())
  }

  /** Puts a durable file there, whoever may have been writing it. */
  put(name: string, bytes: Uint8Array): void {
    this.#inner.tamper(name, bytes)
  }

  get(name: string): Uint8Array {
    const content = this.#inner.files().get(name)
    if (content === undefined) throw new Error(`there is no ${name}`)
    return Uint8Array.from(content)
  }

  /** Of files, sorted. */
  names(): string[] {
    return [...this.#inner.files().keys()].sort()
  }
}
