/** `npm start`: the desktop app, or, where Electron's runtime is not to be had, the same app in the browser. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { findElectron } from './desktop-runtime.ts'
import { headlessProgram, startHeadless } from './headless.ts'

/** Electron's installer asks the network; a silent network must not hang us. */
const installMsMax = 20_000

const require = createRequire(import.meta.url)
const electronDir = packageDir()
const look = { env: process.env, packageDir: electronDir, exists: existsSync, read: readText }

let runtime = findElectron(look)
if (runtime === null && electronDir !== null) {
  spawnSync(process.execPath, [join(electronDir, 'install.js')], {
    cwd: electronDir,
    timeout: installMsMax,
    killSignal: 'SIGKILL',
    stdio: 'ignore',
  })
  runtime = findElectron(look)
}

if (runtime === null) await openInBrowser()
else openDesktop(runtime)

function openDesktop(executable: string): void {
  const child = spawn(
    executable,
    [join(import.meta.dirname, 'main.js'), ...process.argv.slice(2)],
    {
      stdio: 'inherit',
    },
  )
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  child.once('exit', (code) => process.exit(code ?? 1))
}

async function openInBrowser(): Promise<void> {
  process.stdout.write(
    "Electron's runtime is not on this machine and could not be fetched; Quire opens in your browser instead.\n",
  )
  const program = join(import.meta.dirname, headlessProgram)
  const { ready, process: child } = await startHeadless(program, process.argv.slice(2)).catch(
    () => {
      process.exit(1) // the device has said why
    },
  )
  process.stdout.write(`Open ${ready.open}\nCtrl-C ends it.\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => child.kill('SIGTERM'))
  child.once('exit', (code) => process.exit(code ?? 1))
}

function packageDir(): string | null {
  try {
    return dirname(require.resolve('electron/package.json'))
  } catch {
    return null
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
