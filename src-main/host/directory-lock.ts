import { createHash } from 'node:crypto'
import { constants, promises } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { isAlive, processMark } from './process-mark.ts'

/**
 * Keeps a second process off a data directory. The guard is something the system itself takes back
 * when a process dies, however it dies, and not before: no file whose age is judged, because a laptop
 * that slept or a stopped process must not lose its directory. Linux: an abstract socket named after
 * the directory's device and inode. macOS and Windows: a file opened exclusively.
 *
 * Beside it lies a file `lock` that names the holder, to say who it is. On Linux it also guards
 * against a process of another network namespace, where abstract sockets do not reach.
 */
export interface DirectoryLock {
  release(): Promise<void>
}

export interface DirectoryInUse {
  readonly kind: 'in-use'
  /** Who holds it; null when that cannot be told. */
  readonly pid: number | null
}

interface Guard {
  release(): Promise<void>
}

/** Makes the directory (mode 0700) if it is missing. Rejects when it cannot be made or read. */
export async function lockDirectory(path: string): Promise<Outcome<DirectoryLock, DirectoryInUse>> {
  await promises.mkdir(path, { recursive: true, mode: 0o700 })
  const note = `${path}/lock`
  const guard = process.platform === 'linux' ? await guardBySocket(path) : await guardByFile(path)
  const holder = await readHolder(note)
  if (guard === null) return fail({ kind: 'in-use', pid: holder?.pid ?? null })
  if (holder !== null && holder.pid !== process.pid && holder.isCertain) {
    await guard.release()
    return fail({ kind: 'in-use', pid: holder.pid })
  }
  await writeHolder(note)
  return ok({
    release: async () => {
      await promises.rm(note, { force: true }).catch(() => undefined)
      await guard.release()
    },
  })
}

/** Null when another process listens there. */
async function guardBySocket(path: string): Promise<Guard | null> {
  const { dev, ino } = await promises.stat(path, { bigint: true })
  const name = createHash('sha256').update(`${dev} ${ino}`).digest('hex').slice(0, 32)
  const server = createServer((socket) => socket.destroy())
  // The lock alone must not keep a process alive.
  server.unref()
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null)
      else reject(error)
    })
    server.listen({ path: `\0quire-${name}` }, () =>
      resolve({ release: () => closeServer(server) }),
    )
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

const exclusive = process.platform === 'win32' ? 0x1000_0000 : 0x20

/** open(2) with O_EXLOCK on macOS, without sharing on Windows. Null when another process has it open. */
async function guardByFile(path: string): Promise<Guard | null> {
  const wait = process.platform === 'win32' ? 0 : constants.O_NONBLOCK
  const flags = constants.O_RDWR | constants.O_CREAT | exclusive | wait
  try {
    const file = await promises.open(`${path}/lock.guard`, flags, 0o600)
    return { release: () => file.close() }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? ''
    if (['EAGAIN', 'EWOULDBLOCK', 'EBUSY'].includes(code)) return null
    throw cause
  }
}

/** The process that the note names, if one of that number lives; certain when it is the very same one. */
async function readHolder(note: string): Promise<{ pid: number; isCertain: boolean } | null> {
  const text = await promises.readFile(note, 'utf8').catch(() => '')
  const [pidText = '', mark = ''] = text.trim().split(' ')
  const pid = Number(pidText)
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return null
  const now = await processMark(pid)
  return { pid, isCertain: now !== null && now === mark }
}

/** A full disk must not keep anyone from starting: the guard holds without the note. */
async function writeHolder(note: string): Promise<void> {
  const text = `${process.pid} ${(await processMark(process.pid)) ?? '-'}\n`
  const fresh = `${note}.tmp`
  try {
    await promises.writeFile(fresh, text, { mode: 0o600 })
    await promises.rename(fresh, note)
  } catch {
    await promises.rm(fresh, { force: true }).catch(() => undefined)
  }
}
