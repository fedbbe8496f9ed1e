/** Three devices on this machine, paired with one another; three addresses to open. Ctrl-C ends them all. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApiFile } from '../serve/api-file.ts'
import { type Headless, headlessProgram, startHeadless } from './headless.ts'

const program = join(import.meta.dirname, headlessProgram)
const names = ['Laptop', 'Desktop', 'NAS']

async function call(dir: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const { api, token } = JSON.parse(await readFile(join(dir, 'api.json'), 'utf8')) as ApiFile
  const response = await fetch(api + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer = (await response.json()) as Record<string, unknown>
  if (!response.ok) throw new Error(`${method} ${path}: ${answer.detail}`)
  return answer
}

const folder = await mkdtemp(join(tmpdir(), 'quire-demo-'))
const devices: Headless[] = []
let ending = false

async function end(code: number): Promise<void> {
  if (ending) return
  ending = true
  for (const { process: child } of devices) child.kill('SIGTERM')
  await Promise.all(devices.map(({ process: child }) => exited(child)))
  await rm(folder, { recursive: true, force: true })
  process.exit(code)
}

function exited(child: Headless['process']): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => child.once('exit', () => resolve()))
}

process.on('SIGINT', () => void end(0))
process.on('SIGTERM', () => void end(0))

/** The first founds the group, the others join it by their codes. */
async function startAll(): Promise<void> {
  for (const name of names) {
    const own = ['--data-dir', join(folder, name), '--name', name]
    const args = [...own, '--peer-host', '127.0.0.1', '--no-discovery']
    devices.push(await startHeadless(program, args))
  }
  const [first = '', ...newcomers] = names
  for (const name of newcomers) {
    const shown = await call(join(folder, name), 'POST', '/v1/pairing')
    await call(join(folder, first), 'POST', '/v1/devices', shown)
  }
}

await startAll().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  return end(1)
})
process.stdout.write(
  'Three devices of one group. Type in one, read in the others; stop one (its process is named) and go on.\n\n',
)
for (const [at, { ready, process: child }] of devices.entries()) {
  process.stdout.write(`${(names[at] ?? '').padEnd(8)} ${ready.open}   (process ${child.pid})\n`)
}
process.stdout.write('\nCtrl-C ends them and removes what they wrote.\n')
