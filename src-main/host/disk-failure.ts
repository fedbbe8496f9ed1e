import type { DiskFailure } from '../journal/disk.ts'
import { DiskFailed } from '../journal/disk.ts'

const known: Readonly<Record<string, DiskFailure>> = {
  ENOENT: 'missing',
  ENOSPC: 'full',
  EDQUOT: 'full',
  EROFS: 'read-only',
}

/** What the operating system said, in the four words the journal knows; whatever it does not know is `broken`. */
export function diskFailure(name: string, cause: unknown): DiskFailed {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
  const syscall = (cause as NodeJS.ErrnoException).syscall ?? 'call'
  return new DiskFailed(known[code] ?? 'broken', name, `${syscall} failed with ${code}`)
}
