import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Real devices: one process each, headless, on loopback, without discovery. */
export interface Device {
  readonly name: string
  readonly dir: string
  /** The address of its page, with the token. */
  readonly open: string
  readonly peer: string
  status(): Promise<DeviceStatus>
  /** As when the power goes: no goodbye. */
  kill(): Promise<void>
  /** The same data directory, a new process on the same port; its token is a new one. */
  start(): Promise<void>
}

export interface DeviceStatus {
  readonly device: { readonly id: string; readonly name: string; readonly role: string }
  readonly cluster: { readonly leaderId: string | null; readonly commitIndex: string }
  readonly members: readonly { readonly id: string; readonly name: string; readonly role: string }[]
  readonly sentence: string
}

const program = fileURLToPath(new URL('../../../dist/serve.js', import.meta.url))

export class Devices {
  readonly #started: { child: ChildProcess | null; dir: string }[] = []

  async start(name: string): Promise<Device> {
    if (!existsSync(program)) throw new Error('Build first: npm run build')
    const dir = await mkdtemp(join(tmpdir(), 'quire-e2e-'))
    const own: { child: ChildProcess | null; dir: string } = { child: null, dir }
    this.#started.push(own)
    let ready = await launch(own, name, 0)
    const port = () => Number(new URL(ready.api).port)
    return {
      name,
      dir,
      get open() {
        return ready.open
      },
      get peer() {
        return ready.peer
      },
      status: async () => {
        const token = new URL(ready.open).hash.replace('#token=', '')
        const answer = await fetch(`${ready.api}/v1/status`, {
          headers: { authorization: `Bearer ${token}` },
        })
        return (await answer.json()) as DeviceStatus
      },
      kill: async () => {
        await end(own, 'SIGKILL')
      },
      start: async () => {
        ready = await launch(own, name, port())
      },
    }
  }

  async end(): Promise<void> {
    await Promise.all(
      this.#started.map(async (own) => {
        await end(own, 'SIGKILL')
        await rm(own.dir, { recursive: true, force: true })
      }),
    )
  }
}

interface Ready {
  readonly api: string
  readonly peer: string
  readonly open: string
}

async function launch(
  own: { child: ChildProcess | null; dir: string },
  name: string,
  port: number,
) {
  const place = ['--peer-host', '127.0.0.1', '--no-discovery']
  const args = [program, '--data-dir', own.dir, '--name', name, ...place]
  if (port !== 0) args.push('--api-port', String(port))
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  own.child = child
  let said = ''
  child.stderr?.on('data', (data) => {
    said += String(data)
  })
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line.startsWith('{')) return JSON.parse(line) as Ready
  }
  throw new Error(`${name} did not start: ${said}`)
}

async function end(own: { child: ChildProcess | null }, signal: NodeJS.Signals): Promise<void> {
  const child = own.child
  own.child = null
  if (child === null || child.exitCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}
