import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../src-shared/base/clock.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { Random } from '../../src-shared/base/random.ts'
import { lockDirectory } from '../host/directory-lock.ts'
import { openFileLog } from '../host/file-log.ts'
import { NodeDisk } from '../host/node-disk.ts'
import { ownHosts } from '../host/own-hosts.ts'
import { systemClock } from '../host/system-clock.ts'
import { systemRandom } from '../host/system-random.ts'
import {
  createIdentity,
  type Identity,
  identityFile,
  openIdentity,
  soloIdentity,
} from '../identity/identity.ts'
import { cleanName } from '../identity/name.ts'
import { fileVault } from '../identity/vault.ts'
import { type ListenRefused, PeerListener } from '../net/listener.ts'
import { tlsChannel } from '../net/tls-channel.ts'
import type { Log } from '../replica/ports.ts'
import { Install } from './install.ts'
import { type HostDisk, setAside, settleLayout } from './layout.ts'
import { readSettings, type Settings, writeSettings } from './settings.ts'

export interface DeviceOptions {
  readonly dataDir: string
  /** As the person chose it just now; else the one from before, else `defaultName`. */
  readonly name?: string | undefined
  readonly defaultName?: string | undefined
  /** Of the peer listener. Host null: every address of this machine; port 0: the one from before if it is free, else any. */
  readonly listen: { readonly host: string | null; readonly port: number }
  /** Multicast may be used to find others and be found. */
  readonly discovery: boolean
  /** The host's ports where they are not the real ones. The directory is locked all the same. */
  readonly disk?: HostDisk
  readonly clock?: Clock
  readonly random?: Random
}

/** in-use: another process works on the directory. The others say what is wrong with it; nothing was changed. */
export interface DeviceRefused {
  readonly kind: 'in-use' | 'damaged' | 'newer' | 'disk' | 'listen'
  /** For a person: what happened, what was kept, what to do. */
  readonly message: string
}

/** The device of a data directory: everything behind a shell. */
export type Device = Install

/** Opens the data directory, or makes one, and takes part in its group. One at a time for each directory. */
export async function openDevice(options: DeviceOptions): Promise<Outcome<Device, DeviceRefused>> {
  const { dataDir } = options
  const locked = await lockDirectory(dataDir).catch((error: unknown) => error)
  if (!isLock(locked)) return fail(unusable(dataDir, locked))
  if (!locked.ok) return fail(inUse(dataDir, locked.error.pid))
  const log = await openFileLog(join(dataDir, 'logs'))
  const disk = options.disk ?? new NodeDisk(dataDir)
  const release = async (): Promise<void> => {
    await disk.close()
    await log.close()
    await locked.value.release()
  }
  try {
    const opened = await openLocked({ options, disk, log, release })
    if (!opened.ok) await release()
    return opened
  } catch (error) {
    await release()
    return fail(unusable(dataDir, error))
  }
}

type Locked = Awaited<ReturnType<typeof lockDirectory>>

function isLock(value: unknown): value is Locked {
  return typeof value === 'object' && value !== null && 'ok' in value
}

async function openLocked(own: {
  readonly options: DeviceOptions
  readonly disk: HostDisk
  readonly log: Log
  readonly release: () => Promise<void>
}): Promise<Outcome<Device, DeviceRefused>> {
  const { options, disk, log, release } = own
  const { clock = systemClock, random = systemRandom, dataDir, discovery } = options
  await settleLayout(disk)
  const settings = await settingsOf(disk, options)
  if (!settings.ok) return settings
  const named = await identityOf(disk, settings.value.name, random)
  if (!named.ok) return named
  const channel = tlsChannel(clock, named.value.credential)
  const listener = await withPort(options, settings.value, async (listen) => {
    const made = new PeerListener({ listen, hosts: () => ownHosts(), clock, log })
    const started = await made.start(channel)
    await made.close()
    return started.ok ? ok(made) : started
  })
  if (!listener.ok) return listener
  const install = new Install({
    dataDir,
    disk,
    clock,
    random,
    log,
    listener: listener.value,
    settings: { ...settings.value, peerPort: listener.value.port },
    discovery: discovery ? { host: null } : null,
    wantedName: options.name ?? null,
    release,
  })
  const opened = await install.open(named.value)
  return opened.ok ? ok(install) : opened
}

async function settingsOf(
  disk: HostDisk,
  options: DeviceOptions,
): Promise<Outcome<Settings, DeviceRefused>> {
  const read = await readSettings(disk)
  if (!read.ok) {
    const { kind, file } = read.error
    if (kind === 'newer') return fail(newer(file))
    return fail({ kind: 'damaged', message: `${file}: ${read.error.message}. Mend or remove it.` })
  }
  const wanted = options.name ?? read.value?.name ?? options.defaultName ?? hostname()
  const name = cleanName(wanted) || 'My device'
  const settings = {
    name,
    removals: read.value?.removals ?? [],
    peerPort: read.value?.peerPort ?? 0,
  }
  await writeSettings(disk, settings)
  return ok(settings)
}

/** Who we are; at the first start a group of one. */
async function identityOf(
  disk: HostDisk,
  name: string,
  random: Random,
): Promise<Outcome<Identity, DeviceRefused>> {
  const opened = await openIdentity(disk, fileVault)
  if (!opened.ok) {
    const { kind, file, message } = opened.error
    return fail(
      kind === 'newer' ? newer(file) : { kind: 'damaged', message: `${file}: ${message}.` },
    )
  }
  const hasLog = await hasFiles(disk, 'wal')
  if (opened.value !== null && hasLog) return ok(opened.value)
  if (opened.value === null && hasLog) return fail(partMissing(identityFile, 'wal'))
  // Without its log it may have promised what it no longer knows: no identity outlives the log that goes with it.
  for (const dir of ['snap', 'notes', 'outbox']) {
    if (await hasFiles(disk, dir)) return fail(partMissing('wal', dir))
  }
  if (opened.value !== null) await setAside(disk, opened.value.nodeId)
  return ok(await createIdentity(disk, fileVault, soloIdentity(random, name)))
}

async function hasFiles(disk: HostDisk, dir: string): Promise<boolean> {
  return (await disk.list(dir)).length > 0
}

function partMissing(missing: string, present: string): DeviceRefused {
  const message = `${missing} is missing, but ${present} is there. Restore the directory from a backup, or start from an empty directory and add this device to its group again.`
  return { kind: 'damaged', message }
}

/**
 * The port from before is taken again when it is free: it is where the others look for us. Here it is only seen to be
 * free; it opens when there is somebody to open it for.
 */
async function withPort(
  options: DeviceOptions,
  settings: Settings,
  make: (listen: DeviceOptions['listen']) => Promise<Outcome<PeerListener, ListenRefused>>,
): Promise<Outcome<PeerListener, DeviceRefused>> {
  const { host, port } = options.listen
  const ports = port === 0 && settings.peerPort !== 0 ? [settings.peerPort, 0] : [port]
  let why = ''
  for (const each of ports) {
    const listener = await make({ host, port: each })
    if (listener.ok) return listener
    why = listener.error.message
  }
  const where = host ?? 'any address of this machine'
  return fail({ kind: 'listen', message: `This device cannot listen on ${where}: ${why}.` })
}

function inUse(dataDir: string, pid: number | null): DeviceRefused {
  const who = pid === null ? 'another process' : `process ${pid}`
  return { kind: 'in-use', message: `The data directory ${dataDir} is in use by ${who}.` }
}

function newer(file: string): DeviceRefused {
  const message = `${file} was written by a newer version of Quire. Update Quire on this device.`
  return { kind: 'newer', message }
}

function unusable(dataDir: string, error: unknown): DeviceRefused {
  const why = error instanceof Error ? error.message : String(error)
  return { kind: 'disk', message: `The data directory ${dataDir} cannot be used: ${why}.` }
}
