import { expect, test } from 'vitest'
import {
  Discovery,
  type Found,
  forgetMs,
  foundMax,
  foundPerSourceMax,
  goodbyeMs,
  questionMs,
  sessionMs,
  txtBytesMax,
} from '../../src-main/net/discovery.ts'
import type { Advertised, Multicast, Seen } from '../../src-main/net/multicast.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { clusterA, clusterB } from './examples.ts'
import { HandClock } from './hand-clock.ts'
import { keptLog } from './kept-log.ts'

function scene() {
  const clock = new HandClock()
  const log = keptLog()
  const sessions: {
    advertised: (Advertised | null)[]
    questions: number
    closed: boolean | null
  }[] = []
  let ears: Parameters<ReturnType<Multicast['open']>['browse']>[0] | null = null
  const found: Found[] = []
  let changes = 0
  const multicast: Multicast = {
    open: () => {
      const session = {
        advertised: [] as (Advertised | null)[],
        questions: 0,
        closed: null as boolean | null,
      }
      sessions.push(session)
      return {
        advertise: (service) => void session.advertised.push(service),
        browse: (given) => {
          session.questions += 1
          ears = given
        },
        close: async (goodbye) => {
          session.closed = goodbye
        },
      }
    },
  }
  const discovery = new Discovery({
    multicast,
    host: null,
    clock,
    random: seededRandom(8),
    log,
    found: (each) => found.push(each),
    changed: () => {
      changes += 1
    },
  })
  discovery.start()
  return {
    clock,
    discovery,
    sessions,
    found,
    changes: () => changes,
    answer: (fields: Partial<Seen> = {}) => ears?.seen(seen(fields)),
    goodbye: (instance: string) => ears?.gone(instance),
  }
}

function seen(fields: Partial<Seen> = {}): Seen {
  return {
    instance: '0123456789abcdef',
    addresses: ['10.77.0.2'],
    port: 4711,
    source: '10.77.0.2',
    txt: { v: '1', c: clusterA, s: 'waiting', n: 'ThinkPad' },
    txtBytes: 70,
    ...fields,
  }
}

const addresses = (scene: { discovery: Discovery }) =>
  scene.discovery.list().map((each) => each.addresses)

test('who answers is listed with name, state and address, and told once', () => {
  const { answer, discovery, found, changes } = scene()
  answer()
  answer()
  expect(discovery.list()).toEqual([
    {
      ref: 'found-1',
      name: 'ThinkPad',
      clusterId: clusterA,
      state: 'waiting',
      addresses: ['10.77.0.2:4711'],
    },
  ])
  expect(found).toHaveLength(1)
  expect(changes()).toBe(1)
})

test('[44] a device that crashed is forgotten after three questions without an answer', () => {
  const { answer, discovery, clock, changes } = scene()
  answer()
  for (let ms = 0; ms < 60_000; ms += questionMs) {
    clock.advance(questionMs)
    answer()
  }
  expect(discovery.list()).toHaveLength(1)
  clock.advance(forgetMs - 1_000)
  expect(discovery.list()).toHaveLength(1)
  clock.advance(1_000)
  expect(discovery.list()).toEqual([])
  expect(changes()).toBe(2)
})

test('[45] an address that changed is seen with the next answer, under the same name', () => {
  const one = scene()
  one.answer()
  one.answer({ addresses: ['10.77.0.52'], source: '10.77.0.2' })
  expect(addresses(one)).toEqual([['10.77.0.52:4711']])
  expect(one.discovery.list()[0]?.ref).toBe('found-1')
  expect(one.found).toHaveLength(2)
})

test('[46] every minute a new socket joins the interfaces that are there now, and announces anew', () => {
  const { discovery, sessions, clock } = scene()
  discovery.announce({
    clusterId: clusterA,
    state: 'other',
    name: 'Desktop',
    host: '10.77.0.1',
    port: 5,
  })
  clock.advance(sessionMs)
  expect(sessions).toHaveLength(2)
  expect(sessions[0]?.closed).toBe(false)
  expect(sessions[1]?.advertised).toEqual(sessions[0]?.advertised.slice(-1))
  discovery.renew()
  expect(sessions).toHaveLength(3)
})

test('[47] a link-local IPv6 address without its interface is not offered', () => {
  const one = scene()
  one.answer({ addresses: ['fe80::1', '2001:db8::7', '10.77.0.2'] })
  expect(addresses(one)).toEqual([['10.77.0.2:4711', '[2001:db8::7]:4711']])
})

test('[47] of several addresses the one that the packet came from is first', () => {
  const one = scene()
  one.answer({ addresses: ['192.168.9.9', '10.77.0.2', '172.17.0.1'] })
  expect(addresses(one)).toEqual([['10.77.0.2:4711', '192.168.9.9:4711', '172.17.0.1:4711']])
})

test('[N8] a goodbye is not believed: whoever still answers stays, whoever does not is gone in seconds', () => {
  const { answer, goodbye, discovery, clock, sessions } = scene()
  answer()
  answer({ instance: 'f'.repeat(16), source: '10.77.0.3', addresses: ['10.77.0.3'] })
  const asked = sessions[0]?.questions ?? 0
  goodbye('0123456789abcdef')
  goodbye('f'.repeat(16))
  expect(discovery.list()).toHaveLength(2)
  expect(sessions[0]?.questions).toBe(asked + 2)
  answer()
  clock.advance(goodbyeMs + 1_000)
  expect(discovery.list().map(({ addresses }) => addresses)).toEqual([['10.77.0.2:4711']])
})

test('[N8] a third host cannot move or rename another device: its answer stands beside it', () => {
  const one = scene()
  one.answer()
  one.answer({
    source: '10.77.0.3',
    addresses: ['10.77.0.3'],
    port: 6_666,
    txt: { v: '1', c: clusterB, s: 'other', n: 'Evil' },
  })
  expect(addresses(one)).toEqual([['10.77.0.2:4711'], ['10.77.0.3:6666']])
  expect(one.discovery.list()[0]?.name).toBe('ThinkPad')
})

test('twenty thousand forged services leave 64 entries, 4 from one source', () => {
  const { answer, discovery } = scene()
  const instance = (at: number) => at.toString(16).padStart(16, '0')
  for (let at = 0; at < 10_000; at++) answer({ instance: instance(at) })
  expect(discovery.list()).toHaveLength(foundPerSourceMax)
  for (let at = 0; at < 10_000; at++) {
    const source = `10.1.${at >> 8}.${at & 255}`
    answer({ instance: instance(at), source, addresses: [source] })
  }
  expect(discovery.list()).toHaveLength(foundMax)
})

test('a name is cleaned before anybody sees it, and one of nothing is no name', () => {
  const { answer, discovery } = scene()
  answer({ txt: { v: '1', c: clusterA, s: 'other', n: '\u202eevil\u0000 \u001b[2J' } })
  expect(discovery.list()[0]?.name).toBe('evil [2J')
  answer({ source: '10.0.0.9', txt: { v: '1', c: clusterA, s: 'other', n: '\u200b' } })
  expect(discovery.list()).toHaveLength(1)
})

test('what is not exactly ours is not listed', () => {
  const { answer, discovery } = scene()
  const txt = { v: '1', c: clusterA, s: 'waiting', n: 'x' }
  const odd: Partial<Seen>[] = [
    { instance: 'My Printer' },
    { instance: '' },
    { txtBytes: txtBytesMax + 1 },
    { txt: { ...txt, v: '2' } },
    { txt: { ...txt, c: 'short' } },
    { txt: { ...txt, s: 'leader' } },
    { txt: { ...txt, n: undefined } },
    { txt: {} },
    { port: 0 },
    { port: 70_000 },
    { addresses: [] },
    { addresses: ['not an address!'] },
    { addresses: ['127.0.0.1'], source: '10.0.0.9' },
  ]
  for (const fields of odd) answer(fields)
  expect(discovery.list()).toEqual([])
  answer({ txtBytes: txtBytesMax })
  expect(discovery.list()).toHaveLength(1)
})

test('a loopback address is told, and believed, on one machine only: where our own words come back from', () => {
  const { answer, discovery, sessions } = scene()
  discovery.announce({ clusterId: clusterA, state: 'other', name: 'x', host: '127.0.0.1', port: 5 })
  const own = sessions[0]?.advertised.at(-1)
  expect(own?.txt).toMatchObject({ a: '127.0.0.1' })
  const txt = { v: '1', c: clusterA, s: 'other', n: 'x', a: '127.0.0.1' }
  answer({ txt })
  expect(discovery.list()).toEqual([])
  answer({ instance: own?.instance ?? '', source: '10.77.0.1' })
  answer({ txt })
  answer({ txt: { ...txt, a: '10.0.0.5' }, source: '10.77.0.1' })
  expect(discovery.list()).toEqual([])
  answer({ txt, source: '10.77.0.1' })
  expect(discovery.list()[0]?.addresses).toEqual(['127.0.0.1:4711'])
})

test('what we announce says nothing that we were not asked to say, and fits its 256 bytes', () => {
  const { discovery, sessions } = scene()
  discovery.announce({
    clusterId: clusterA,
    state: 'waiting',
    name: '书'.repeat(64),
    host: '127.0.0.1',
    port: 5,
  })
  const said = sessions[0]?.advertised.at(-1)
  expect(said?.instance).toMatch(/^[0-9a-f]{16}$/)
  expect(Object.keys(said?.txt ?? {}).sort()).toEqual(['a', 'c', 'n', 's', 'v'])
  const bytes = Object.entries(said?.txt ?? {}).reduce(
    (sum, [name, value]) => sum + 2 + name.length + Buffer.byteLength(value),
    0,
  )
  expect(bytes).toBeLessThanOrEqual(txtBytesMax)
  discovery.announce(null)
  expect(sessions[0]?.advertised.at(-1)).toBe(null)
})

test('we do not find ourselves', () => {
  const { discovery, sessions, answer } = scene()
  discovery.announce({ clusterId: clusterA, state: 'other', name: 'x', host: '10.0.0.1', port: 5 })
  answer({ instance: sessions[0]?.advertised.at(-1)?.instance ?? '' })
  expect(discovery.list()).toEqual([])
})

test('closing says goodbye and leaves no alarm', async () => {
  const { discovery, sessions, clock } = scene()
  await discovery.close()
  expect(sessions[0]?.closed).toBe(true)
  expect(clock.alarms).toBe(0)
})
