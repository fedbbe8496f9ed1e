/**
 * Builds what is stale: the window, the programs for Node, the main process and the preload script for Electron.
 * Several may start at once: one builds, the others wait for it.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const root = resolve(import.meta.dirname, '../..')
const dist = join(root, 'dist')
const lock = join(root, '.build.lock')
const waitMsMax = 180_000
const sources = ['src-shared', 'src-main', 'src-renderer', 'package-lock.json']

/** A fingerprint of everything that a build reads: names, sizes and times. */
function fingerprint(): string {
  const hash = createHash('sha256')
  const add = (path: string): void => {
    const stat = statSync(path)
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) add(join(path, name))
    else hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`)
  }
  for (const source of sources) add(join(root, source))
  return hash.digest('hex')
}

function isFresh(stamp: string): boolean {
  try {
    return readFileSync(join(dist, 'stamp'), 'utf8') === stamp
  } catch {
    return false // never built
  }
}

/** True: the lock is ours. A lock whose owner is gone is taken away first. */
function takeLock(): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    const owner = Number(readOwner())
    if (owner > 0 && !isAlive(owner)) rmSync(lock, { force: true })
    return false
  }
}

function readOwner(): string {
  try {
    return readFileSync(lock, 'utf8')
  } catch {
    return '' // just released
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The library that builds is large, so it is loaded only when there is something to build. */
async function build(into: string): Promise<void> {
  const { build: vite } = await import('vite')
  const common = {
    root,
    configFile: false as const,
    logLevel: 'warn' as const,
    publicDir: false as const,
  }
  await vite({
    configFile: join(root, 'src-renderer/vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: join(into, 'renderer'), emptyOutDir: true },
  })
  const launch = (name: string) => join(root, 'src-main/launch', `${name}.ts`)
  await vite({
    ...common,
    ssr: { noExternal: true, external: ['electron', 'bufferutil', 'utf-8-validate'] },
    build: {
      ssr: true,
      target: 'node20',
      outDir: into,
      emptyOutDir: false,
      sourcemap: true,
      rolldownOptions: {
        input: {
          serve: launch('serve'),
          start: launch('start'),
          demo: launch('demo'),
          main: join(root, 'src-main/shell/main.ts'),
        },
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  })
  await vite({
    ...common,
    ssr: { noExternal: true, external: ['electron'] },
    build: {
      ssr: true,
      target: 'node20',
      outDir: into,
      emptyOutDir: false,
      rolldownOptions: {
        input: { preload: join(root, 'src-main/shell/preload.ts') },
        // A sandboxed preload script must be one file of CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  })
}

const deadline = Date.now() + waitMsMax
while (!isFresh(fingerprint())) {
  if (!takeLock()) {
    if (Date.now() > deadline) throw new Error(`another build holds ${lock} for too long`)
    await wait(100)
    continue
  }
  try {
    const stamp = fingerprint()
    if (isFresh(stamp)) break
    const next = `${dist}.next`
    await rm(next, { recursive: true, force: true })
    await mkdir(next, { recursive: true })
    await build(next)
    writeFileSync(join(next, 'stamp'), stamp)
    await rm(`${dist}.old`, { recursive: true, force: true })
    await rename(dist, `${dist}.old`).catch(() => undefined) // the first build has nothing to set aside
    await rename(next, dist)
    await rm(`${dist}.old`, { recursive: true, force: true })
  } finally {
    rmSync(lock, { force: true })
  }
}
