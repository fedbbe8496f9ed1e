import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import { decodeFrame, encodeFrame, type Frame } from '../../src-main/net/frame.ts'
import { memberProtocol } from '../../src-main/net/upgrade.ts'

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
): Promise<RawPeer> {
  const socket = new WebSocket(`ws://${address}/`, protocol, {
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
  const answer = await rawExchange(address, `GET / HTTP/1.1\r\n${request}\r\n`)
  const status = /^HTTP\/1\.1 ([0-9]{3}) /.exec(answer)
  return status === null ? null : Number(status[1])
}

/** Sends bytes, answers the first that come back, or nothing when the socket is closed. */
export async function rawExchange(address: string, text: string): Promise<string> {
  const socket = await rawSocket(address)
  socket.write(text)
  const answer = await new Promise<string>((settle) => {
    socket.once('data', (data) => settle(data.toString('latin1')))
    socket.once('close', () => settle(''))
  })
  socket.destroy()
  return answer
}

export async function rawSocket(address: string): Promise<Socket> {
  const [host, port] = address.split(':')
  const socket = connect({ host: host ?? '', port: Number(port) })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}
