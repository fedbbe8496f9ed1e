import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** DIR/api.json: how a script on this machine finds the API of a running device. */
export interface ApiFile {
  readonly api: string
  readonly token: string
  readonly peer: string
  readonly deviceId: string
  readonly pid: number
}

const name = 'api.json'

/** Written beside and renamed, so that a reader never sees half of it; only the owner may read it, for it holds the token. */
export async function writeApiFile(dataDir: string, content: ApiFile): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const temporary = join(dataDir, `${name}.${process.pid}.tmp`)
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(`${JSON.stringify(content)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, join(dataDir, name))
}

export async function removeApiFile(dataDir: string): Promise<void> {
  await rm(join(dataDir, name), { force: true })
}
