import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { assert } from '../../src-shared/base/assert.ts'
import type { Clock } from '../../src-shared/base/clock.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { PairingLink } from '../identity/pairing.ts'
import type { Log } from '../replica/ports.ts'
import { formatAddress, masked } from './address.ts'
import type { ChannelProof, SecureChannel } from './channel.ts'
import {
  handshakeMs,
  headerBytesMax,
  pairingSocketsMax,
  socketsMax,
  unauthenticatedSocketsMax,
} from './limits.ts'
import { Link } from './link.ts'
import { pairingLink } from './pairing-link.ts'
import {
  judgeUpgrade,
  memberProtocol,
  type Protocol,
  pairingProtocol,
  upgrader,
} from './upgrade.ts'

export interface ListenerOptions {
  /** Host null: every address of this machine. Port 0: any that is free, and then always the same. */
  readonly listen: { readonly host: string | null; readonly port: number }
  /** This machine's addresses, best first; asked whenever somebody is to be told where we are. */
  readonly hosts: () => readonly string[]
  readonly clock: Clock
  readonly log: Log
}

export interface ListenRefused {
  readonly kind: 'in-use' | 'failed'
  readonly message: string
}

/** A link whose other end has still to say who it is; `vouched` once it has, so that it stops counting as a stranger. */
export interface Incoming {
  readonly link: Link
  vouched(): void
}

/** Who may come in, and who takes them. */
export interface MemberGate {
  /** The member table names this key, be it on a tombstone: who was removed is to hear so. */
  knows(pin: string): boolean
  take(incoming: Incoming): void
}

/**
 * The one port that other devices reach. It counts sockets, judges upgrades and hands links on; who may speak is judged
 * by the takers. It belongs to the install, not to a membership: a device that joins a group keeps its address. It is
 * open only while somebody may come, and then with the key of whom it is open for.
 */
export class PeerListener {
  readonly #options: ListenerOptions
  readonly #upgraders = {
    [memberProtocol]: upgrader(memberProtocol),
    [pairingProtocol]: upgrader(pairingProtocol),
  }
  readonly #sockets = new Set<Socket>()
  /** By the other end's address: what is upgraded may be a layer on top of the socket that connected. */
  readonly #strangers = new Set<string>()
  /** Strangers that have not come as far as an upgrade. */
  readonly #knocking = new Set<string>()
  #pairings = 0
  #open: { readonly server: Server; readonly channel: SecureChannel } | null = null
  #port: number
  #gate: MemberGate | null = null
  #takePairing: ((link: PairingLink) => void) | null = null

  constructor(options: ListenerOptions) {
    this.#options = options
    this.#port = options.listen.port
  }

  /** Opens the port; after `close` it may be opened again, with another key. */
  async start(channel: SecureChannel): Promise<Outcome<null, ListenRefused>> {
    assert(this.#open === null, 'a listener is opened once at a time')
    const server = channel.createServer({
      maxHeaderSize: headerBytesMax,
      headersTimeout: handshakeMs,
      requestTimeout: handshakeMs,
      keepAlive: false,
      noDelay: true,
    })
    server.maxConnections = socketsMax
    server.on('connection', (socket: Socket) => this.#connected(socket))
    // We speak WebSocket and nothing else, and say nothing to whoever does not.
    for (const event of ['request', 'checkContinue', 'checkExpectation']) {
      server.on(event, (request: IncomingMessage) => request.socket.destroy())
    }
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    server.on('clientError', (_error, socket) => socket.destroy())
    this.#open = { server, channel }
    const listening = await listeningOn(server, {
      host: this.#options.listen.host,
      port: this.#port,
    })
    if (!listening.ok) {
      this.#open = null
      return listening
    }
    server.on('error', (error) => this.#options.log.warn(`net: the listener: ${error.message}`))
    this.#port = listening.value
    return ok(null)
  }

  /** "HOST:PORT", best first: where others reach us, whenever we are open. None before a port is known. */
  get addresses(): readonly string[] {
    const port = this.#port
    if (port === 0) return []
    const { host } = this.#options.listen
    const hosts = host === null ? this.#options.hosts() : [host]
    return hosts.map((each) => formatAddress({ host: each, port }))
  }

  /** 0: none yet. */
  get port(): number {
    return this.#port
  }

  get isOpen(): boolean {
    return this.#open !== null
  }

  /** Null: nobody takes members in; who knocks is refused. */
  admitMembers(gate: MemberGate | null): void {
    this.#gate = gate
  }

  /** Null: no code is shown; who wants to pair is refused. */
  admitPairing(taker: ((link: PairingLink) => void) | null): void {
    this.#takePairing = taker
  }

  async close(): Promise<void> {
    const server = this.#open?.server
    this.#open = null
    if (server === undefined) return
    const closed = new Promise<void>((settle) => server.close(() => settle()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** A stranger holds one of few places, and only for a moment: half-open sockets cannot keep members out for long. */
  #connected(socket: Socket): void {
    if (this.#strangers.size >= unauthenticatedSocketsMax) {
      this.#options.log.debug('net: too many strangers at the door')
      socket.destroy()
      return
    }
    const from = remoteAddress(socket)
    this.#sockets.add(socket)
    this.#strangers.add(from)
    const stopClock = this.#options.clock.after(handshakeMs, () => {
      if (this.#knocking.delete(from)) socket.destroy()
    })
    this.#knocking.add(from)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      stopClock()
      this.#sockets.delete(socket)
      this.#strangers.delete(from)
      this.#knocking.delete(from)
    })
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    // Asked here and not when the socket connected: one that was destroyed then may still come this far.
    const proof = stream.destroyed ? null : this.#open?.channel.accepted(stream)
    if (!proof?.ok) {
      this.#options.log.info(`net: ${masked(remoteAddress(stream))} has proven nothing`)
      return void stream.destroy()
    }
    const judged = judgeUpgrade(request)
    if (!judged.ok) return this.#refuse(stream, 403, judged.error)
    if (judged.value === memberProtocol && this.#gate?.knows(proof.value.pin) === false) {
      return this.#refuse(stream, 403, 'its key is no member’s')
    }
    const refused = this.#noPlaceFor(judged.value)
    if (refused !== null) return this.#refuse(stream, 503, refused)
    this.#knocking.delete(remoteAddress(stream))
    this.#upgraders[judged.value].handleUpgrade(request, stream, head, (socket) => {
      this.#handOn(judged.value, { socket, stream, proof: proof.value })
    })
  }

  #noPlaceFor(protocol: Protocol): string | null {
    if (protocol === memberProtocol) return this.#gate === null ? 'no membership yet' : null
    if (this.#takePairing === null) return 'no code is shown'
    return this.#pairings >= pairingSocketsMax ? 'too many want to pair' : null
  }

  #handOn(
    protocol: Protocol,
    end: { socket: WebSocket; stream: Duplex; proof: ChannelProof },
  ): void {
    const address = remoteAddress(end.stream)
    if (protocol === memberProtocol) {
      const link = new Link({ ...end, address, isDialled: false })
      this.#gate?.take({ link, vouched: () => this.#strangers.delete(address) })
      return
    }
    this.#strangers.delete(address) // They have places of their own, and a person in front of them.
    this.#pairings += 1
    end.socket.once('close', () => {
      this.#pairings -= 1
    })
    this.#takePairing?.(pairingLink({ ...end, address }))
  }

  #refuse(stream: Duplex, status: 403 | 503, why: string): void {
    this.#options.log.info(`net: refused an upgrade from ${masked(remoteAddress(stream))}: ${why}`)
    const phrase = status === 403 ? 'Forbidden' : 'Service Unavailable'
    stream.end(`HTTP/1.1 ${status} ${phrase}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    stream.once('finish', () => stream.destroy())
  }
}

function remoteAddress(stream: Duplex): string {
  if (!('remoteAddress' in stream) || !('remotePort' in stream)) return ''
  return formatAddress({ host: String(stream.remoteAddress), port: Number(stream.remotePort) })
}

function listeningOn(
  server: Server,
  listen: { host: string | null; port: number },
): Promise<Outcome<number, ListenRefused>> {
  return new Promise((settle) => {
    const failed = (error: NodeJS.ErrnoException) => {
      const kind = error.code === 'EADDRINUSE' ? 'in-use' : 'failed'
      settle(fail({ kind, message: error.message }))
    }
    server.once('error', failed)
    server.listen(
      { port: listen.port, ...(listen.host === null ? {} : { host: listen.host }) },
      () => {
        server.off('error', failed)
        settle(ok((server.address() as AddressInfo).port))
      },
    )
  })
}
