import { afterEach, expect, test } from 'vitest'
import { codeCheck } from '../../src-main/identity/code-check.ts'
import { pairWith } from '../../src-main/identity/pair-with.ts'
import { openPairing, type PairingWindow } from '../../src-main/identity/pairing-window.ts'
import { pairingMessageBytesMax, pairingSocketsMax } from '../../src-main/net/limits.ts'
import { PeerListener } from '../../src-main/net/listener.ts'
import { pairingDialler } from '../../src-main/net/pairing-link.ts'
import { tlsChannel } from '../../src-main/net/tls-channel.ts'
import { ok } from '../../src-shared/base/outcome.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { credentialFor } from './examples.ts'
import { HandClock } from './hand-clock.ts'
import { keptLog } from './kept-log.ts'
import { quiet, until } from './network-scene.ts'
import { type RawPeer, rawPeer, upgradeStatus } from './raw-peer.ts'

const listeners: PeerListener[] = []
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
})

async function newcomer() {
  const clock = new HandClock()
  const { pin } = credentialFor('7')
  const listen = { host: '127.0.0.1', port: 0 }
  const listener = new PeerListener({ listen, hosts: () => [], clock, log: keptLog() })
  listeners.push(listener)
  const started = await listener.start(tlsChannel(clock, credentialFor('7')))
  if (!started.ok) throw new Error(started.error.message)
  const [address = ''] = listener.addresses
  const window: PairingWindow = openPairing({
    random: seededRandom(6),
    clock,
    check: codeCheck(seededRandom(7)),
    pin,
    describe: () => ({
      id: '7',
      name: 'ThinkPad',
      addresses: [address],
      pin,
      hasNotes: false,
    }),
    join: async () => ok(null),
    changed: () => undefined,
  })
  const code = window.state.kind === 'waiting' ? window.state.code : ''
  const pair = (typed: string, to = address) =>
    pairWith({
      address: to,
      code: typed,
      pin: credentialFor('1').pin,
      dial: pairingDialler(tlsChannel(clock, credentialFor('1')), clock),
      check: codeCheck(seededRandom(8)),
      clock,
    })
  return { clock, listener, address, window, code, pair }
}

test('two devices pair over the peer listener, from the code to the joining', async () => {
  const { listener, window, code, pair } = await newcomer()
  listener.admitPairing((link) => window.accept(link))
  const met = await pair(code)
  if (!met.ok) throw new Error(met.error.message)
  expect(met.value.newcomer).toMatchObject({ id: '7', name: 'ThinkPad' })
  await met.value.confirm({ id: '1', name: 'Desktop', bring: false })
  const invitation = { clusterId: 'a'.repeat(32), id: '7', members: [], bring: false }
  expect(await met.value.complete(invitation)).toEqual(ok(null))
  expect(window.state.kind).toBe('joined')
})

test('wrong codes over the wire: two refused, the third burns it, the right one comes too late', async () => {
  const { listener, window, code, pair } = await newcomer()
  listener.admitPairing((link) => window.accept(link))
  const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0')
  for (const triesLeft of [2, 1, 0]) {
    expect(await pair(wrong)).toMatchObject({ ok: false, error: { kind: 'wrong-code', triesLeft } })
    await quiet()
  }
  expect(await pair(code)).toMatchObject({ ok: false, error: { kind: 'burnt' } })
})

test('a device that shows no code says so', async () => {
  const { code, pair } = await newcomer()
  expect(await pair(code)).toMatchObject({ ok: false, error: { kind: 'closed' } })
})

test('nobody at the address is said in words', async () => {
  const { listener, address, code, pair } = await newcomer()
  await listener.close()
  expect(await pair(code)).toMatchObject({
    ok: false,
    error: { kind: 'unreachable', message: `No device of Quire answered at ${address}.` },
  })
})

test('what is no address is refused with the reason', async () => {
  const { code, pair } = await newcomer()
  for (const address of ['nonsense', '1.2.3:4', 'fe80::1:4711', '127.0.0.1:0']) {
    expect(await pair(code, address)).toMatchObject({ ok: false, error: { kind: 'not-allowed' } })
  }
})

test('a listener can be closed and opened again on its port, with another key', async () => {
  const { listener, address, clock } = await newcomer()
  const keyThere = async () => {
    const met = await tlsChannel(clock, credentialFor('1')).connect(
      '127.0.0.1',
      listener.port,
      3_000,
    )
    if (!met.ok) return null
    met.value.socket.destroy()
    return met.value.proof.pin
  }
  expect(await keyThere()).toBe(credentialFor('7').pin)
  await listener.close()
  expect(listener.isOpen).toBe(false)
  expect(listener.addresses).toEqual([address])
  expect(await keyThere()).toBe(null)
  expect(await listener.start(tlsChannel(clock, credentialFor('8')))).toEqual(ok(null))
  expect(await keyThere()).toBe(credentialFor('8').pin)
})

test('a listener on every address offers those of this machine, as they are when it is asked', () => {
  let hosts = ['192.168.1.7', '2001:db8::7']
  const listen = { host: null, port: 4711 }
  const clock = new HandClock()
  const listener = new PeerListener({ listen, hosts: () => hosts, clock, log: keptLog() })
  expect(listener.addresses).toEqual(['192.168.1.7:4711', '[2001:db8::7]:4711'])
  hosts = ['10.0.0.3']
  expect(listener.addresses).toEqual(['10.0.0.3:4711'])
})

test('at most four visitors stand at the window, and one that is sent away makes room', async () => {
  const { listener, window, address, clock } = await newcomer()
  listener.admitPairing((link) => window.accept(link))
  const pairing = { 'Sec-WebSocket-Protocol': 'quire-pairing.1' }
  const visitors: RawPeer[] = []
  for (let at = 0; at < pairingSocketsMax; at++) visitors.push(await pairingSocket(address))
  expect(await upgradeStatus(address, pairing)).toBe(503)
  clock.advance(5_000)
  await until(() => visitors.every(({ closed }) => closed !== null))
  await quiet()
  expect(await upgradeStatus(address, pairing)).toBe(101)
})

test('a message above 64 KiB ends the visit', async () => {
  const { listener, window, address } = await newcomer()
  listener.admitPairing((link) => window.accept(link))
  const visitor = await pairingSocket(address)
  visitor.socket.send(new Uint8Array(pairingMessageBytesMax + 1))
  await until(() => visitor.closed !== null)
  expect(visitor.closed).toBe(1009)
  expect(window.state).toMatchObject({ kind: 'waiting', triesLeft: 3 })
})

function pairingSocket(address: string) {
  return rawPeer(address, {}, 'quire-pairing.1')
}
