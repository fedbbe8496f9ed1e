import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import {
  type CallName,
  callNames,
  type EventName,
  eventNames,
  type Handlers,
} from '../../src-shared/ipc/contract.ts'
import type { DeviceApi, DeviceEvent, WindowApi } from '../app/device-api.ts'
import { MalformedAsk } from '../app/handlers.ts'
import type { Log } from '../replica/ports.ts'
import { checkOrigin, type Gate, isToken } from './gate.ts'

export const windowPath = '/v1/window'
export const windowProtocol = 'quire.window.v1'
/** The token travels as a subprotocol: a browser can set no header on a WebSocket, and an address is logged and shared too easily. */
export const tokenProtocolPrefix = 'quire.token.'
/** The largest ask: an import of several files in base64. */
export const windowFrameBytesMax = 64 * 1024 * 1024
/** A page that does not read what it hears is let go; it comes back and asks anew. */
export const windowBytesWaitingMax = 64 * 1024 * 1024
/** Asks of one page under way at one time. */
export const windowAsksMax = 256
export const windowsMax = 64
const pingMs = 20_000

export interface WindowSockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  close(): void
}

interface Options {
  readonly gate: Gate
  readonly device: DeviceApi & WindowApi
  readonly handlers: Handlers
  readonly log: Log
}

/** The contract over a WebSocket on loopback: the second carrier, for pages in a browser. */
export function windowSockets(options: Options): WindowSockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: windowFrameBytesMax,
    perMessageDeflate: false,
    handleProtocols: () => windowProtocol,
  })
  let opened = 0
  return {
    upgrade(request, socket, head) {
      const refused = refuse(options.gate, request, server.clients.size)
      if (refused !== null) {
        socket.end(`HTTP/1.1 ${refused}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
        return
      }
      server.handleUpgrade(request, socket, head, (page) => {
        opened++
        serveWindow(page, `page-${opened}`, options)
      })
    },
    close() {
      for (const page of server.clients) page.close(1001, 'Quire is closing')
      server.close()
    },
  }
}

function refuse(gate: Gate, request: IncomingMessage, open: number): string | null {
  const { host, origin } = request.headers
  const verdict = checkOrigin(gate, host ?? null, origin ?? null)
  if (verdict !== 'pass') return '403 Forbidden'
  if (new URL(request.url ?? '/', 'http://host').pathname !== windowPath) return '404 Not Found'
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',')
  const given = protocols.map((name) => name.trim())
  const token = given.find((name) => name.startsWith(tokenProtocolPrefix))
  if (token === undefined || !isToken(gate, token.slice(tokenProtocolPrefix.length))) {
    return '401 Unauthorized'
  }
  if (!given.includes(windowProtocol)) return '400 Bad Request'
  return open >= windowsMax ? '503 Service Unavailable' : null
}

function serveWindow(page: WebSocket, window: string, options: Options): void {
  const { device, handlers, log } = options
  let underWay = 0
  let alive = true
  const send = (frame: unknown): void => {
    if (page.readyState !== page.OPEN) return
    if (page.bufferedAmount > windowBytesWaitingMax) return page.close(1013, 'not reading')
    page.send(JSON.stringify(frame))
  }
  const unhear = device.hear((event) => {
    if (isFor(event, window)) send({ hear: event.name, event: event.event })
  })
  const ping = setInterval(() => {
    if (!alive) return page.terminate()
    alive = false
    page.ping()
  }, pingMs)
  page.on('pong', () => {
    alive = true
  })
  page.on('message', (data: RawData, isBinary: boolean) => {
    const frame = isBinary ? null : parseFrame(data.toString())
    if (frame === null) return page.close(1003, 'not an ask')
    if (underWay >= windowAsksMax) {
      return send({ id: frame.id, problem: { kind: 'not-now', message: 'Too many asks at once.' } })
    }
    underWay++
    handlers[frame.call](frame.ask, window)
      .then((answer) => send({ id: frame.id, answer }))
      .catch((error: unknown) => send({ id: frame.id, problem: problemOf(error, log) }))
      .finally(() => {
        underWay--
      })
  })
  page.on('error', (error) => log.warn(`serve: ${window}: ${error.message}`))
  page.on('close', () => {
    clearInterval(ping)
    unhear()
    device.windowGone(window)
  })
}

/** Notes' steps go to the pages that have the note open; what is for scripts only is not sent. */
function isFor(event: DeviceEvent, window: string): boolean {
  if (!(event.name in eventNames)) return false
  return event.name !== ('note' satisfies EventName) || event.windows.includes(window)
}

interface Frame {
  readonly id: number
  readonly call: CallName
  readonly ask: unknown
}

function parseFrame(text: string): Frame | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null // answered by closing: a page of ours sends nothing else
  }
  if (typeof value !== 'object' || value === null) return null
  const { id, call, ask } = value as Record<string, unknown>
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) return null
  if (typeof call !== 'string' || !Object.hasOwn(callNames, call)) return null
  return { id, call: call as CallName, ask }
}

function problemOf(error: unknown, log: Log): { kind: string; message: string } {
  if (error instanceof MalformedAsk) return { kind: 'malformed', message: error.message }
  log.error(`serve: a call broke: ${error instanceof Error ? error.stack : String(error)}`)
  return { kind: 'broken', message: 'Something broke here. Nothing that was saved is lost.' }
}
