import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeFrame, encodeFrame, type Frame } from '../../src-main/net/frame.ts'
import {
  frameBytesMax,
  helloBytesMax,
  snapshotBytesMax,
  snapshotChunkBytes,
  statusBytesMax,
} from '../../src-main/net/limits.ts'
import { hello, member } from './examples.ts'

const examples: readonly Frame[] = [
  {
    kind: 'hello',
    hello: hello('5', {
      members: [member('5'), member('6', { removedAt: 3, removedBy: '5', pin: 'f'.repeat(64) })],
    }),
  },
  { kind: 'raft', message: new Uint8Array([8, 1]) },
  { kind: 'status', table: { term: 3, commit: 9, rows: [{ id: '5', match: 9, online: true }] } },
  { kind: 'ask', id: 1, name: 'lead', body: { to: '5', deep: [1, null, 'é'] } },
  { kind: 'ask', id: 4_294_967_295, name: '', body: null },
  { kind: 'answer', id: 7, answer: { ok: true, value: [1, 2] } },
  { kind: 'answer', id: 7, answer: { ok: false, error: { kind: 'no', message: 'No.' } } },
  { kind: 'offer', stream: 3, size: 2 ** 32 - 1, message: new Uint8Array([1, 2, 3]) },
  { kind: 'chunk', stream: 3, offset: 2 ** 32 - 256, bytes: new Uint8Array([9]), isIntact: true },
  { kind: 'ack', stream: 3, offset: 262_144, isRewind: true },
  { kind: 'ack', stream: 3, offset: 0, isRewind: false },
  { kind: 'done', stream: 3, arrived: false, reason: 'not wanted' },
  { kind: 'bye', bye: { reason: 'removed', from: '5', index: 7, by: '6' } },
  { kind: 'bye', bye: { reason: 'malformed', from: null, index: null, by: null } },
]

test('every frame comes back as it was sent', () => {
  for (const frame of examples) {
    expect(decodeFrame(encodeFrame(frame))).toEqual({ ok: true, value: frame })
  }
})

test('no bytes make it throw, and none are taken for what they are not', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 255 }),
      fc.uint8Array({ maxLength: 64 }),
      (kind, body) => {
        const decoded = decodeFrame(Uint8Array.of(kind, ...body))
        if (kind === 0 || kind > 10) expect(decoded.ok).toBe(false)
      },
    ),
    { numRuns: 2_000 },
  )
  expect(decodeFrame(new Uint8Array(0))).toEqual({ ok: false, error: 'an empty frame' })
})

test('a frame cut short anywhere is refused, unless what is left is a shorter one of its kind', () => {
  const open = new Set(['raft', 'offer', 'chunk', 'done'])
  for (const frame of examples) {
    const whole = encodeFrame(frame)
    for (let length = 0; length < whole.length; length++) {
      const decoded = decodeFrame(whole.subarray(0, length))
      if (!open.has(frame.kind)) expect(decoded.ok, `${frame.kind} cut to ${length}`).toBe(false)
    }
  }
})

test('JSON of the right frame with a wrong field is refused', () => {
  const cases: readonly [number, unknown][] = [
    [1, { ...hello('5'), id: 'x' }],
    [1, { ...hello('5'), id: '0' }],
    [1, { ...hello('5'), id: '9007199254740993' }],
    [1, { ...hello('5'), cluster: 'short' }],
    [1, { ...hello('5'), boot: -1 }],
    [1, { ...hello('5'), boot: 1.5 }],
    [1, { ...hello('5'), boot: '1' }],
    [1, { ...hello('5'), session: undefined }],
    [1, { ...hello('5'), name: 'x'.repeat(65) }],
    [1, { ...hello('5'), addresses: ['x'.repeat(261)] }],
    [1, { ...hello('5'), addresses: Array(17).fill('a:1') }],
    [1, { ...hello('5'), members: [{ ...member('6'), pin: 'zz' }] }],
    [1, { ...hello('5'), members: [null] }],
    [1, { ...hello('5'), members: Array(257).fill(member('6')) }],
    [1, null],
    [1, []],
    [3, { term: 1, commit: 1, rows: [{ id: '5', match: 1, online: 'yes' }] }],
    [3, { term: 1, commit: -1, rows: [] }],
    [3, { term: 1, commit: 1, rows: Array(257).fill({ id: '5', match: 1, online: true }) }],
    [10, { reason: 'because', from: null, index: null, by: null }],
    [10, { reason: 'removed', from: 'x', index: null, by: null }],
  ]
  for (const [kind, value] of cases) {
    const json = new TextEncoder().encode(JSON.stringify(value) ?? '')
    expect(decodeFrame(Uint8Array.of(kind, ...json)).ok, JSON.stringify(value)).toBe(false)
  }
})

test('a frame of 1 MiB passes, one byte more does not', () => {
  const raft = (bytes: number) => encodeFrame({ kind: 'raft', message: new Uint8Array(bytes) })
  expect(decodeFrame(raft(frameBytesMax - 1)).ok).toBe(true)
  expect(decodeFrame(raft(frameBytesMax)).ok).toBe(false)
})

test('a hello of 64 KiB passes, one byte more does not', () => {
  const text = JSON.stringify(hello('5'))
  const padded = (bytes: number) =>
    Uint8Array.of(1, ...new TextEncoder().encode(text.padEnd(bytes, ' ')))
  expect(decodeFrame(padded(helloBytesMax)).ok).toBe(true)
  expect(decodeFrame(padded(helloBytesMax + 1)).ok).toBe(false)
})

test('a status of 64 KiB passes, one byte more does not', () => {
  const text = JSON.stringify({ term: 1, commit: 1, rows: [] })
  const padded = (bytes: number) =>
    Uint8Array.of(3, ...new TextEncoder().encode(text.padEnd(bytes, ' ')))
  expect(decodeFrame(padded(statusBytesMax)).ok).toBe(true)
  expect(decodeFrame(padded(statusBytesMax + 1)).ok).toBe(false)
})

test('a chunk has 1 byte to 256 KiB, and lies within 4 GiB', () => {
  const chunk = (bytes: number, offset = 0) =>
    decodeFrame(
      encodeFrame({
        kind: 'chunk',
        stream: 1,
        offset,
        bytes: new Uint8Array(bytes),
        isIntact: true,
      }),
    )
  expect(chunk(0).ok).toBe(false)
  expect(chunk(1).ok).toBe(true)
  expect(chunk(snapshotChunkBytes).ok).toBe(true)
  expect(chunk(snapshotChunkBytes + 1).ok).toBe(false)
  expect(chunk(1, snapshotBytesMax).ok).toBe(true)
  expect(chunk(1, snapshotBytesMax + 1).ok).toBe(false)
})

test('a chunk with any flipped bit in its bytes is known as damaged', () => {
  const bytes = Uint8Array.from({ length: 50 }, (_, at) => at * 5)
  const sound = encodeFrame({ kind: 'chunk', stream: 1, offset: 9, bytes, isIntact: true })
  for (let bit = 15 * 8; bit < sound.length * 8; bit++) {
    const flipped = sound.slice()
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(decodeFrame(flipped)).toMatchObject({ ok: true, value: { isIntact: false } })
  }
})

test('a table too large for a hello loses its oldest tombstones, never the living', () => {
  const living = Array.from({ length: 40 }, (_, at) =>
    member(String(at + 1), { name: 'n'.repeat(64), addresses: ['a'.repeat(250)] }),
  )
  const removed = Array.from({ length: 300 }, (_, at) =>
    member(String(at + 1_000), { name: '书'.repeat(64), removedAt: at + 1, pin: 'f'.repeat(64) }),
  )
  const bytes = encodeFrame({
    kind: 'hello',
    hello: hello('1', { members: [...removed, ...living] }),
  })
  const decoded = decodeFrame(bytes)
  if (!decoded.ok || decoded.value.kind !== 'hello') throw new Error('no hello')
  const { members } = decoded.value.hello
  expect(members.slice(0, 40)).toEqual(living)
  expect(members.length).toBeGreaterThan(100)
  expect(members[40]?.removedAt).toBe(300)
})
