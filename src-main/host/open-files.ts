import { constants } from 'node:fs'
import * as calls from './file-calls.ts'

const privateFile = 0o600
/** More files than this are not kept open; the one that was used least recently goes. */
export const openFilesMax = 32

export type Purpose = 'read' | 'write' | 'create'

export interface OpenFile {
  readonly fd: number
  readonly key: string
  users: number
  isForgotten: boolean
}

/**
 * Files stay open between calls: opening one costs as much as a small write. A file that is in use
 * when it is forgotten is closed by its last user.
 */
export class OpenFiles {
  readonly #files = new Map<string, Promise<OpenFile>>()

  async take(path: string, purpose: Purpose): Promise<OpenFile> {
    const writable = this.#files.get(`w:${path}`)
    if (writable !== undefined) return this.#use(`w:${path}`, writable)
    const key = purpose === 'read' ? `r:${path}` : `w:${path}`
    return this.#use(key, this.#files.get(key) ?? openFile(key, path, purpose))
  }

  giveBack(file: OpenFile): void {
    file.users -= 1
    if (file.isForgotten && file.users === 0) void closeQuietly(file)
  }

  async forget(path: string): Promise<void> {
    for (const key of [`r:${path}`, `w:${path}`]) await this.#forgetKey(key)
  }

  async forgetAll(): Promise<void> {
    for (const key of [...this.#files.keys()]) await this.#forgetKey(key)
  }

  async #use(key: string, opening: Promise<OpenFile>): Promise<OpenFile> {
    this.#files.delete(key)
    this.#files.set(key, opening) // to the end: used most recently
    try {
      const file = await opening
      file.users += 1
      await this.#makeRoom(key)
      return file
    } catch (cause) {
      if (this.#files.get(key) === opening) this.#files.delete(key)
      throw cause
    }
  }

  async #makeRoom(keep: string): Promise<void> {
    for (const key of this.#files.keys()) {
      if (this.#files.size <= openFilesMax) return
      if (key !== keep) await this.#forgetKey(key)
    }
  }

  async #forgetKey(key: string): Promise<void> {
    const opening = this.#files.get(key)
    if (opening === undefined) return
    this.#files.delete(key)
    const file = await opening.catch(() => null)
    if (file === null) return
    file.isForgotten = true
    if (file.users === 0) await closeQuietly(file)
  }
}

async function openFile(key: string, path: string, purpose: Purpose): Promise<OpenFile> {
  const fd = await calls.open(path, flagsFor(purpose), privateFile)
  return { fd, key, users: 0, isForgotten: false }
}

function flagsFor(purpose: Purpose): number {
  if (purpose === 'read') return constants.O_RDONLY
  return purpose === 'create' ? constants.O_RDWR | constants.O_CREAT : constants.O_RDWR
}

/** What was written counts from its sync on, so an error of close says nothing that matters here. */
async function closeQuietly(file: OpenFile): Promise<void> {
  await calls.close(file.fd).catch(() => undefined)
}
