import type { Disk } from '../journal/disk.ts'
import { readSmallFile, removeSmallFile, replaceSmallFile } from './small-file.ts'

/**
 * Where memberships live in the data directory. The current one's directories stand at the top. One that is being joined
 * grows in `joining/`; when it takes over, the old one's directories go to `old/NAME/` and stay there, whole.
 *
 * The exchange is several renames, so its intention is written down first: whoever starts after a crash finishes it.
 */
export const membershipDirs = ['identity', 'wal', 'snap', 'notes', 'outbox'] as const
export const joiningDir = 'joining'
const oldDir = 'old'
const intentFile = 'switch.json'

/** A disk that can let go of the files it holds open: a directory that moves takes them along. */
export interface HostDisk extends Disk {
  /** The disk may be used again; it opens what it needs. */
  close(): Promise<void>
}

interface Intent {
  readonly version: 1
  /** Name of the old membership's directory under `old/`. */
  readonly aside: string
  /** What stood at the top, and what in `joining/`, when the exchange began. */
  readonly outgoing: readonly string[]
  readonly incoming: readonly string[]
}

/** To be called before anything else is opened: finishes an exchange that was begun, forgets a joining that was not. */
export async function settleLayout(disk: HostDisk): Promise<void> {
  const bytes = await readSmallFile(disk, intentFile)
  if (bytes === null) return forgetJoining(disk)
  await exchange(disk, JSON.parse(new TextDecoder().decode(bytes)) as Intent)
}

/** Both memberships are closed: from the moment the intention is durable, the joining one is the current one. */
export async function takeOver(disk: HostDisk, aside: string): Promise<void> {
  const outgoing = await membershipDirsIn(disk, '')
  const incoming = await membershipDirsIn(disk, joiningDir)
  const intent: Intent = { version: 1, aside, outgoing, incoming }
  await replaceSmallFile(disk, intentFile, new TextEncoder().encode(JSON.stringify(intent)))
  await exchange(disk, intent)
}

/** Each step looks at what is there, so that doing it again after a crash changes nothing that is done. */
async function exchange(disk: HostDisk, { aside, outgoing, incoming }: Intent): Promise<void> {
  const old = `${oldDir}/${aside}`
  await disk.close()
  await disk.makeDir(old)
  await disk.syncDir(oldDir)
  const gone = await membershipDirsIn(disk, old)
  for (const dir of outgoing) {
    if (!gone.includes(dir)) await disk.rename(dir, `${old}/${dir}`)
  }
  await disk.syncDir(old)
  await disk.syncDir('')
  const waiting = await membershipDirsIn(disk, joiningDir)
  for (const dir of incoming) {
    if (waiting.includes(dir)) await disk.rename(`${joiningDir}/${dir}`, dir)
  }
  await disk.syncDir(joiningDir)
  await disk.syncDir('')
  await disk.close()
  await removeSmallFile(disk, intentFile)
}

/** An identity that never had a log, or lost it, is not used again. */
export async function setAside(disk: HostDisk, aside: string): Promise<void> {
  const old = `${oldDir}/${aside}`
  await disk.close()
  await disk.makeDir(old)
  await disk.syncDir(oldDir)
  await disk.rename('identity', `${old}/identity`)
  await disk.syncDir(old)
  await disk.syncDir('')
}

/** A joining that came to nothing: its key was never used, and its files are of no use to anyone. */
export async function forgetJoining(disk: Disk): Promise<void> {
  await removeFiles(disk, joiningDir)
}

async function removeFiles(disk: Disk, dir: string): Promise<void> {
  for (const { name } of await disk.list(dir)) {
    if (name.endsWith('/')) await removeFiles(disk, `${dir}/${name.slice(0, -1)}`)
    else await disk.remove(`${dir}/${name}`)
  }
}

async function membershipDirsIn(disk: Disk, parent: string): Promise<string[]> {
  const present = new Set((await disk.list(parent)).map(({ name }) => name))
  return membershipDirs.filter((dir) => present.has(`${dir}/`))
}
