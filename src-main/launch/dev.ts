/** For those who change the code: a headless device that is built and started again after every change. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { watch } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
/** Editors write a file in several steps; a build waits until they are done, in ms. */
const quietMs = 200
const args = [
  '--data-dir',
  join(root, '.data/dev'),
  '--peer-host',
  '127.0.0.1',
  '--no-discovery',
  ...process.argv.slice(2),
]

let device: ChildProcess | null = null

function restart(): void {
  const built = spawnSync('npx', ['tsx', 'src-main/launch/build.ts'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (built.status !== 0) return // the reason is on the screen; the device that runs goes on
  const start = (): void => {
    device = spawn(process.execPath, ['dist/serve.js', ...args], { cwd: root, stdio: 'inherit' })
  }
  if (device === null || device.exitCode !== null) return start()
  device.once('exit', start)
  device.kill('SIGTERM')
}

restart()
let timer: NodeJS.Timeout | undefined
for (const room of ['src-shared', 'src-main', 'src-renderer']) {
  watch(join(root, room), { recursive: true }, () => {
    clearTimeout(timer)
    timer = setTimeout(restart, quietMs)
  })
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    device?.kill('SIGTERM')
    process.exit(0)
  })
}
