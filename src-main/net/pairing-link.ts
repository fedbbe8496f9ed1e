import type { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import type { Clock } from '../../src-shared/base/clock.ts'
import { fail, ok } from '../../src-shared/base/outcome.ts'
import type { DialPairing, PairingLink } from '../identity/pairing.ts'
import { formatAddress, parseAddress } from './address.ts'
import type { ChannelProof, SecureChannel } from './channel.ts'
import { dialUpgrade, pairingProtocol } from './upgrade.ts'

/** A WebSocket as pairing wants it: whole messages in order, and the end told once. */
export function pairingLink(end: {
  socket: WebSocket
  stream: Duplex
  address: string
  proof: ChannelProof
}): PairingLink {
  const { socket, address, proof } = end
  // The reason is in the close that follows.
  socket.on('error', () => socket.terminate())
  return {
    address,
    pin: proof.pin,
    exported: (label, length) => proof.exported(label, length),
    send: (bytes) => {
      if (socket.readyState === socket.OPEN) socket.send(bytes, { binary: true })
    },
    listen: (ears) => {
      let isDeaf = false
      socket.on('message', (data: RawData, isBinary: boolean) => {
        if (isDeaf) return
        isDeaf = !isBinary
        if (isBinary) ears.message(data as Buffer)
        else socket.terminate()
      })
      socket.once('close', () => ears.closed())
      if (socket.readyState === socket.CLOSED) ears.closed()
    },
    close: () => socket.close(1000),
  }
}

/** The member's way to a newcomer's listener. */
export function pairingDialler(channel: SecureChannel, clock: Clock): DialPairing {
  return async (text) => {
    const parsed = parseAddress(text)
    if (!parsed.ok) return fail({ kind: 'not-allowed', message: parsed.error })
    const address = parsed.value
    const dialled = await dialUpgrade(channel, clock, { address, protocol: pairingProtocol })
    if (dialled.ok) return ok(pairingLink({ ...dialled.value, address: formatAddress(address) }))
    const shown = formatAddress(address)
    return / 503$/.test(dialled.error)
      ? fail({ kind: 'closed', message: `The device at ${shown} does not show a code.` })
      : fail({ kind: 'unreachable', message: `No device of Quire answered at ${shown}.` })
  }
}
