import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Inflights } from '../../../src-main/raft/tracker/inflights.ts'

const unlimited = Number.POSITIVE_INFINITY

test('[B41] adding to a full window is a bug', () => {
  const inflights = new Inflights({ messages: 2, bytes: unlimited })
  inflights.add(1, 10)
  expect(inflights.isFull()).toBe(false)
  inflights.add(2, 10)
  expect(inflights.isFull()).toBe(true)
  expect(() => inflights.add(3, 10)).toThrow('full window')
})

test('[B41] a window of no messages is always full', () => {
  expect(new Inflights({ messages: 0, bytes: unlimited }).isFull()).toBe(true)
})

test('[B38] the limit in bytes is soft: the message that reaches it is let in, the next one is not', () => {
  const inflights = new Inflights({ messages: 100, bytes: 100 })
  inflights.add(1, 99)
  expect(inflights.isFull()).toBe(false)
  inflights.add(2, 500)
  expect(inflights.isFull()).toBe(true)
  expect(inflights.bytes).toBe(599)
  inflights.freeUpTo(1)
  expect(inflights.isFull()).toBe(true)
  inflights.freeUpTo(2)
  expect(inflights.bytes).toBe(0)
})

test('[B41] clearing forgets the bytes as well as the messages', () => {
  const inflights = new Inflights({ messages: 2, bytes: 100 })
  inflights.add(1, 100)
  inflights.clear()
  expect([inflights.count, inflights.bytes, inflights.isFull()]).toEqual([0, 0, false])
})

test('[B40] an index frees every message at or before it, and a stale one none', () => {
  const inflights = new Inflights({ messages: 10, bytes: unlimited })
  for (const index of [3, 5, 9]) inflights.add(index, 1)
  inflights.freeUpTo(2)
  expect(inflights.count).toBe(3)
  inflights.freeUpTo(8)
  expect(inflights.count).toBe(1)
  inflights.freeUpTo(5)
  expect(inflights.count).toBe(1)
  inflights.freeUpTo(9)
  expect(inflights.count).toBe(0)
})

type Step = { readonly add: number } | { readonly free: number } | { readonly clear: true }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ add: fc.nat({ max: 40 }) }) },
  { weight: 3, arbitrary: fc.record({ free: fc.nat({ max: 12 }) }) },
  { weight: 1, arbitrary: fc.constant({ clear: true as const }) },
)

test('[B41] the ring turns and grows like a plain list would', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.array(step, { maxLength: 80 }),
      (messages, steps) => {
        const bytesMax = 120
        const inflights = new Inflights({ messages, bytes: bytesMax })
        let model: { index: number; bytes: number }[] = []
        let last = 0
        for (const each of steps) {
          if ('clear' in each) {
            inflights.clear()
            model = []
          } else if ('free' in each) {
            const upTo = Math.max(0, last - each.free)
            inflights.freeUpTo(upTo)
            model = model.filter(({ index }) => index > upTo)
          } else if (!inflights.isFull()) {
            inflights.add(++last, each.add)
            model.push({ index: last, bytes: each.add })
          }
          const bytes = model.reduce((sum, one) => sum + one.bytes, 0)
          expect([inflights.count, inflights.bytes]).toEqual([model.length, bytes])
          expect(inflights.isFull()).toBe(model.length >= messages || bytes >= bytesMax)
          const copy = inflights.copy()
          copy.freeUpTo(last)
          expect([copy.count, inflights.count]).toEqual([0, model.length])
        }
      },
    ),
  )
})
