import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { WebSocket } from 'ws'
import { decodeFrame, encodeFrame, type Frame } from '../../src-main/net/frame.ts'
import { memberProtocol } from '../../src-main/net/upgrade.ts'
import { credentialFor } from './examples.ts'

/** Whose key a raw caller shows when the test does not say: a member that every scene knows. */
const usual = '2'

function keyOf(id: string) {
  const { keyPem: key, certificatePem: cert } = credentialFor(id)
  return { key, cert, rejectUnauthorized: false }
}

/** A WebSocket that says what the test wants, well-behaved or not. */
export class RawPeer {
  readonly socket: WebSocket
  readonly heard: Frame[] = []
  closed: number | null = null

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data) => {
      const decoded = decodeFrame(data as Buffer)
      if (decoded.ok) this.heard.push(decoded.value)
    })
    socket.on('close', (code) => {
      this.closed = code
    })
    socket.on('error', () => undefined)
  }

  say(frame: Frame): void {
    this.socket.send(encodeFrame(frame))
  }
}

export async function rawPeer(
  address: string,
  options: object = {},
  protocol: string = memberProtocol,
  id: string = usual,
): Promise<RawPeer> {
  const socket = new WebSocket(`wss://${address}/`, protocol, {
    ...keyOf(id),
    perMessageDeflate: false,
    ...options,
  })
  const peer = new RawPeer(socket)
  await once(socket, 'open')
  return peer
}

/** The status with which an upgrade is answered; null: the socket is closed without one. */
export async function upgradeStatus(
  address: string,
  headers: Readonly<Record<string, string | undefined>>,
  id: string = usual,
): Promise<number | null> {
  const lines = {
    Host: address,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol': memberProtocol,
    ...headers,
  }
  const request = Object.entries(lines)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  const answer = await rawExchange(address, `GET / HTTP/1.1\r\n${request}\r\n`, id)
  const status = /^HTTP\/1\.1 ([0-9]{3}) /.exec(answer)
  return status === null ? null : Number(status[1])
}

/** Sends bytes, answers the first that come back, or nothing when the socket is closed. */
export async function rawExchange(
  address: string,
  text: string,
  id: string = usual,
): Promise<string> {
  const socket = connectSecurely({ ...placeOf(address), ...keyOf(id) })
  socket.on('error', () => undefined)
  socket.write(text)
  const answer = await new Promise<string>((settle) => {
    socket.once('data', (data) => settle(data.toString('latin1')))
    socket.once('close', () => settle(''))
  })
  socket.destroy()
  return answer
}

function placeOf(address: string): { host: string; port: number } {
  const [host = '', port] = address.split(':')
  return { host, port: Number(port) }
}

/** As far as a handshake with a member's key. */
export async function rawSecure(address: string, id: string = usual): Promise<Socket> {
  const socket = connectSecurely({ ...placeOf(address), ...keyOf(id) })
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  return socket
}

/** As far as TCP, and not a byte further. */
export async function rawSocket(address: string): Promise<Socket> {
  const socket = connect(placeOf(address))
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}
