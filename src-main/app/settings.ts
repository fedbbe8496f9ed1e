import { z } from 'zod'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { Disk } from '../journal/disk.ts'
import { deviceNameShape } from './asks.ts'
import { readSmallFile, replaceSmallFile } from './small-file.ts'

/** What belongs to the device and not to any group: it stays when the device joins another one. */
export interface Settings {
  readonly name: string
  /** The member ids under which this device was removed, and by which device; it must not act as them again. */
  readonly removals: readonly Removal[]
  /** Where others found us last: taken again when it is free, so that they find us again. 0: none yet. */
  readonly peerPort: number
}

export interface Removal {
  readonly id: string
  /** Log index of the removal; 0 when only the refusal of another member told of it. */
  readonly index: number
  readonly by: string | null
}

export type SettingsRefused =
  | { readonly kind: 'newer'; readonly file: string; readonly version: number }
  | { readonly kind: 'unreadable'; readonly file: string; readonly message: string }

export const settingsFile = 'settings.json'
const settingsVersion = 1

const shape = z.object({
  version: z.literal(settingsVersion),
  name: deviceNameShape,
  removals: z
    .array(z.object({ id: z.string(), index: z.int().min(0), by: z.string().nullable() }))
    .default([]),
  peerPort: z.int().min(0).max(65_535).default(0),
})

/** Null when there is no file yet. Keys of ours that we do not know are kept out of the way, not carried. */
export async function readSettings(disk: Disk): Promise<Outcome<Settings | null, SettingsRefused>> {
  const bytes = await readSmallFile(disk, settingsFile)
  if (bytes === null) return ok(null)
  let data: unknown
  try {
    data = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return fail({ kind: 'unreadable', file: settingsFile, message: 'it is not JSON' })
  }
  const version = z.object({ version: z.int() }).safeParse(data)
  if (version.success && version.data.version > settingsVersion) {
    return fail({ kind: 'newer', file: settingsFile, version: version.data.version })
  }
  const parsed = shape.safeParse(data)
  if (!parsed.success) {
    const message = parsed.error.issues[0]?.message ?? 'it does not have the right shape'
    return fail({ kind: 'unreadable', file: settingsFile, message })
  }
  const { name, removals, peerPort } = parsed.data
  return ok({ name, removals, peerPort })
}

export async function writeSettings(disk: Disk, settings: Settings): Promise<void> {
  const text = JSON.stringify({ version: settingsVersion, ...settings }, null, 2)
  await replaceSmallFile(disk, settingsFile, new TextEncoder().encode(`${text}\n`))
}
