import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Device, type DeviceOptions, openDevice } from '../../../src-main/app/device.ts'
import type { Written } from '../../../src-main/app/device-api.ts'
import type { Outcome } from '../../../src-shared/base/outcome.ts'
import type { Status } from '../../../src-shared/ipc/contract.ts'

const patienceMs = 15_000
const lookMs = 5

/** Looks again and again until it is there; fails with what was seen last. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const seen = await look()
    if (seen !== null && seen !== undefined && seen !== false) return seen
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`)
    await new Promise((resume) => setTimeout(resume, lookMs))
  }
}

export function value<T, E>(outcome: Outcome<T, E>): T {
  if (!outcome.ok) throw new Error(`refused: ${JSON.stringify(outcome.error)}`)
  return outcome.value
}

export function refusal<T, E>(outcome: Outcome<T, E>): E {
  if (outcome.ok) throw new Error(`not refused: ${JSON.stringify(outcome.value)}`)
  return outcome.error
}

export const wait = { ms: 10_000 } as const

/** The rev and index of a write that is expected to be committed. */
export function applied(outcome: Outcome<Written, unknown>): { id: string; rev: number } {
  const written = value(outcome)
  if (written.state !== 'applied') throw new Error('saved, and not applied in time')
  return written
}

/** Devices of one test, in directories of their own; all are closed and gone after it. */
export class Household {
  readonly #open = new Set<Device>()
  readonly #dirs: string[] = []

  async newDir(): Promise<string> {
    const dir = await mkdtemp(join(tmpdir(), 'quire-app-'))
    this.#dirs.push(dir)
    return dir
  }

  async start(name: string, dataDir?: string, more: Partial<DeviceOptions> = {}): Promise<Device> {
    const dir = dataDir ?? (await this.newDir())
    const listen = { host: '127.0.0.1', port: 0 }
    const opened = await openDevice({
      dataDir: dir,
      defaultName: name,
      listen,
      discovery: false,
      ...more,
    })
    const device = value(opened)
    this.#open.add(device)
    return device
  }

  async stop(device: Device): Promise<void> {
    this.#open.delete(device)
    await device.close()
  }

  /** Pairs by code, as two people would. */
  async pair(member: Device, newcomer: Device, bring = false): Promise<string> {
    const { code, address } = value(await newcomer.openPairing())
    const ask = { ref: null, address, code: code ?? '', bring }
    const { deviceId } = value(await member.addDevice(ask))
    await until('the newcomer has joined', () => newcomer.id === deviceId)
    return deviceId
  }

  /** So many devices in one group, all voters as far as they should be. */
  async group(...names: string[]): Promise<Device[]> {
    const devices: Device[] = []
    for (const name of names) {
      const device = await this.start(name)
      const first = devices[0]
      if (first !== undefined) await this.pair(first, device)
      devices.push(device)
      if (devices.length > 1) await this.settled(devices)
    }
    return devices
  }

  /** Everybody agrees on the leader, everybody votes that should, and everybody is known to be here. */
  async settled(devices: readonly Device[]): Promise<Status[]> {
    return until('the group is settled', async () => {
      const all = await Promise.all(devices.map((device) => device.status()))
      const leader = all[0]?.cluster.leaderId
      const isSettled = all.every(
        ({ cluster, members }) =>
          cluster.leaderId !== null &&
          cluster.leaderId === leader &&
          members.filter(({ removed }) => !removed).length === devices.length &&
          members.every(({ online, removed }) => removed || online === true) &&
          members.filter(({ role, removed }) => role === 'voter' && !removed).length ===
            (devices.length <= 3 || devices.length % 2 === 1 ? devices.length : devices.length - 1),
      )
      return isSettled ? all : null
    })
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((device) => device.close()))
    await Promise.all(this.#dirs.map((dir) => rm(dir, { recursive: true, force: true })))
  }
}

export async function textOf(device: Device, id: string): Promise<string | null> {
  const read = await device.readNote(id, { linearizable: false })
  return read.ok && read.value.pending === 0 ? read.value.body : null
}
