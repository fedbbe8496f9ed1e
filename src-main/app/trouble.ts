import { DiskFailed } from '../journal/disk.ts'

/** Why this device takes no part, or takes nothing in; `message` is for a person. */
export interface Trouble {
  /** halted: for good. outdated: until it is updated. full, read-only: until the disk has space. clone: its data runs twice. */
  readonly kind: 'halted' | 'outdated' | 'full' | 'read-only' | 'clone'
  readonly message: string
}

export function haltedBy(error: unknown): Trouble {
  const why = error instanceof Error ? error.message : String(error)
  const cause = error instanceof DiskFailed ? 'The disk failed' : 'Quire met a fault of its own'
  return {
    kind: 'halted',
    message: `${cause}, so this device takes nothing in any more (${why}). What was saved is kept; start Quire again to have it checked.`,
  }
}

export const outdated: Trouble = {
  kind: 'outdated',
  message:
    'Another device runs a newer version of Quire. Update Quire on this device to see what is new; your edits are kept here meanwhile.',
}

export const clone: Trouble = {
  kind: 'clone',
  message:
    'The data of this device is in use twice, perhaps as a copy on another machine. This one stands still; its notes stay readable. Add it again with a new code.',
}

export const diskTroubles: Readonly<Record<'full' | 'read-only', Trouble>> = {
  full: {
    kind: 'full',
    message:
      'The disk of this device is full. Nothing is saved until it has space again; what is on the screen is kept in memory.',
  },
  'read-only': {
    kind: 'read-only',
    message:
      'The disk of this device cannot be written to. Nothing is saved until it can; what is on the screen is kept in memory.',
  },
}

/** A trouble that stays: a disk that has space again does not end it. */
export function isLasting(trouble: Trouble | null): boolean {
  return trouble !== null && trouble.kind !== 'full' && trouble.kind !== 'read-only'
}
