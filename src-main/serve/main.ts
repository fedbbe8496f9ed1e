import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { openDevice } from '../app/device.ts'
import { removeApiFile, writeApiFile } from './api-file.ts'
import { parseServeOptions } from './options.ts'
import { startServer } from './server.ts'

/** 256 bits, new at each start. */
const tokenBytes = 32

export interface ServeMain {
  readonly args: readonly string[]
  /** The folder that relative paths on the command line are meant from. */
  readonly from: string
  /** The built window's folder. */
  readonly assets: string
}

/** The headless shell: a device without a window of its own. Exit codes: 0 a clean end, 1 it could not start or had to stop, 2 bad options. */
export async function serveMain({ args, from, assets }: ServeMain): Promise<void> {
  const options = parseServeOptions(args, from, process.env)
  if (!options.ok) return leave(2, options.error)
  const { dataDir, name, apiPort, peerPort, peerHost, discovery } = options.value
  process.umask(0o077)
  const opened = await openDevice({
    dataDir,
    name: name ?? undefined,
    defaultName: hostname(),
    listen: { host: peerHost, port: peerPort },
    discovery,
  })
  if (!opened.ok) return leave(1, opened.error.message)
  const device = opened.value
  const token = randomBytes(tokenBytes).toString('hex')
  const server = await startServer({ device, port: apiPort, token, assets, log: device.log })
  const announce = (): Promise<void> =>
    writeApiFile(dataDir, {
      api: server.url,
      token,
      peer: device.peerAddress,
      deviceId: device.id,
      pid: process.pid,
    })
  await announce()
  device.hear((event) => {
    if (event.name !== 'device') return
    announce().catch((error: Error) => device.log.error(`serve: api.json: ${error.message}`))
  })
  const end = once(async () => {
    await server.close()
    await device.close()
    await removeApiFile(dataDir)
    process.exit(0)
  })
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  const ready = {
    event: 'ready',
    api: server.url,
    peer: device.peerAddress,
    deviceId: device.id,
    open: `${server.url}/#token=${token}`,
  }
  process.stdout.write(`${JSON.stringify(ready)}\n`)
}

function once(end: () => Promise<void>): () => void {
  let begun = false
  return () => {
    if (begun) return
    begun = true
    end().catch((error: Error) => leave(1, error.message))
  }
}

function leave(code: number, line: string): never {
  process.stderr.write(`${line}\n`)
  process.exit(code)
}
