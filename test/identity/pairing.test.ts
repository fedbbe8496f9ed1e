import { expect, test } from 'vitest'
import { codeCheck } from '../../src-main/identity/code-check.ts'
import { pairWith } from '../../src-main/identity/pair-with.ts'
import {
  type Host,
  type Invitation,
  joiningMs,
  type Newcomer,
  type PairedNewcomer,
  type PairingWindowState,
  provenMs,
  stepMs,
  triesMax,
  windowMs,
} from '../../src-main/identity/pairing.ts'
import { encodePairing } from '../../src-main/identity/pairing-message.ts'
import { openPairing, type PairingWindow } from '../../src-main/identity/pairing-window.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { HandClock } from '../net/hand-clock.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { dialTo, linkPair, settle, shownPin, typedPin } from './link-pair.ts'

const newcomer: Newcomer = {
  id: '77',
  name: 'ThinkPad',
  addresses: ['127.0.0.1:4711'],
  pin: shownPin,
  hasNotes: true,
}
const host: Host = { id: '1', name: 'Desktop', bring: false }
const invitation: Invitation = {
  clusterId: 'c'.repeat(32),
  id: newcomer.id,
  bring: false,
  members: [
    {
      id: '1',
      name: 'Desktop',
      addresses: ['127.0.0.1:4712'],
      pin: typedPin,
      addedAt: 1,
      removedAt: null,
      removedBy: null,
    },
  ],
}

function scene(seed = 1) {
  const clock = new HandClock()
  const states: PairingWindowState[] = []
  const joins: Invitation[] = []
  let joining: (invitation: Invitation) => Promise<Outcome<null, string>> = async () => ok(null)
  const window = openPairing({
    random: seededRandom(seed),
    clock,
    check: codeCheck(seededRandom(seed + 1)),
    pin: shownPin,
    describe: () => newcomer,
    join: (given) => {
      joins.push(given)
      return joining(given)
    },
    changed: (state) => states.push(state),
  })
  const code = window.state.kind === 'waiting' ? window.state.code : ''
  const pair = (typed: string) =>
    pairWith({
      address: '127.0.0.1:4711',
      code: typed,
      pin: typedPin,
      dial: dialTo(window),
      check: codeCheck(seededRandom(seed + 2)),
      clock,
    })
  return {
    clock,
    states,
    joins,
    window,
    code,
    pair,
    joinsBy: (how: typeof joining) => {
      joining = how
    },
  }
}

const check = codeCheck(seededRandom(99))

function wrong(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(6, '0')
}

async function paired(attempt: Promise<Outcome<PairedNewcomer, unknown>>): Promise<PairedNewcomer> {
  const outcome = await attempt
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.error))
  return outcome.value
}

function kindOf(window: PairingWindow): string {
  return window.state.kind
}

test('the right code, once confirmed and committed, makes a member', async () => {
  const { window, code, pair, joins, states } = scene()
  expect(code).toMatch(/^[0-9]{6}$/)
  const met = await paired(pair(`${code.slice(0, 3)} ${code.slice(3)}`))
  expect(met.newcomer).toEqual(newcomer)
  expect(await met.confirm(host)).toEqual(ok(null))
  expect(window.state).toEqual({ kind: 'joining', host })
  expect(await met.complete(invitation)).toEqual(ok(null))
  expect(joins).toEqual([invitation])
  expect(window.state).toEqual({ kind: 'joined', host })
  expect(states.map(({ kind }) => kind).at(-1)).toBe('joined')
})

test('the window says when it ends, in wall time', () => {
  const { window, clock } = scene()
  const expected = new Date(Date.parse(clock.wall()) + windowMs).toISOString()
  expect(window.state).toMatchObject({ kind: 'waiting', expiresAt: expected, triesLeft: triesMax })
})

test('a wrong code is refused and says how many tries are left', async () => {
  const { window, code, pair } = scene()
  expect(await pair(wrong(code))).toMatchObject({
    ok: false,
    error: { kind: 'wrong-code', triesLeft: 2 },
  })
  expect(window.state).toMatchObject({ kind: 'waiting', triesLeft: 2 })
})

test('three wrong codes, each over a connection of its own, burn the code: then the right one is of no use', async () => {
  const { window, code, pair } = scene()
  for (let attempt = 0; attempt < triesMax; attempt++) {
    expect(await pair(wrong(code))).toMatchObject({ ok: false, error: { kind: 'wrong-code' } })
  }
  await settle()
  expect(kindOf(window)).toBe('burnt')
  expect(window.state).not.toHaveProperty('code')
  expect(await pair(code)).toMatchObject({ ok: false, error: { kind: 'burnt' } })
})

test('codes are drawn anew: a thousand windows, hardly one code twice', () => {
  const codes = new Set(Array.from({ length: 1_000 }, (_, seed) => scene(seed + 1).code))
  expect(codes.size).toBeGreaterThan(980)
})

test('a try counts when it arrives: hanging up before the answer costs a try', async () => {
  const { window, code, pair } = scene()
  for (let attempt = 0; attempt < triesMax; attempt++) {
    const [near, far] = linkPair()
    window.accept(far)
    near.listen({ message: () => near.close(), closed: () => undefined })
    near.send(encodePairing({ kind: 'try', share: new Uint8Array(0) }))
    await settle()
  }
  expect(kindOf(window)).toBe('burnt')
  expect(await pair(code)).toMatchObject({ ok: false, error: { kind: 'burnt' } })
})

test('two guesses are never judged side by side', async () => {
  const { window, code, pair, clock } = scene()
  const [near, far] = linkPair()
  window.accept(far)
  const { share } = check.typed('000000', { ...near, typedPin, shownPin })
  near.send(encodePairing({ kind: 'try', share }))
  await settle()
  expect(await pair(code)).toMatchObject({ ok: false, error: { kind: 'busy' } })
  clock.advance(stepMs)
  await settle()
  expect(window.state).toMatchObject({ kind: 'waiting', triesLeft: 2 })
  await paired(pair(code))
})

test('a newcomer with notes is met and left: the code is unspent, however often', async () => {
  const { window, code, pair } = scene()
  for (let attempt = 0; attempt < triesMax + 2; attempt++) {
    const met = await paired(pair(code))
    expect(met.newcomer.hasNotes).toBe(true)
    met.abandon()
    await settle()
    expect(window.state).toMatchObject({ kind: 'waiting', triesLeft: triesMax })
  }
  const met = await paired(pair(code))
  expect(await met.confirm({ ...host, bring: true })).toEqual(ok(null))
})

test('a confirmed code is spent: nobody else gets in with it, not even after a failure', async () => {
  const { window, code, pair, clock } = scene()
  const met = await paired(pair(code))
  await met.confirm(host)
  expect(await pair(code)).toMatchObject({ ok: false, error: { kind: 'busy' } })
  clock.advance(joiningMs)
  await settle()
  expect(window.state).toMatchObject({ kind: 'failed', reason: expect.stringContaining('Desktop') })
  expect(await pair(code)).toMatchObject({ ok: false, error: { kind: 'closed' } })
})

test('the code is good for two minutes and not longer', async () => {
  const early = scene()
  early.clock.advance(windowMs - 1)
  await paired(early.pair(early.code))
  const late = scene()
  late.clock.advance(windowMs)
  expect(kindOf(late.window)).toBe('expired')
  expect(await late.pair(late.code)).toMatchObject({ ok: false, error: { kind: 'expired' } })
})

test('who has proven the code in time may confirm a moment later, but not for ever', async () => {
  const quick = scene()
  quick.clock.advance(windowMs - 1_000)
  const met = await paired(quick.pair(quick.code))
  quick.clock.advance(2_000)
  expect(await met.confirm(host)).toEqual(ok(null))
  const slow = scene()
  slow.clock.advance(windowMs - 1)
  await paired(slow.pair(slow.code))
  slow.clock.advance(provenMs)
  await settle()
  expect(kindOf(slow.window)).toBe('expired')
})

test('a closed window lets nobody in, not even who has proven the code', async () => {
  const { window, code, pair } = scene()
  const met = await paired(pair(code))
  window.close()
  expect(kindOf(window)).toBe('closed')
  expect(await met.confirm(host)).toMatchObject({ ok: false, error: { kind: 'closed' } })
  expect(await pair(code)).toMatchObject({ ok: false, error: { kind: 'closed' } })
})

test('closing does not break a joining that was confirmed', async () => {
  const { window, code, pair } = scene()
  const met = await paired(pair(code))
  await met.confirm(host)
  window.close()
  expect(await met.complete(invitation)).toEqual(ok(null))
  expect(kindOf(window)).toBe('joined')
})

test('an invitation for another device is not taken', async () => {
  const { window, code, pair, joins } = scene()
  const met = await paired(pair(code))
  await met.confirm(host)
  const outcome = await met.complete({ ...invitation, id: '78' })
  expect(outcome).toMatchObject({ ok: false, error: { kind: 'malformed' } })
  expect(joins).toEqual([])
  expect(kindOf(window)).toBe('failed')
})

test('a newcomer that cannot join says why, on both sides', async () => {
  const { window, code, pair, joinsBy } = scene()
  joinsBy(async () => fail('The disk is full.'))
  const met = await paired(pair(code))
  await met.confirm(host)
  expect(await met.complete(invitation)).toMatchObject({
    ok: false,
    error: { kind: 'failed', message: 'The disk is full.' },
  })
  expect(window.state).toEqual({ kind: 'failed', reason: 'The disk is full.' })
})

test('something that is not a code is not even tried', async () => {
  const { window, pair } = scene()
  for (const typed of ['', '12345', '1234567', '12a456', '١٢٣٤٥٦', '-12345']) {
    expect(await pair(typed)).toMatchObject({ ok: false, error: { kind: 'malformed' } })
  }
  expect(window.state).toMatchObject({ kind: 'waiting', triesLeft: triesMax })
})

test('a newcomer that lets any code pass is no newcomer', async () => {
  const { window, code, clock } = scene()
  const outcome = await pairWith({
    address: '127.0.0.1:4711',
    code,
    pin: typedPin,
    dial: dialTo(window),
    check: {
      ...check,
      typed: (typed, channel) => ({
        ...check.typed(typed, channel),
        accepts: () => false,
      }),
    },
    clock,
  })
  expect(outcome).toMatchObject({ ok: false, error: { kind: 'malformed' } })
})

test('the proof is tied to the channel: both ends are given the same pins', async () => {
  const { window, code, clock } = scene()
  const seen: unknown[] = []
  await pairWith({
    address: '127.0.0.1:4711',
    code,
    pin: typedPin,
    dial: dialTo(window),
    check: {
      ...check,
      typed: (typed, channel) => {
        seen.push([channel.typedPin, channel.shownPin])
        return check.typed(typed, channel)
      },
    },
    clock,
  })
  expect(seen).toEqual([[typedPin, shownPin]])
})

test('garbage at the window ends the connection and leaves the code as it was', async () => {
  const { window, code, pair } = scene()
  for (const bytes of [
    new Uint8Array(0),
    new Uint8Array([0xff]),
    encodePairing({ kind: 'joined' }),
  ]) {
    const [near, far] = linkPair()
    let closed = false
    near.listen({
      message: () => undefined,
      closed: () => {
        closed = true
      },
    })
    window.accept(far)
    near.send(bytes)
    await settle()
    expect(closed).toBe(true)
  }
  expect(window.state).toMatchObject({ kind: 'waiting', triesLeft: triesMax })
  await paired(pair(code))
})

test('a newcomer that says nothing is given up after five seconds', async () => {
  const clock = new HandClock()
  const [near] = linkPair()
  const attempt = pairWith({
    address: '127.0.0.1:4711',
    code: '123456',
    pin: typedPin,
    dial: async () => ok(near),
    check,
    clock,
  })
  await settle()
  clock.advance(stepMs)
  expect(await attempt).toMatchObject({ ok: false, error: { kind: 'timed-out' } })
})

test('a silent visitor is sent away, and leaves no alarm behind', async () => {
  const { window, clock } = scene()
  const [near, far] = linkPair()
  let closed = false
  near.listen({
    message: () => undefined,
    closed: () => {
      closed = true
    },
  })
  window.accept(far)
  clock.advance(stepMs)
  await settle()
  expect(closed).toBe(true)
  window.close()
  expect(clock.alarms).toBe(0)
})

test('codes by the thousand: three are looked at, and the newcomer answers no more of them', async () => {
  const { window, code, joins } = scene()
  const { share } = check.typed(wrong(code), { ...linkPair()[0], typedPin, shownPin })
  const heard = new Map<string, number>()
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const [near, far] = linkPair()
    near.listen({
      message: (bytes) => {
        const { kind, refused = '' } = JSON.parse(new TextDecoder().decode(bytes))
        heard.set(`${kind} ${refused}`, (heard.get(`${kind} ${refused}`) ?? 0) + 1)
      },
      closed: () => undefined,
    })
    window.accept(far)
    near.send(encodePairing({ kind: 'try', share }))
    near.send(encodePairing({ kind: 'proof', proof: new Uint8Array(32).fill(attempt & 255) }))
    await settle()
  }
  expect([...heard]).toEqual([
    ['share ', triesMax],
    ['refused wrong-code', triesMax],
    ['refused burnt', 1_000 - triesMax],
  ])
  expect(kindOf(window)).toBe('burnt')
  expect(joins).toEqual([])
})
