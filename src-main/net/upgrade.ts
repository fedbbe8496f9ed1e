/** Both ends of the WebSocket upgrade, with the limits that the library's defaults leave too wide. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../../src-shared/base/clock.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { type Address, hostHeader, isLiteralHost } from './address.ts'
import type { ChannelProof, SecureChannel } from './channel.ts'
import {
  bufferedChunksMax,
  fragmentsMax,
  frameBytesMax,
  handshakeMs,
  headerBytesMax,
  pairingMessageBytesMax,
} from './limits.ts'

/** What the two sides speak after the upgrade; a number more when an older device could not follow. */
export const memberProtocol = 'quire-peer.1'
export const pairingProtocol = 'quire-pairing.1'
export type Protocol = typeof memberProtocol | typeof pairingProtocol

/** Until the other end has answered our close; after that the socket is destroyed. */
const closeTimeout = 2_000

function limits(protocol: Protocol) {
  return {
    maxPayload: protocol === memberProtocol ? frameBytesMax : pairingMessageBytesMax,
    maxFragments: fragmentsMax,
    maxBufferedChunks: bufferedChunksMax,
    // A small frame that inflates to a large one, and a compressor's memory for each link: not worth it on a LAN.
    perMessageDeflate: false,
    closeTimeout,
  }
}

/** Answers upgrades on behalf of the listener; it has no port of its own. */
export function upgrader(protocol: Protocol): WebSocketServer {
  return new WebSocketServer({ ...limits(protocol), noServer: true, clientTracking: false })
}

/**
 * May this request become a WebSocket, and of which kind? Browsers send an Origin and cookies and are pointed at us by
 * names; devices of ours do none of that. The error is for the log.
 */
export function judgeUpgrade(request: IncomingMessage): Outcome<Protocol, string> {
  const { headers } = request
  if (headers.origin !== undefined) return fail('it has an Origin: a browser page')
  if (headers.cookie !== undefined) return fail('it has a cookie: a browser page')
  if (!isLiteralHost(headers.host)) return fail('its Host is not a literal address')
  switch (headers['sec-websocket-protocol']) {
    case memberProtocol:
      return ok(memberProtocol)
    case pairingProtocol:
      return ok(pairingProtocol)
    default:
      return fail('it does not ask for a subprotocol of ours')
  }
}

export interface Upgraded {
  readonly socket: WebSocket
  readonly stream: Duplex
  readonly proof: ChannelProof
}

/** Connects, lets the channel prove what it can, and upgrades; all within `handshakeMs`. The error is for the log. */
export async function dialUpgrade(
  channel: SecureChannel,
  clock: Clock,
  to: { readonly address: Address; readonly protocol: Protocol },
): Promise<Outcome<Upgraded, string>> {
  const { host, port } = to.address
  const startedAt = clock.now()
  const connected = await channel.connect(host, port, handshakeMs)
  if (!connected.ok) return connected
  const { socket: stream, proof } = connected.value
  const socket = new WebSocket(`ws://${hostHeader(to.address)}/`, to.protocol, {
    ...limits(to.protocol),
    createConnection: (() => stream) as never,
    maxHeaderSize: headerBytesMax,
  })
  const msLeft = Math.max(0, handshakeMs - (clock.now() - startedAt))
  const opened = await opening(socket, clock, msLeft)
  return opened.ok ? ok({ socket, stream, proof }) : opened
}

function opening(socket: WebSocket, clock: Clock, ms: number): Promise<Outcome<null, string>> {
  return new Promise((settle) => {
    const end = (outcome: Outcome<null, string>) => {
      stopClock()
      socket.off('open', opened)
      socket.off('error', failed)
      // An aborted handshake emits one more error, which says nothing new.
      if (!outcome.ok) socket.on('error', ignoreNoise).terminate()
      settle(outcome)
    }
    const opened = () => end(ok(null))
    // The message of a system's error carries the address, its code does not.
    const failed = (error: NodeJS.ErrnoException) => end(fail(error.code ?? error.message))
    const stopClock = clock.after(ms, () => end(fail('no upgrade in time')))
    socket.on('open', opened)
    socket.on('error', failed)
  })
}

function ignoreNoise(): void {
  // The reason was told already.
}
