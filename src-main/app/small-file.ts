import { type Disk, DiskFailed } from '../journal/disk.ts'

/** A file that is read and replaced as a whole. */
export const smallFileBytesMax = 1024 * 1024

/** Null when there is none. */
export async function readSmallFile(disk: Disk, name: string): Promise<Uint8Array | null> {
  try {
    return await disk.read(name, 0, smallFileBytesMax)
  } catch (error) {
    if (error instanceof DiskFailed && error.failure === 'missing') return null
    throw error
  }
}

/** Old or new after any crash, never half: temp file, fsync, rename, fsync of the directory. */
export async function replaceSmallFile(disk: Disk, name: string, bytes: Uint8Array): Promise<void> {
  const fresh = `${name}.new`
  await disk.write(fresh, 0, new Uint8Array(0))
  await disk.truncate(fresh, 0) // a crash may have left a longer one
  for (let at = 0; at < bytes.length; ) {
    const taken = await disk.write(fresh, at, bytes.subarray(at))
    if (taken === 0) throw new DiskFailed('full', fresh, 'the disk takes no more bytes')
    at += taken
  }
  await disk.sync(fresh)
  await disk.rename(fresh, name)
  await disk.syncDir(directoryOf(name))
}

export async function removeSmallFile(disk: Disk, name: string): Promise<void> {
  if ((await readSmallFile(disk, name)) === null) return
  await disk.remove(name)
  await disk.syncDir(directoryOf(name))
}

function directoryOf(name: string): string {
  const slash = name.lastIndexOf('/')
  return slash === -1 ? '' : name.slice(0, slash)
}
