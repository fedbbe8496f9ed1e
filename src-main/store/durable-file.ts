import type { Adapter } from 'lowdb'
import { type Disk, DiskFailed } from '../journal/disk.ts'
import { decodeRecord, encodeRecord, type RecordFault, type RecordKind } from './record-file.ts'

export interface FilePlace {
  readonly disk: Disk
  readonly name: string
  /** Bytes of the file, when it is there to be read. */
  readonly size?: number
}

/**
 * lowdb's way to the disk, ours: its own adapter renames without any fsync, so that a power cut leaves empty files.
 * Here the bytes are durable before the name leads to them, and a reader finds the old file or the new one, whole. The
 * name itself is durable after a `syncDir` of the directory, which the caller makes once for many files.
 */
export class DurableFile<T> implements Adapter<T> {
  readonly #place: FilePlace
  readonly #kind: RecordKind
  /** Bytes of the file as it was written last. */
  size = 0

  constructor(kind: RecordKind, place: FilePlace) {
    this.#kind = kind
    this.#place = place
  }

  /** Rejects with `RecordUnreadable` when the bytes are not what was written, with `DiskFailed` when there are none. */
  async read(): Promise<T> {
    const { disk, name, size = 0 } = this.#place
    const record = decodeRecord(this.#kind, await disk.read(name, 0, size))
    if (!record.ok) throw new RecordUnreadable(name, record.error)
    return record.value as T
  }

  async write(data: T): Promise<void> {
    const { disk, name } = this.#place
    const half = `${name}.tmp`
    const bytes = encodeRecord(this.#kind, data)
    for (let taken = 0; taken < bytes.length; ) {
      const more = await disk.write(half, taken, bytes.subarray(taken))
      if (more <= 0) throw new DiskFailed('full', half, 'the disk takes no more bytes')
      taken += more
    }
    // A half that was left over may be longer.
    await disk.truncate(half, bytes.length)
    await durably(disk.sync(half))
    await disk.rename(half, name)
    this.size = bytes.length
  }
}

export class RecordUnreadable extends Error {
  override readonly name = 'RecordUnreadable'
  readonly fault: RecordFault

  constructor(file: string, fault: RecordFault) {
    super(`${file}: ${fault.kind}`)
    this.fault = fault
  }
}

/** A failed fsync is told as `broken`, whatever the disk called it: asking again may answer a lie. */
export async function durably(syncing: Promise<void>): Promise<void> {
  try {
    await syncing
  } catch (failure) {
    if (!(failure instanceof DiskFailed)) throw failure
    throw new DiskFailed('broken', failure.file, failure.message)
  }
}

/** True: trying again later may do. */
export function mayPass(failure: unknown): boolean {
  return (
    failure instanceof DiskFailed && (failure.failure === 'full' || failure.failure === 'read-only')
  )
}
