/** A headless device as a real process, asked as a script would ask it: through api.json and the local API. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'

const program = resolve(import.meta.dirname, '../../dist/serve.js')

export interface Ready {
  readonly api: string
  readonly peer: string
  readonly deviceId: string
  readonly open: string
}

export interface Answer<T = unknown> {
  readonly status: number
  readonly body: T
}

export class HeadlessDevice {
  readonly dataDir: string
  readonly name: string
  readonly #extra: readonly string[]
  #process: ChildProcess | null = null
  ready: Ready = { api: '', peer: '', deviceId: '', open: '' }
  errors = ''

  constructor(name: string, dataDir: string, extra: readonly string[] = []) {
    this.name = name
    this.dataDir = dataDir
    this.#extra = extra
  }

  async start(): Promise<this> {
    const own = ['--data-dir', this.dataDir, '--name', this.name]
    const args = [...own, '--peer-host', '127.0.0.1', '--no-discovery', ...this.#extra]
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    child.stderr.on('data', (data) => {
      this.errors += data
    })
    this.ready = await new Promise<Ready>((settle, reject) => {
      child.once('exit', (code) =>
        reject(new Error(`${this.name} ended (${code}): ${this.errors}`)),
      )
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.startsWith('{')) settle(JSON.parse(line) as Ready)
      })
    })
    return this
  }

  get pid(): number {
    return this.#process?.pid ?? 0
  }

  get deviceId(): string {
    return this.apiFile().deviceId
  }

  apiFile(): { api: string; token: string; peer: string; deviceId: string; pid: number } {
    return JSON.parse(readFileSync(join(this.dataDir, 'api.json'), 'utf8'))
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal)
  }

  /** Resolves with the exit code, or the signal's name. */
  async end(signal: NodeJS.Signals): Promise<number | string> {
    const child = this.#process
    if (child === null) return 0
    this.#process = null
    if (child.exitCode !== null) return child.exitCode
    const ended = new Promise<number | string>((settle) =>
      child.once('exit', (code, by) => settle(code ?? by ?? 'unknown')),
    )
    child.kill(signal)
    return ended
  }

  async call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    init: RequestInit = {},
  ): Promise<Answer<T>> {
    const { api, token } = this.apiFile()
    const response = await fetch(api + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...init,
    })
    const text = await response.text()
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T }
  }

  async bytes(path: string): Promise<Buffer> {
    const { api, token } = this.apiFile()
    const response = await fetch(api + path, { headers: { authorization: `Bearer ${token}` } })
    if (!response.ok) throw new Error(`GET ${path}: ${response.status}`)
    return Buffer.from(await response.arrayBuffer())
  }
}

export interface Group {
  readonly devices: readonly HeadlessDevice[]
  device(at: number): HeadlessDevice
  /** Ends what runs and removes what was written. */
  close(): Promise<void>
}

/** Devices of one group, each its own process and folder, paired over the API only. */
export async function startGroup(names: readonly string[]): Promise<Group> {
  const folder = mkdtempSync(join(tmpdir(), 'quire-test-'))
  const devices = names.map((name) => new HeadlessDevice(name, join(folder, name)))
  const device = (at: number): HeadlessDevice => {
    const found = devices[at]
    if (found === undefined) throw new Error(`there is no device ${at}`)
    return found
  }
  await Promise.all(devices.map((one) => one.start()))
  for (const newcomer of devices.slice(1)) await pair(device(0), newcomer)
  await until(`${names.length} voters`, async () => {
    const { body } = await device(0).call<StatusBody>('GET', '/v1/status')
    const voters = body.members.filter((member) => member.role === 'voter' && !member.removed)
    return (
      voters.length === (names.length <= 3 ? names.length : names.length - (1 - (names.length % 2)))
    )
  })
  const close = async (): Promise<void> => {
    await Promise.all(devices.map((one) => one.end('SIGKILL')))
    rmSync(folder, { recursive: true, force: true })
  }
  return { devices, device, close }
}

export interface StatusBody {
  readonly device: { id: string; name: string; role: string }
  readonly cluster: {
    leaderId: string | null
    commitIndex: number
    appliedIndex: number
    term: number
  }
  readonly members: readonly {
    id: string
    name: string
    role: string
    online: boolean | null
    matchIndex: number | null
    isLeader: boolean
    isSelf: boolean
    removed: boolean
  }[]
  readonly outbox: { pending: number; oldest: string | null }
  readonly sentence: string
}

export async function pair(member: HeadlessDevice, newcomer: HeadlessDevice): Promise<string> {
  const opened = await newcomer.call<{ code: string; address: string }>('POST', '/v1/pairing')
  if (opened.status !== 201) throw new Error(`pairing: ${JSON.stringify(opened)}`)
  const added = await member.call<{ deviceId: string }>('POST', '/v1/devices', opened.body)
  if (added.status !== 201) throw new Error(`devices: ${JSON.stringify(added)}`)
  await until('the newcomer to be a member', async () => newcomer.deviceId === added.body.deviceId)
  return added.body.deviceId
}

/** Polls, for these are other processes: nothing here could tell us when. */
export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  msMax = 20_000,
): Promise<void> {
  const deadline = performance.now() + msMax
  for (;;) {
    try {
      if (await holds()) return
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
    if (performance.now() > deadline) throw new Error(`waited ${msMax} ms for ${what}`)
    await wait(20)
  }
}

/** The leading device of those that run; waits until there is one that all given agree on. */
export async function leaderOf(devices: readonly HeadlessDevice[]): Promise<HeadlessDevice> {
  let leader: HeadlessDevice | undefined
  await until('a leader', async () => {
    const statuses = await Promise.all(
      devices.map((device) => device.call<StatusBody>('GET', '/v1/status')),
    )
    const ids = new Set(statuses.map(({ body }) => body.cluster.leaderId))
    const [id] = ids
    leader = devices.find((device) => device.deviceId === id)
    return ids.size === 1 && leader !== undefined
  })
  if (leader === undefined) throw new Error('there is no leader')
  return leader
}
