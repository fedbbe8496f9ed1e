import { constants, type X509Certificate } from 'node:crypto'
import type { Server } from 'node:http'
import { createServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { connect, type TLSSocket } from 'node:tls'
import type { Clock } from '../../src-shared/base/clock.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { type Credential, pinOf } from '../identity/credential.ts'
import type { ChannelProof, Connected, SecureChannel } from './channel.ts'
import { handshakeMs } from './limits.ts'

/**
 * TLS 1.3 with a certificate at both ends. No authority vouches for anybody: a handshake proves that the other end holds
 * a key, and the pin of that key is all that is believed. Whether it is a member's is asked where the upgrade is judged.
 */
export function tlsChannel(clock: Clock, credential: Credential): SecureChannel {
  /** By socket, from its handshake: asked again later, Node does not always have the certificate any more. */
  const proofs = new WeakMap<Duplex, ChannelProof>()
  return {
    createServer: (options) => {
      const server = createServer({
        ...options,
        ...settings(credential),
        requestCert: true,
        handshakeTimeout: handshakeMs,
      })
      // Before the HTTP parser hears of it: whoever has no certificate is not answered a single byte.
      server.prependListener('secureConnection', (socket: TLSSocket) => {
        const proof = proofOf(socket)
        if (proof === null) socket.destroy()
        else proofs.set(socket, proof)
      })
      return server as Server
    },
    accepted: (socket) => {
      const proof = proofs.get(socket)
      return proof === undefined ? fail('it has shown no certificate') : ok(proof)
    },
    connect: (host, port, ms) => connectSecurely({ clock, credential, host, port, ms }),
  }
}

function settings({ keyPem, certificatePem }: Credential) {
  return {
    key: keyPem,
    cert: certificatePem,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    // Pins are checked by us; there is no authority that Node could ask.
    rejectUnauthorized: false,
    // A resumed session shows no certificate, and what it proves is older than the member table.
    secureOptions: constants.SSL_OP_NO_TICKET,
  } as const
}

/** Null: the handshake has not proven a key. Called once, right after it. */
function proofOf(socket: TLSSocket): ChannelProof | null {
  const certificate: X509Certificate | undefined = socket.getPeerX509Certificate()
  if (certificate === undefined || socket.isSessionReused()) return null
  if (socket.getProtocol() !== 'TLSv1.3') return null
  const pin = pinOf(certificate.publicKey.export({ type: 'spki', format: 'der' }))
  return {
    pin,
    exported: (label, length) =>
      new Uint8Array(socket.exportKeyingMaterial(length, label, Buffer.alloc(0))),
  }
}

function connectSecurely(to: {
  readonly clock: Clock
  readonly credential: Credential
  readonly host: string
  readonly port: number
  readonly ms: number
}): Promise<Outcome<Connected, string>> {
  const { clock, credential, host, port, ms } = to
  return new Promise((settle) => {
    const socket = connect({
      ...settings(credential),
      host,
      port,
      // Names are hints like addresses: neither sent nor compared.
      servername: '',
      checkServerIdentity: () => undefined,
    })
    socket.setNoDelay(true)
    const end = (outcome: Outcome<Connected, string>) => {
      stopClock()
      socket.off('secureConnect', connected)
      socket.off('error', failed)
      socket.off('close', closed)
      if (!outcome.ok) socket.on('error', ignoreNoise).destroy()
      settle(outcome)
    }
    const connected = () => {
      const proof = proofOf(socket)
      end(proof === null ? fail('it has shown no certificate') : ok({ socket, proof }))
    }
    // The message of a system's error carries the address, its code does not.
    const failed = (error: NodeJS.ErrnoException) => end(fail(error.code ?? 'it failed'))
    const closed = () => end(fail('closed during the handshake'))
    const stopClock = clock.after(ms, () => end(fail('no answer in time')))
    socket.on('secureConnect', connected)
    socket.on('error', failed)
    socket.on('close', closed)
  })
}

function ignoreNoise(): void {
  // The reason was told already.
}
