import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectPlainly } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { newCredential } from '../../src-main/identity/credential.ts'
import { tlsChannel } from '../../src-main/net/tls-channel.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { HandClock } from './hand-clock.ts'
import { quiet, until } from './network-scene.ts'

const server = newCredential(seededRandom(21))
const client = newCredential(seededRandom(22))
const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** A server of the channel that answers whatever it is asked, and says whom it takes each caller for. */
async function serving() {
  const clock = new HandClock()
  const channel = tlsChannel(clock, server)
  const listening = channel.createServer({})
  const accepted: (string | null)[] = []
  const upgrades: boolean[] = []
  const exported: string[] = []
  listening.on('request', (request, response) => {
    const proof = channel.accepted(request.socket)
    accepted.push(proof.ok ? proof.value.pin : null)
    response.end('secret')
  })
  listening.on('upgrade', (_request, socket) => {
    const proof = channel.accepted(socket)
    upgrades.push(proof.ok)
    exported.push(
      Buffer.from((proof.ok && proof.value.exported('EXPERIMENTAL x', 32)) || []).toString('hex'),
    )
    socket.destroy()
  })
  listening.on('clientError', (_error, socket) => socket.destroy())
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  ends.push(async () => {
    listening.closeAllConnections()
    await new Promise((closed) => listening.close(closed))
  })
  const address = listening.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { clock, port, accepted, upgrades, exported }
}

const ownKey = { key: client.keyPem, cert: client.certificatePem }

/** All that a caller is told, application bytes only, until it is hung up on. */
async function told(port: number, options: ConnectionOptions, says: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
  let heard = ''
  socket.on('data', (data) => {
    heard += data.toString('latin1')
  })
  socket.on('error', () => undefined)
  socket.on('secureConnect', () => socket.write(says))
  await once(socket, 'close').catch(() => undefined)
  return heard
}

const get = 'GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\nConnection: close\r\n\r\n'
const upgrade =
  'GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

test('both ends know the other by its pin, and share a secret that nobody else has', async () => {
  const { clock, port, upgrades, exported } = await serving()
  const connected = await tlsChannel(clock, client).connect('127.0.0.1', port, 3_000)
  if (!connected.ok) throw new Error(connected.error)
  const { socket, proof } = connected.value
  expect(proof.pin).toBe(server.pin)
  socket.write(upgrade)
  await until(() => upgrades.length === 1)
  expect(upgrades).toEqual([true])
  expect(exported[0]).toBe(Buffer.from(proof.exported('EXPERIMENTAL x', 32) ?? []).toString('hex'))
  const again = await tlsChannel(clock, client).connect('127.0.0.1', port, 3_000)
  if (!again.ok) throw new Error(again.error)
  again.value.socket.write(upgrade)
  await until(() => upgrades.length === 2)
  expect(exported[1]).not.toBe(exported[0])
})

test('a caller with a certificate is answered, and known by its key', async () => {
  const { port, accepted } = await serving()
  expect(await told(port, ownKey, get)).toContain('secret')
  expect(accepted).toEqual([client.pin])
})

test('a caller without a certificate is not told one byte, whatever it asks', async () => {
  const { port, accepted, upgrades } = await serving()
  const asks = [
    get,
    upgrade,
    'GET / HTTP/1.1\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n',
    'nonsense\r\n\r\n',
    `GET / HTTP/1.1\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
  ]
  for (const ask of asks) expect(await told(port, {}, ask)).toBe('')
  // The trap: a socket that was destroyed right after its handshake may still come as far as its request.
  expect(accepted.every((pin) => pin === null)).toBe(true)
  expect(upgrades.every((isAccepted) => !isAccepted)).toBe(true)
})

test('openssl without a certificate gets no application byte', async () => {
  const { port } = await serving()
  const run = promisify(execFile)
  const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_3', '-quiet', '-ign_eof']
  const running = run('openssl', args, { timeout: 10_000 })
  running.child.stdin?.end(get)
  const { stdout } = await running.catch((error: { stdout: string }) => error)
  expect(stdout).toBe('')
})

test('only TLS 1.3 is spoken', async () => {
  const { clock, port } = await serving()
  for (const maxVersion of ['TLSv1.2', 'TLSv1.1'] as const) {
    expect(await told(port, { ...ownKey, maxVersion, minVersion: 'TLSv1.1' }, get)).toBe('')
  }
  const connected = await tlsChannel(clock, client).connect('127.0.0.1', port, 3_000)
  if (!connected.ok) throw new Error(connected.error)
  connected.value.socket.destroy()
})

test('plain bytes get no plain bytes of ours back', async () => {
  const { port } = await serving()
  const socket = connectPlainly({ host: '127.0.0.1', port })
  let heard = ''
  socket.on('data', (data) => {
    heard += data.toString('latin1')
  })
  socket.write(get)
  await once(socket, 'close')
  expect(heard).not.toContain('HTTP')
  expect(heard).not.toContain('secret')
})

test('nothing is resumed: what a caller was given to come back with is of no use', async () => {
  const { port, accepted } = await serving()
  const tickets: Buffer[] = []
  const first = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...ownKey })
  first.on('session', (ticket) => tickets.push(ticket))
  await once(first, 'secureConnect')
  first.resume().write(get)
  await once(first, 'close')
  const again = async (session: Buffer | undefined): Promise<TLSSocket> => {
    const options = { host: '127.0.0.1', port, rejectUnauthorized: false, ...ownKey }
    const socket = connect(session === undefined ? options : { ...options, session })
    socket.on('error', () => undefined)
    await once(socket, 'secureConnect')
    return socket
  }
  for (const ticket of [undefined, ...tickets]) {
    const socket = await again(ticket)
    expect(socket.isSessionReused()).toBe(false)
    socket.destroy()
  }
  expect(accepted).toEqual([client.pin])
})

test('a server that shows another key is known by that, and one without TLS 1.3 is left', async () => {
  const { clock, port } = await serving()
  const connected = await tlsChannel(clock, client).connect('127.0.0.1', port, 3_000)
  expect(connected.ok && connected.value.proof.pin).not.toBe(client.pin)
  if (connected.ok) connected.value.socket.destroy()
})

test('whoever never finishes the handshake is given up, by our own clock', async () => {
  const { createServer } = await import('node:net')
  const silent = createServer(() => undefined)
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  ends.push(async () => void silent.close())
  const address = silent.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const clock = new HandClock()
  const connecting = tlsChannel(clock, client).connect('127.0.0.1', port, 3_000)
  await quiet()
  clock.advance(3_000)
  expect(await connecting).toEqual({ ok: false, error: 'no answer in time' })
  expect(clock.alarms).toBe(0)
})
