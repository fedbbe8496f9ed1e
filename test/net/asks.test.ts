import { expect, test } from 'vitest'
import { Asks } from '../../src-main/net/asks.ts'
import { askMsMax, asksInFlightMax } from '../../src-main/net/limits.ts'
import { HandClock } from './hand-clock.ts'

test('an answer settles its own question and no other', async () => {
  const asks = new Asks(new HandClock())
  const first = asks.open(1_000)
  const second = asks.open(1_000)
  asks.answered(second.id, { ok: true, value: 'two' })
  asks.answered(first.id, { ok: false, error: { kind: 'no', message: 'No.' } })
  expect(await second.answer).toEqual({ ok: true, value: 'two' })
  expect(await first.answer).toEqual({
    ok: false,
    error: { kind: 'refused', refusal: { kind: 'no', message: 'No.' } },
  })
})

test('a question that nobody answers ends by time; the late answer is dropped', async () => {
  const clock = new HandClock()
  const asks = new Asks(clock)
  const { id, answer } = asks.open(1_000)
  clock.advance(999)
  expect(await Promise.race([answer, 'open'])).toBe('open')
  clock.advance(1)
  expect(await answer).toEqual({ ok: false, error: { kind: 'timed-out' } })
  asks.answered(id, { ok: true, value: 1 })
  expect(clock.alarms).toBe(0)
})

test('nobody waits longer than two minutes', async () => {
  const clock = new HandClock()
  const { answer } = new Asks(clock).open(Number.MAX_SAFE_INTEGER)
  clock.advance(askMsMax)
  expect(await answer).toEqual({ ok: false, error: { kind: 'timed-out' } })
})

test('with 64 questions open there is no room for another', () => {
  const asks = new Asks(new HandClock())
  for (let at = 0; at < asksInFlightMax; at++) {
    expect(asks.isFull).toBe(false)
    asks.open(1)
  }
  expect(asks.isFull).toBe(true)
  asks.answered(1, { ok: true, value: null })
  expect(asks.isFull).toBe(false)
})

test('when the peer is lost every open question is told so', async () => {
  const clock = new HandClock()
  const asks = new Asks(clock)
  const open = [asks.open(9_000).answer, asks.open(9_000).answer]
  asks.failAll('lost')
  for (const answer of open) expect(await answer).toEqual({ ok: false, error: { kind: 'lost' } })
  expect(clock.alarms).toBe(0)
})
