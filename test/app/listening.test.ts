import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { Listening, lingerMs, retryMs } from '../../src-main/app/listening.ts'
import { type Credential, newCredential } from '../../src-main/identity/credential.ts'
import { PeerListener } from '../../src-main/net/listener.ts'
import { tlsChannel } from '../../src-main/net/tls-channel.ts'
import { HandClock } from '../net/hand-clock.ts'
import { keptLog } from '../net/kept-log.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { Household, value } from './support/devices.ts'

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

const old = newCredential(seededRandom(31))
const fresh = newCredential(seededRandom(32))

function scene(port = 0) {
  const clock = new HandClock()
  const log = keptLog()
  const listen = { host: '127.0.0.1', port }
  const listener = new PeerListener({ listen, hosts: () => [], clock, log })
  const made = { clock, log, listener, wanted: null as Credential | null, moves: 0 }
  const listening = new Listening({
    clock,
    log,
    listener,
    wanted: () => made.wanted,
    moved: () => {
      made.moves += 1
    },
  })
  ends.push(() => listening.close())
  return Object.assign(made, { listening })
}

async function keyAt(port: number): Promise<string | null> {
  const met = await tlsChannel(new HandClock(), old).connect('127.0.0.1', port, 3_000)
  if (!met.ok) return null
  met.value.socket.destroy()
  return met.value.proof.pin
}

test('the port opens when it is wanted, shows that key, and closes a little after it is not', async () => {
  const at = scene()
  await at.listening.look()
  expect(at.listening.isOpen).toBe(false)
  at.wanted = old
  await at.listening.look()
  expect(await keyAt(at.listener.port)).toBe(old.pin)
  at.wanted = null
  await at.listening.look()
  at.clock.advance(lingerMs - 1)
  expect(await keyAt(at.listener.port)).toBe(old.pin)
  at.clock.advance(1)
  await at.listening.look()
  expect(await keyAt(at.listener.port)).toBe(null)
  expect(at.moves).toBe(2)
})

test('with a code a new key is shown at the same port, at once', async () => {
  const at = scene()
  at.wanted = old
  expect(await at.listening.hurry()).toBe(true)
  const { port } = at.listener
  at.wanted = fresh
  expect(await at.listening.hurry()).toBe(true)
  expect(at.listener.port).toBe(port)
  expect(await keyAt(port)).toBe(fresh.pin)
})

test('a port that somebody else took is tried again', async () => {
  const first = scene()
  first.wanted = old
  await first.listening.look()
  const second = scene(first.listener.port)
  second.wanted = fresh
  expect(await second.listening.hurry()).toBe(false)
  expect(second.log.lines.join()).toContain('the port cannot be opened')
  await first.listening.close()
  second.clock.advance(retryMs)
  await second.listening.look()
  expect(await keyAt(second.listener.port)).toBe(fresh.pin)
})

function isListening(address: string | null): Promise<boolean> {
  const [host = '', port] = (address ?? '').split(':')
  return new Promise((settle) => {
    const socket = connect({ host, port: Number(port) })
    socket.once('connect', () => {
      socket.destroy()
      settle(true)
    })
    socket.once('error', () => settle(false))
  })
}

test('a device alone listens nowhere, until it shows a code', async () => {
  const house = new Household()
  ends.push(() => house.close())
  const device = await house.start('Laptop')
  expect(await isListening(device.peerAddress)).toBe(false)
  const { address } = value(await device.openPairing())
  expect(address).toBe(device.peerAddress)
  expect(await isListening(address)).toBe(true)
})

test('members listen, each with the key that the table names', async () => {
  const house = new Household()
  ends.push(() => house.close())
  const [a, b] = await house.group('A', 'B')
  const pins = await Promise.all(
    [a, b].map((device) => keyAt(Number(device?.peerAddress.split(':')[1]))),
  )
  expect(new Set(pins).size).toBe(2)
  expect(pins).not.toContain(null)
})
