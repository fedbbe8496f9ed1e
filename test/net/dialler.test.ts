import { expect, test } from 'vitest'
import { formatAddress } from '../../src-main/net/address.ts'
import { Dialler } from '../../src-main/net/dialler.ts'
import {
  addressesMax,
  dialsInFlightMax,
  redialMsMax,
  redialMsMin,
} from '../../src-main/net/limits.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { HandClock } from './hand-clock.ts'

function scene(wanted: string[], answer: (address: string) => boolean = () => false) {
  const clock = new HandClock()
  const dials: { at: number; address: string }[] = []
  const taken = new Set<string>()
  const open: (() => void)[] = []
  let isHolding = false
  const dialler = new Dialler({
    clock,
    random: seededRandom(3),
    wanted: () => (wanted.length === 0 ? null : wanted),
    isTaken: (text) => taken.has(text),
    dial: async (to) => {
      const address = formatAddress(to)
      dials.push({ at: clock.now(), address })
      if (isHolding) await new Promise<void>((settle) => open.push(settle))
      return answer(address)
    },
  })
  return {
    clock,
    dials,
    dialler,
    taken,
    hold: () => {
      isHolding = true
    },
    letGo: () => {
      for (const settle of open.splice(0)) settle()
    },
  }
}

async function pass(clock: HandClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 25) {
    clock.advance(25)
    await turns()
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

test('all addresses are tried side by side, at once', async () => {
  const { dialler, dials, clock } = scene(['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3'])
  dialler.look()
  expect(dials.map(({ address }) => address)).toEqual(['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3'])
  expect(dials.every(({ at }) => at === clock.now())).toBe(true)
})

test('waits double from a quarter second to five seconds, half of each thrown by dice', async () => {
  const { dialler, dials, clock } = scene(['127.0.0.1:1'])
  dialler.look()
  await pass(clock, 60_000)
  const waits = dials.slice(1).map(({ at }, index) => at - (dials[index]?.at ?? 0))
  for (const [index, wait] of waits.entries()) {
    const whole = Math.min(redialMsMax, redialMsMin * 2 ** (index + 1))
    expect(wait).toBeGreaterThanOrEqual(whole / 2)
    expect(wait).toBeLessThanOrEqual(whole + 25)
  }
  expect(new Set(waits.slice(-8)).size).toBeGreaterThan(4)
  expect(waits.length).toBeGreaterThan(60_000 / redialMsMax)
})

test('nobody is dialled while nobody is missing', async () => {
  const wanted: string[] = []
  const { dialler, dials, clock } = scene(wanted)
  dialler.hint('127.0.0.1:9')
  dialler.look()
  await pass(clock, 10_000)
  expect(dials).toEqual([])
  wanted.push('127.0.0.1:1')
  dialler.look()
  expect(dials.map(({ address }) => address)).toEqual(['127.0.0.1:1', '127.0.0.1:9'])
})

test('an address that has just announced itself is tried again soon, however often it failed', async () => {
  const { dialler, dials, clock } = scene(['127.0.0.1:1'])
  dialler.look()
  await pass(clock, 30_000)
  const before = dials.length
  dialler.hint('127.0.0.1:1')
  await pass(clock, redialMsMin)
  expect(dials.length).toBe(before + 1)
})

test('after waking all failures are forgotten', async () => {
  const { dialler, dials, clock } = scene(['127.0.0.1:1', '127.0.0.1:2'])
  dialler.look()
  await pass(clock, 30_000)
  const before = dials.length
  dialler.forgetFailures()
  expect(dials.length).toBe(before + 2)
})

test('where somebody lives who is not missing, nobody else is looked for', () => {
  const { dialler, dials, taken } = scene(['127.0.0.1:1', '127.0.0.1:2'])
  taken.add('127.0.0.1:1')
  dialler.hint('127.0.0.1:1')
  expect(dials.map(({ address }) => address)).toEqual(['127.0.0.1:2'])
})

test('a member that lets us in and hangs up at once is not redialled at once', async () => {
  const { dialler, dials, clock } = scene(['127.0.0.1:1'], () => true)
  dialler.look()
  for (let again = 0; again < 5; again++) {
    await turns()
    dialler.look()
  }
  expect(dials.length).toBe(1)
  await pass(clock, redialMsMin + 25)
  expect(dials.length).toBe(2)
})

test('at most eight dials are on the way, and the rest has its turn', async () => {
  const wanted = Array.from({ length: 20 }, (_, at) => `127.0.0.1:${at + 1}`)
  const { dialler, dials, hold, letGo } = scene(wanted)
  hold()
  dialler.look()
  expect(dials.length).toBe(dialsInFlightMax)
  letGo()
  await turns()
  expect(dials.length).toBe(2 * dialsInFlightMax)
})

test('hints are bounded: the oldest gives way', async () => {
  const wanted: string[] = []
  const { dialler, dials, clock } = scene(wanted)
  for (let port = 1; port <= addressesMax + 1; port++) dialler.hint(`127.0.0.1:${port}`)
  wanted.push('127.0.0.1:60000')
  dialler.look()
  await pass(clock, 2_000)
  const tried = new Set(dials.map(({ address }) => address))
  expect(tried.size).toBe(addressesMax)
  expect(tried.has('127.0.0.1:1')).toBe(false)
  expect(tried.has('127.0.0.1:2')).toBe(true)
})

test('what is no address is not dialled', () => {
  const { dialler, dials } = scene(['not an address', '127.0.0.1:0'])
  dialler.hint('neither')
  dialler.look()
  expect(dials).toEqual([])
})

test('a closed dialler leaves no alarm', async () => {
  const { dialler, clock } = scene(['127.0.0.1:1'])
  dialler.look()
  await turns()
  expect(clock.alarms).toBe(1)
  dialler.close()
  expect(clock.alarms).toBe(0)
})
