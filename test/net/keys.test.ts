import { once } from 'node:events'
import { connect } from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { codeCheck } from '../../src-main/identity/code-check.ts'
import { pairWith } from '../../src-main/identity/pair-with.ts'
import type { PairingLink } from '../../src-main/identity/pairing.ts'
import { openPairing } from '../../src-main/identity/pairing-window.ts'
import type { Frame } from '../../src-main/net/frame.ts'
import { handshakeMs } from '../../src-main/net/limits.ts'
import type { Link } from '../../src-main/net/link.ts'
import { PeerListener } from '../../src-main/net/listener.ts'
import { pairingDialler } from '../../src-main/net/pairing-link.ts'
import { tlsChannel } from '../../src-main/net/tls-channel.ts'
import { memberProtocol } from '../../src-main/net/upgrade.ts'
import { ok } from '../../src-shared/base/outcome.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { credentialFor, hello, member } from './examples.ts'
import { HandClock } from './hand-clock.ts'
import { keptLog } from './kept-log.ts'
import { closeAll, type Device, device, pass, quiet, until } from './network-scene.ts'
import { type RawPeer, rawPeer, rawSocket, upgradeStatus } from './raw-peer.ts'

const listeners: PeerListener[] = []
afterEach(async () => {
  await closeAll()
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
})

/** Device 1, which knows members 2 and 3; 9 is a stranger. */
async function scene(): Promise<{ clock: HandClock; a: Device }> {
  const clock = new HandClock()
  const a = await device('1', { clock })
  a.table = [member('1'), member('2'), member('3')]
  a.network.start()
  return { clock, a }
}

async function openListener(id: string, clock: HandClock): Promise<PeerListener> {
  const listen = { host: '127.0.0.1', port: 0 }
  const listener = new PeerListener({ listen, hosts: () => [], clock, log: keptLog() })
  listeners.push(listener)
  const started = await listener.start(tlsChannel(clock, credentialFor(id)))
  if (!started.ok) throw new Error(started.error.message)
  return listener
}

function byeOf(peer: RawPeer) {
  const bye = peer.heard.find((frame): frame is Extract<Frame, { kind: 'bye' }> => {
    return frame.kind === 'bye'
  })
  return bye?.bye
}

/** What a caller with this key, who says this, is told in the end. */
async function answerTo(a: Device, key: string, says: Frame): Promise<RawPeer> {
  const peer = await rawPeer(a.address, {}, memberProtocol, key)
  peer.say(says)
  await until(() => peer.closed !== null)
  return peer
}

test('[N10] a key that no member has is refused before a frame, and nothing of it is read', async () => {
  const { a } = await scene()
  expect(await upgradeStatus(a.address, {}, '9')).toBe(403)
  await expect(rawPeer(a.address, {}, memberProtocol, '9')).rejects.toThrow('403')
  expect(await upgradeStatus(a.address, {}, '2')).toBe(101)
  expect(a.log.lines.some((line) => line.includes('its key is no member’s'))).toBe(true)
  expect(a.heard.hellos).toEqual([])
})

test('[N9] without a certificate an upgrade is answered with nothing', async () => {
  const { a } = await scene()
  const [host = '', port] = a.address.split(':')
  const socket = connect({ host, port: Number(port), rejectUnauthorized: false })
  let heard = 0
  socket.on('data', (data) => {
    heard += data.length
  })
  socket.on('error', () => undefined)
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${a.address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: ${memberProtocol}\r\n\r\n`,
  )
  await once(socket, 'close').catch(() => undefined)
  expect(heard).toBe(0)
  expect(a.heard.hellos).toEqual([])
})

test('[N11] a member that says it is another one is refused, and is not told who we are', async () => {
  const { a } = await scene()
  const peer = await answerTo(a, '3', { kind: 'hello', hello: hello('2') })
  expect(byeOf(peer)).toMatchObject({ reason: 'wrong-key', from: null })
  expect(a.network.isOnline('2') || a.network.isOnline('3')).toBe(false)
  expect(a.heard.hellos).toEqual([])
})

test('[N11] a good key with the id of nobody, or with our own, is refused', async () => {
  const { a } = await scene()
  const nobody = await answerTo(a, '2', { kind: 'hello', hello: hello('9') })
  expect(byeOf(nobody)).toMatchObject({ reason: 'unknown-member', from: null })
  const us = await answerTo(a, '2', { kind: 'hello', hello: hello('1') })
  expect(byeOf(us)).toMatchObject({ reason: 'clone', from: null })
  expect(a.heard.hellos).toEqual([])
})

test('[N11] a hello that was overheard is of no use to whoever has another key', async () => {
  const { a } = await scene()
  const words: Frame = { kind: 'hello', hello: hello('2') }
  const honest = await rawPeer(a.address)
  honest.say(words)
  await until(() => a.network.isOnline('2'))
  const replayed = await answerTo(a, '3', words)
  expect(byeOf(replayed)?.reason).toBe('wrong-key')
  expect(a.network.isOnline('2')).toBe(true)
  expect(a.heard.hellos).toHaveLength(1)
})

test('[N10] a key on a tombstone hears of its removal, and nothing else', async () => {
  const { a } = await scene()
  a.table = [member('1'), member('2', { removedAt: 77, removedBy: '3' }), member('3')]
  const peer = await answerTo(a, '2', { kind: 'hello', hello: hello('2') })
  expect(peer.heard).toHaveLength(1)
  expect(byeOf(peer)).toEqual({ reason: 'removed', from: '1', index: 77, by: '3' })
})

test('a member whose record has no key is nobody', async () => {
  const { a } = await scene()
  a.table = [member('1'), member('2', { pin: null })]
  expect(await upgradeStatus(a.address, {}, '2')).toBe(403)
})

test('[N10] who answers at a member’s old address with another key hears nothing from us', async () => {
  const { clock, a } = await scene()
  const stranger = await openListener('9', clock)
  const heard: string[] = []
  let calls = 0
  stranger.admitMembers({
    knows: () => true,
    take: ({ link }: { link: Link }) => {
      calls += 1
      link.listen({
        frame: ({ kind }) => heard.push(kind),
        heard: () => undefined,
        closed: () => undefined,
      })
    },
  })
  a.network.hint(stranger.addresses[0] ?? '')
  await until(() => calls > 0)
  await pass(clock, 2_000)
  await quiet()
  expect(heard).toEqual([])
})

test('a handshake that comes byte by byte is cut off like one that never comes', async () => {
  const { clock, a } = await scene()
  const socket = await rawSocket(a.address)
  socket.resume()
  const slowly = Uint8Array.of(22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3)
  for (const byte of slowly) {
    socket.write(Uint8Array.of(byte))
    await pass(clock, handshakeMs / slowly.length, handshakeMs / slowly.length)
  }
  await until(() => socket.destroyed || socket.readableEnded)
  expect(await upgradeStatus(a.address, {})).toBe(101)
})

test('somebody between the two, with the right code at both, gets neither', async () => {
  const clock = new HandClock()
  const newcomer = await openListener('7', clock)
  const joins: unknown[] = []
  const window = openPairing({
    random: seededRandom(41),
    clock,
    check: codeCheck(seededRandom(42)),
    pin: credentialFor('7').pin,
    describe: () => ({
      id: '7',
      name: 'ThinkPad',
      addresses: [],
      pin: credentialFor('7').pin,
      hasNotes: false,
    }),
    join: async (invitation) => {
      joins.push(invitation)
      return ok(null)
    },
    changed: () => undefined,
  })
  newcomer.admitPairing((link) => window.accept(link))
  const code = window.state.kind === 'waiting' ? window.state.code : ''

  const between = await openListener('9', clock)
  const onward = pairingDialler(tlsChannel(clock, credentialFor('9')), clock)
  const relayed: string[] = []
  between.admitPairing((near) => void relay(near, relayed, onward(newcomer.addresses[0] ?? '')))

  const outcome = await pairWith({
    address: between.addresses[0] ?? '',
    code,
    pin: credentialFor('1').pin,
    dial: pairingDialler(tlsChannel(clock, credentialFor('1')), clock),
    check: codeCheck(seededRandom(43)),
    clock,
  })
  expect(outcome).toMatchObject({ ok: false, error: { kind: 'wrong-code', triesLeft: 2 } })
  expect(relayed).toEqual(['try', 'share', 'proof', 'refused'])
  expect(window.state).toMatchObject({ kind: 'waiting', triesLeft: 2 })
  expect(joins).toEqual([])
})

/** Hands on every message as it is, both ways. */
async function relay(
  near: PairingLink,
  seen: string[],
  dialling: ReturnType<ReturnType<typeof pairingDialler>>,
): Promise<void> {
  const early: Uint8Array[] = []
  let far: PairingLink | null = null
  const note = (bytes: Uint8Array) => {
    seen.push(String(JSON.parse(new TextDecoder().decode(bytes)).kind))
  }
  near.listen({
    message: (bytes) => {
      note(bytes)
      if (far === null) early.push(bytes)
      else far.send(bytes)
    },
    closed: () => far?.close(),
  })
  const dialled = await dialling
  if (!dialled.ok) throw new Error(dialled.error.message)
  far = dialled.value
  far.listen({
    message: (bytes) => {
      note(bytes)
      near.send(bytes)
    },
    closed: () => near.close(),
  })
  for (const bytes of early) far.send(bytes)
}
