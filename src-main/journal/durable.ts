import { type Disk, DiskFailed } from './disk.ts'

/** Writes all of it. A disk that takes only some of the bytes is asked again; one that takes none is full. */
export async function writeAll(
  disk: Disk,
  name: string,
  at: number,
  bytes: Uint8Array,
): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const rest = written === 0 ? bytes : bytes.subarray(written)
    const taken = await disk.write(name, at + written, rest)
    if (taken <= 0) throw new DiskFailed('full', name, 'the disk takes no more bytes')
    written += taken
  }
}

/**
 * A failed fsync is final whatever the reason it gives: the kernel may have dropped the pages and
 * will report success the next time (PostgreSQL, 2018).
 */
export async function syncForGood(disk: Disk, name: string): Promise<void> {
  await finalIfFailed(disk.sync(name))
}

export async function syncDirForGood(disk: Disk, dir: string): Promise<void> {
  await finalIfFailed(disk.syncDir(dir))
}

async function finalIfFailed(syncing: Promise<void>): Promise<void> {
  try {
    await syncing
  } catch (cause) {
    if (!(cause instanceof DiskFailed) || cause.failure === 'broken') throw cause
    throw new DiskFailed('broken', cause.file, `a failed sync is final (${cause.message})`)
  }
}

/** Full or read-only: nothing is lost and it may pass. */
export function isPassing(cause: unknown): cause is DiskFailed {
  return cause instanceof DiskFailed && (cause.failure === 'full' || cause.failure === 'read-only')
}

/** Removes a file that may be gone already. */
export async function removeIfThere(disk: Disk, name: string): Promise<void> {
  try {
    await disk.remove(name)
  } catch (cause) {
    if (!(cause instanceof DiskFailed) || cause.failure !== 'missing') throw cause
  }
}

/** A file appears whole or not at all, and its name is durable when this resolves. */
export async function createWhole(disk: Disk, name: string, bytes: Uint8Array): Promise<void> {
  const fresh = `${name}${temporarySuffix}`
  await removeIfThere(disk, fresh) // a longer one of an earlier attempt
  await writeAll(disk, fresh, 0, bytes)
  await syncForGood(disk, fresh)
  await disk.rename(fresh, name)
  await syncDirForGood(disk, name.slice(0, Math.max(0, name.lastIndexOf('/'))))
}

/** What bears it was never finished and may go at any start. */
export const temporarySuffix = '.tmp'
