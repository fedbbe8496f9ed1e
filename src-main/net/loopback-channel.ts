import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { Clock } from '../../src-shared/base/clock.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { isLoopback } from './address.ts'
import type { ChannelProof, Connected, SecureChannel } from './channel.ts'

const proof: ChannelProof = { pin: null, exported: () => null }

/**
 * Plain connections between devices on one machine. Nothing is protected and nobody proven, which is why no other host
 * may be reached: what leaves the machine needs a channel with keys.
 */
export function loopbackChannel(clock: Clock): SecureChannel {
  return {
    allows: (host) => (isLoopback(host) ? ok(null) : fail(notYet(host))),
    createServer: (options) => createServer(options),
    accepted: (socket) => {
      // A listener on a loopback address hears nobody else, unless the machine forwards packets there.
      const from = 'remoteAddress' in socket ? String(socket.remoteAddress) : ''
      return isLoopback(from.replace(/^::ffff:/, '')) ? ok(proof) : fail('not from this machine')
    },
    connect: (host, port, ms) => connectPlainly(clock, { host, port }, ms),
  }
}

function notYet(host: string): string {
  return `${host} is not an address of this machine, and devices on different machines cannot be connected yet`
}

function connectPlainly(
  clock: Clock,
  to: { host: string; port: number },
  ms: number,
): Promise<Outcome<Connected, string>> {
  if (!isLoopback(to.host)) return Promise.resolve(fail(notYet(to.host)))
  const host = to.host === 'localhost' ? '127.0.0.1' : to.host
  return new Promise((settle) => {
    const socket = connect({ host, port: to.port, noDelay: true })
    const end = (outcome: Outcome<Connected, string>) => {
      stopClock()
      socket.off('connect', connected)
      socket.off('error', failed)
      if (!outcome.ok) socket.destroy()
      settle(outcome)
    }
    const connected = () => end(ok({ socket, proof }))
    const failed = (error: NodeJS.ErrnoException) => end(fail(error.code ?? 'it failed'))
    const stopClock = clock.after(ms, () => end(fail('no answer in time')))
    socket.on('connect', connected)
    socket.on('error', failed)
  })
}
