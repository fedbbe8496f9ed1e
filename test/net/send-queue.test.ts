import { expect, test } from 'vitest'
import {
  appendQueueMax,
  chunkQueueMax,
  queueBytesMax,
  urgentQueueMax,
} from '../../src-main/net/limits.ts'
import { type SendClass, SendQueue } from '../../src-main/net/send-queue.ts'

const byte = (value: number) => Uint8Array.of(value)

test('heartbeats overtake appends, and both overtake snapshot chunks; within a class order holds', () => {
  const queue = new SendQueue()
  const order: readonly [SendClass, number][] = [
    ['chunk', 7],
    ['append', 4],
    ['urgent', 1],
    ['chunk', 8],
    ['append', 5],
    ['urgent', 2],
  ]
  for (const [kind, value] of order) queue.push(kind, byte(value))
  const out = Array.from({ length: 6 }, () => queue.shift()?.[0])
  expect(out).toEqual([1, 2, 4, 5, 7, 8])
  expect(queue.shift()).toBe(null)
})

test('each class has its maximum, and a full one does not keep the others out', () => {
  const maxima: readonly [SendClass, number][] = [
    ['append', appendQueueMax],
    ['chunk', chunkQueueMax],
    ['urgent', urgentQueueMax],
  ]
  const queue = new SendQueue()
  for (const [kind, max] of maxima) {
    for (let at = 0; at < max; at++) expect(queue.push(kind, byte(1))).toBe(true)
    expect(queue.push(kind, byte(1))).toBe(false)
  }
  queue.shift()
  expect(queue.push('urgent', byte(1))).toBe(true)
})

test('all together wait at most 16 MiB', () => {
  const queue = new SendQueue()
  const mib = new Uint8Array(1024 * 1024)
  for (let at = 0; at < queueBytesMax / mib.length; at++) {
    expect(queue.push('append', mib)).toBe(true)
  }
  expect(queue.push('urgent', byte(1))).toBe(false)
  queue.shift()
  expect(queue.push('urgent', byte(1))).toBe(true)
  queue.clear()
  expect(queue.shift()).toBe(null)
  expect(queue.push('append', mib)).toBe(true)
})
