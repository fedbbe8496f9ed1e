import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import type { DeviceApi, WindowApi } from '../app/device-api.ts'
import { handlers } from '../app/handlers.ts'
import type { Log } from '../replica/ports.ts'
import type { Api } from './api.ts'
import { serveAsset } from './assets.ts'
import { checkBearer, checkOrigin, type Gate, type GateVerdict } from './gate.ts'
import { type GateKind, problemResponse } from './problem.ts'
import { deviceRoutes } from './routes/devices.ts'
import { eventRoutes } from './routes/events.ts'
import { fileRoutes } from './routes/files.ts'
import { noteRoutes } from './routes/notes.ts'
import { windowSockets } from './window-socket.ts'

/** Time for a request's head and for the whole of it, in ms; an import of 512 MiB is the longest. */
export const headersTimeoutMs = 5_000
export const requestTimeoutMs = 600_000
export const connectionsMax = 256

export interface ApiServer {
  /** "http://127.0.0.1:PORT" */
  readonly url: string
  close(): Promise<void>
}

interface Options {
  readonly device: DeviceApi & WindowApi
  readonly port: number
  readonly token: string
  /** The built window. */
  readonly assets: string
  readonly log: Log
}

/** The local API and the window's files, on loopback only. */
export async function startServer(options: Options): Promise<ApiServer> {
  const gate = { hosts: [] as string[], token: options.token }
  const app = routes(options, gate)
  const server = await listen(app, options.port)
  const { port } = server.address() as AddressInfo
  gate.hosts.push(`127.0.0.1:${port}`)
  const windows = windowSockets({
    gate,
    device: options.device,
    handlers: handlers(options.device),
    log: options.log,
  })
  server.on('upgrade', (request, socket, head) => windows.upgrade(request, socket, head))
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        windows.close()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(app: Api, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, () => {
      server.off('error', reject)
      resolve(server)
    }) as Server
    server.headersTimeout = headersTimeoutMs
    server.requestTimeout = requestTimeoutMs
    server.maxConnections = connectionsMax
    server.once('error', reject)
  })
}

function routes(options: Options, gate: Gate): Api {
  const app: Api = new Hono()
  app.use('*', async (c, next) => {
    const verdict = checkOrigin(gate, c.req.header('host') ?? null, c.req.header('origin') ?? null)
    return verdict === 'pass' ? next() : refused(verdict)
  })
  app.use('/v1/*', async (c, next) => {
    const verdict = checkBearer(gate, c.req.header('authorization') ?? null)
    return verdict === 'pass' ? next() : refused(verdict)
  })
  noteRoutes(app, options.device)
  deviceRoutes(app, options.device)
  fileRoutes(app, options.device)
  eventRoutes(app, options.device)
  refuseOtherMethods(app)
  app.all('/v1/*', () => problemResponse('no-such-call', 'see the list of calls'))
  app.get('*', (c) => serveAsset(options.assets, new URL(c.req.url).pathname))
  app.all('*', () => problemResponse('wrong-method', 'pages are only read'))
  app.onError((error) => {
    options.log.error(`serve: a request broke: ${error.stack ?? error.message}`)
    return problemResponse('broken', 'Something broke here. Nothing that was saved is lost.')
  })
  return app
}

/** Every path that some method knows answers 405 to the others, naming those it takes (RFC 9110 §15.5.6). */
function refuseOtherMethods(app: Api): void {
  const methods = new Map<string, Set<string>>()
  for (const { path, method } of app.routes) {
    if (method === 'ALL') continue
    methods.set(path, (methods.get(path) ?? new Set()).add(method))
  }
  for (const [path, known] of methods) {
    const allow = [...known].sort().join(', ')
    app.all(path, () => {
      const response = problemResponse('wrong-method', `this call takes ${allow}`)
      response.headers.set('allow', allow)
      return response
    })
  }
}

const reasons: Readonly<Record<Exclude<GateVerdict, 'pass'>, string>> = {
  'foreign-host': 'the Host header must be the address of this API',
  'foreign-origin': 'pages of other origins may not use this API',
  'no-token': 'send "Authorization: Bearer TOKEN"; the token stands in api.json',
}

function refused(verdict: Exclude<GateVerdict, 'pass'>): Response {
  const response = problemResponse(verdict satisfies GateKind, reasons[verdict])
  if (verdict === 'no-token') response.headers.set('www-authenticate', 'Bearer')
  return response
}
