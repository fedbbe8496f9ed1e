/**
 * The one door to the disk. Names are relative to the data directory, with `/`; parents are made by `makeDir`.
 * Nothing is durable before `sync`; a new, renamed or removed name is durable only after `syncDir` of its directory.
 * The lying disk of the tests breaks every other hope.
 *
 * A verb that fails rejects with a `DiskFailed`; what happened on the platter is then unknown.
 */
export interface Disk {
  /** The bytes in [from, to), fewer at the end of the file. Rejects with `missing` when there is no such file. */
  read(name: string, from: number, to: number): Promise<Uint8Array>
  /** Writes at an offset, creating the file (mode 0600) when it is missing; answers how many bytes the disk took: a short write is reported, not hidden. */
  write(name: string, at: number, bytes: Uint8Array): Promise<number>
  /** Makes the bytes of the file durable (fdatasync semantics; includes its size). */
  sync(name: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  truncate(name: string, size: number): Promise<void>
  remove(name: string): Promise<void>
  /** Names in a directory with their sizes, sorted by name; directories end in `/` with size 0. Empty when the directory is missing. */
  list(dir: string): Promise<readonly DiskEntry[]>
  /** Makes a directory and its parents (mode 0700); fine when it exists. */
  makeDir(dir: string): Promise<void>
  /** Makes names in a directory durable. */
  syncDir(dir: string): Promise<void>
}

export interface DiskEntry {
  readonly name: string
  readonly size: number
}

/** missing: no such file. full: ENOSPC, EDQUOT. read-only: EROFS. broken: EIO and all the rest, final for whoever wrote. */
export type DiskFailure = 'missing' | 'full' | 'read-only' | 'broken'

export class DiskFailed extends Error {
  override readonly name = 'DiskFailed'
  readonly failure: DiskFailure
  readonly file: string

  constructor(failure: DiskFailure, file: string, message: string) {
    super(`${file}: ${message}`)
    this.failure = failure
    this.file = file
  }
}
