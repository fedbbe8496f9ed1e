import { constants, promises } from 'node:fs'
import type { Disk, DiskEntry } from '../journal/disk.ts'
import { DiskFailed } from '../journal/disk.ts'
import { diskFailure } from './disk-failure.ts'
import * as calls from './file-calls.ts'
import { OpenFiles } from './open-files.ts'

const privateDirectory = 0o700

/** The real disk below one directory. Nothing outside it can be named. */
export class NodeDisk implements Disk {
  readonly #root: string
  readonly #files = new OpenFiles()

  constructor(root: string) {
    this.#root = root
  }

  async read(name: string, from: number, to: number): Promise<Uint8Array> {
    return this.#guard(name, async (path) => {
      const file = await this.#files.take(path, 'read')
      try {
        const bytes = new Uint8Array(Math.max(0, to - from))
        let filled = 0
        while (filled < bytes.length) {
          const more = await calls.read(file.fd, bytes, filled, from + filled)
          if (more === 0) break
          filled += more
        }
        return bytes.subarray(0, filled)
      } finally {
        this.#files.giveBack(file)
      }
    })
  }

  async write(name: string, at: number, bytes: Uint8Array): Promise<number> {
    return this.#guard(name, async (path) => {
      const file = await this.#files.take(path, 'create')
      try {
        return await calls.write(file.fd, bytes, at)
      } finally {
        this.#files.giveBack(file)
      }
    })
  }

  async sync(name: string): Promise<void> {
    await this.#guard(name, async (path) => {
      const file = await this.#files.take(path, 'write')
      try {
        await calls.datasync(file.fd)
      } finally {
        this.#files.giveBack(file)
      }
    })
  }

  async truncate(name: string, size: number): Promise<void> {
    await this.#guard(name, async (path) => {
      const file = await this.#files.take(path, 'write')
      try {
        await calls.truncate(file.fd, size)
      } finally {
        this.#files.giveBack(file)
      }
    })
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#guard(from, async (path) => {
      const target = this.#path(to)
      // Windows renames no open file, and a cached handle must not outlive the name it was opened by.
      await this.#files.forget(path)
      await this.#files.forget(target)
      await promises.rename(path, target)
    })
  }

  async remove(name: string): Promise<void> {
    await this.#guard(name, async (path) => {
      await this.#files.forget(path)
      await promises.unlink(path)
    })
  }

  async list(dir: string): Promise<readonly DiskEntry[]> {
    return this.#guard(dir, async (path) => {
      const found = await promises.readdir(path, { withFileTypes: true }).catch(emptyWhenMissing)
      const entries = await Promise.all(
        found.map(async (each) => {
          if (each.isDirectory()) return { name: `${each.name}/`, size: 0 }
          return { name: each.name, size: (await promises.lstat(`${path}/${each.name}`)).size }
        }),
      )
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    })
  }

  async makeDir(dir: string): Promise<void> {
    await this.#guard(dir, async (path) => {
      await promises.mkdir(path, { recursive: true, mode: privateDirectory })
    })
  }

  async syncDir(dir: string): Promise<void> {
    // Windows opens no directory for this; there the file system's own journal keeps the names.
    if (process.platform === 'win32') return
    await this.#guard(dir, async (path) => {
      const handle = await promises.open(path, constants.O_RDONLY)
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
    })
  }

  /** Lets go of every file. The disk may be used again; it opens what it needs. */
  async close(): Promise<void> {
    await this.#files.forgetAll()
  }

  async #guard<T>(name: string, work: (path: string) => Promise<T>): Promise<T> {
    const path = this.#path(name)
    try {
      return await work(path)
    } catch (cause) {
      throw cause instanceof DiskFailed ? cause : diskFailure(name, cause)
    }
  }

  #path(name: string): string {
    if (name === '' || name === '.') return this.#root
    const parts = name.split('/')
    const isPlain = parts.every((part) => part !== '' && part !== '.' && part !== '..')
    if (!isPlain || name.includes('\0') || name.includes('\\')) {
      throw new DiskFailed('broken', name, 'not a name inside the data directory')
    }
    return `${this.#root}/${name}`
  }
}

function emptyWhenMissing(cause: unknown): [] {
  if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
  throw cause
}
