import { expect, test } from 'vitest'
import { decodeFrame, encodeFrame, type SnapshotFrame } from '../../src-main/net/frame.ts'
import {
  snapshotChunkBytes,
  snapshotChunkMs,
  snapshotCorruptionsMax,
  snapshotIdleMs,
  snapshotWindowMax,
  snapshotWindowMin,
} from '../../src-main/net/limits.ts'
import { SnapshotIntake } from '../../src-main/net/snapshot-intake.ts'
import { SnapshotSender } from '../../src-main/net/snapshot-sender.ts'
import type { StagedSnapshot } from '../../src-main/replica/ports.ts'
import { ByteReceiver, byteReader, pattern, snapshotMessage } from './byte-snapshot.ts'
import { HandClock } from './hand-clock.ts'
import { keptLog } from './kept-log.ts'

type Way = 'there' | 'back'

/** A sender and an intake with a wire between them that the test may cut, or damage frame by frame. */
function scene(size: number) {
  const clock = new HandClock()
  const log = keptLog()
  const bytes = pattern(size)
  const { reader, reads, closed } = byteReader(bytes)
  const receivers: ByteReceiver[] = []
  const prepared: ByteReceiver[] = []
  const arrived: StagedSnapshot[] = []
  const settled: boolean[] = []
  const sent: SnapshotFrame[] = []
  const faults: string[] = []
  let isCut = false
  let isWanted = true
  let change: (bytes: Uint8Array, frame: SnapshotFrame) => Uint8Array | null = (whole) => whole
  const message = snapshotMessage('1', '2')

  const carry = (way: Way, frame: SnapshotFrame) => {
    if (way === 'there') sent.push(frame)
    const carried = isCut ? null : change(encodeFrame(frame), frame)
    if (carried === null) return
    queueMicrotask(() => {
      const decoded = decodeFrame(carried)
      if (!decoded.ok) throw new Error(decoded.error)
      if (way === 'there') hear(decoded.value as SnapshotFrame)
      else answer(decoded.value as SnapshotFrame)
    })
  }
  const intake = new SnapshotIntake({
    clock,
    log,
    receive: async () => {
      if (!isWanted) return null
      const receiver = prepared.shift() ?? new ByteReceiver()
      receivers.push(receiver)
      return receiver
    },
    arrived: (_message, staged) => arrived.push(staged),
    reply: (_to, frame) => carry('back', frame),
  })
  const hear = (frame: SnapshotFrame) => {
    if (frame.kind === 'offer') {
      intake.offer({ from: '1', stream: frame.stream, size: frame.size, message })
    } else if (frame.kind === 'chunk') {
      const fault = intake.chunk('1', frame)
      if (fault !== null) faults.push(fault)
    }
  }
  const sender = new SnapshotSender({
    stream: 5,
    message: new Uint8Array([1]),
    reader,
    clock,
    log,
    send: (frame) => carry('there', frame),
    settled: (whole) => settled.push(whole),
  })
  const answer = (frame: SnapshotFrame) => {
    if (frame.kind === 'ack') sender.acknowledged(frame.offset, frame.isRewind)
    if (frame.kind === 'done') sender.done(frame.arrived, frame.reason)
  }
  return {
    clock,
    log,
    bytes,
    reads,
    closed,
    receivers,
    prepared,
    arrived,
    settled,
    sent,
    faults,
    intake,
    sender,
    hear,
    chunks: () => sent.filter((frame) => frame.kind === 'chunk'),
    cut: () => {
      isCut = true
      sender.pause()
    },
    heal: () => {
      isCut = false
      sender.offer()
    },
    unwanted: () => {
      isWanted = false
    },
    onWire: (how: typeof change) => {
      change = how
    },
  }
}

function isSame(receiver: ByteReceiver | undefined, bytes: Uint8Array): boolean {
  return receiver !== undefined && Buffer.compare(receiver.bytes, bytes) === 0
}

async function turns(count = 400): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve()
}

test('[N7] a snapshot arrives whole, in chunks of 256 KiB, and both ends are told once', async () => {
  const size = 5 * snapshotChunkBytes + 17
  const { sender, receivers, bytes, settled, arrived, closed, clock, chunks } = scene(size)
  sender.offer()
  await turns()
  expect(receivers).toHaveLength(1)
  expect(isSame(receivers[0], bytes)).toBe(true)
  expect(receivers[0]?.isFinished).toBe(true)
  expect(chunks()).toHaveLength(6)
  expect(settled).toEqual([true])
  expect(arrived).toHaveLength(1)
  expect(closed()).toBe(1)
  expect(clock.alarms).toBe(0)
})

test('sizes at the border of a chunk, and none at all', async () => {
  for (const size of [0, 1, snapshotChunkBytes - 1, snapshotChunkBytes, snapshotChunkBytes + 1]) {
    const { sender, receivers, bytes, settled } = scene(size)
    sender.offer()
    await turns()
    expect(isSame(receivers[0], bytes)).toBe(true)
    expect(settled).toEqual([true])
  }
})

test('at first one chunk is on the way; while answers are quick, four and no more', async () => {
  const slow = scene(20 * snapshotChunkBytes)
  slow.onWire((bytes, frame) => (frame.kind === 'chunk' ? null : bytes))
  slow.sender.offer()
  await turns()
  expect(slow.chunks()).toHaveLength(1)
  const quick = scene(20 * snapshotChunkBytes)
  let passed = 0
  quick.onWire((bytes, frame) => (frame.kind === 'chunk' && ++passed > 8 ? null : bytes))
  quick.sender.offer()
  await turns()
  expect(quick.chunks()).toHaveLength(8 + snapshotWindowMax / snapshotChunkBytes)
})

test('on a slow way chunks get small, so that a heartbeat waits for little; on a quick one they grow back', async () => {
  const { sender, onWire, clock, sent, settled, receivers, bytes } = scene(8 * snapshotChunkBytes)
  const sizes = () => sent.flatMap((frame) => (frame.kind === 'chunk' ? [frame.bytes.length] : []))
  let lateMs = 3 * snapshotChunkMs
  onWire((whole, frame) => {
    if (frame.kind === 'ack' && !frame.isRewind) clock.advance(lateMs)
    return whole
  })
  sender.offer()
  while (sizes().length < 12) await turns(5)
  expect(sizes().slice(0, 6)).toEqual([256, 128, 64, 32, 16, 16].map((kib) => kib * 1024))
  lateMs = 0
  await turns(2_000)
  expect(Math.max(...sizes().slice(12))).toBe(snapshotChunkBytes)
  expect(Math.min(...sizes().slice(0, -1))).toBe(snapshotWindowMin)
  expect(settled).toEqual([true])
  expect(isSame(receivers[0], bytes)).toBe(true)
})

test('after a broken link it goes on where it stood', async () => {
  const { sender, onWire, cut, heal, receivers, bytes, settled, reads } = scene(
    9 * snapshotChunkBytes,
  )
  let passed = 0
  onWire((whole, frame) => {
    if (frame.kind === 'chunk' && ++passed === 4) cut()
    return whole
  })
  sender.offer()
  await turns()
  expect(settled).toEqual([])
  const before = reads.length
  heal()
  await turns()
  expect(receivers).toHaveLength(1)
  expect(isSame(receivers[0], bytes)).toBe(true)
  expect(settled).toEqual([true])
  expect(Math.min(...reads.slice(before))).toBeGreaterThanOrEqual(3 * snapshotChunkBytes)
})

test('a link that breaks after every few chunks delays it and nothing else', async () => {
  const { sender, onWire, cut, heal, receivers, bytes, settled } = scene(13 * snapshotChunkBytes)
  let passed = 0
  onWire((whole, frame) => {
    if (frame.kind === 'chunk' && ++passed % 3 === 0) cut()
    return whole
  })
  sender.offer()
  for (let round = 0; round < 20 && settled.length === 0; round++) {
    await turns()
    heal()
  }
  await turns()
  expect(isSame(receivers[0], bytes)).toBe(true)
  expect(settled).toEqual([true])
})

test('[N7] a damaged chunk is sent again, and nothing damaged is written', async () => {
  const { sender, onWire, receivers, bytes, settled, faults } = scene(6 * snapshotChunkBytes)
  let passed = 0
  onWire((whole, frame) => {
    if (frame.kind !== 'chunk' || ++passed !== 3) return whole
    const damaged = whole.slice()
    damaged[500] = (damaged[500] ?? 0) ^ 1
    return damaged
  })
  sender.offer()
  await turns()
  expect(isSame(receivers[0], bytes)).toBe(true)
  expect(settled).toEqual([true])
  expect(faults).toEqual([])
})

test('a wire that damages again and again ends the transfer, and what was written is thrown away', async () => {
  const { sender, onWire, receivers, settled, chunks, clock } = scene(6 * snapshotChunkBytes)
  let damages = 0
  onWire((whole, frame) => {
    if (frame.kind !== 'chunk' || frame.offset !== 2 * snapshotChunkBytes) return whole
    damages += 1
    const damaged = whole.slice()
    damaged[500] = (damaged[500] ?? 0) ^ 1
    return damaged
  })
  sender.offer()
  await turns()
  expect(damages).toBe(snapshotCorruptionsMax)
  expect(settled).toEqual([false])
  expect(receivers[0]?.isDiscarded).toBe(true)
  expect(chunks().length).toBeLessThan(20)
  expect(clock.alarms).toBe(0)
})

test('a chunk that got lost is asked for again', async () => {
  const { sender, onWire, receivers, bytes, settled } = scene(6 * snapshotChunkBytes)
  let passed = 0
  onWire((whole, frame) => (frame.kind === 'chunk' && ++passed === 2 ? null : whole))
  sender.offer()
  await turns()
  expect(isSame(receivers[0], bytes)).toBe(true)
  expect(settled).toEqual([true])
})

test('a transfer without progress is given up by both ends', async () => {
  const { sender, onWire, clock, settled, receivers, closed } = scene(6 * snapshotChunkBytes)
  onWire((whole, frame) => (frame.kind === 'chunk' && frame.offset > 0 ? null : whole))
  sender.offer()
  await turns()
  clock.advance(snapshotIdleMs - 1)
  expect(settled).toEqual([])
  clock.advance(1)
  await turns()
  expect(settled).toEqual([false])
  expect(receivers[0]?.isDiscarded).toBe(true)
  expect(closed()).toBe(1)
  expect(clock.alarms).toBe(0)
})

test('a snapshot that nobody wants is refused before a byte of it is sent', async () => {
  const { sender, unwanted, settled, chunks } = scene(6 * snapshotChunkBytes)
  unwanted()
  sender.offer()
  await turns()
  expect(settled).toEqual([false])
  expect(chunks()).toEqual([])
})

test('a disk that fails while it is written refuses it', async () => {
  const { sender, prepared, settled, receivers, arrived } = scene(6 * snapshotChunkBytes)
  const failing = new ByteReceiver()
  failing.failsAt = 3
  prepared.push(failing)
  sender.offer()
  await turns()
  expect(settled).toEqual([false])
  expect(receivers[0]?.isDiscarded).toBe(true)
  expect(arrived).toEqual([])
})

test('a whole that does not match its checksum is refused', async () => {
  const { sender, prepared, settled, receivers, arrived } = scene(2 * snapshotChunkBytes)
  const doubting = new ByteReceiver()
  doubting.rejectsFinish = true
  prepared.push(doubting)
  sender.offer()
  await turns()
  expect(settled).toEqual([false])
  expect(receivers[0]?.isDiscarded).toBe(true)
  expect(arrived).toEqual([])
})

test('when only the last word was lost, asking again brings it, not a second copy', async () => {
  const { sender, onWire, heal, cut, settled, receivers, arrived } = scene(2 * snapshotChunkBytes)
  onWire((whole, frame) => {
    if (frame.kind === 'done') cut()
    return frame.kind === 'done' ? null : whole
  })
  sender.offer()
  await turns()
  expect(arrived).toHaveLength(1)
  expect(settled).toEqual([])
  onWire((whole) => whole)
  heal()
  await turns()
  expect(settled).toEqual([true])
  expect(receivers).toHaveLength(1)
  expect(arrived).toHaveLength(1)
})

test('a newer leader takes the place of an older one, never the other way round', async () => {
  const { intake, receivers, hear, sent } = scene(0)
  const offer = (from: string, term: number) =>
    intake.offer({ from, stream: 1, size: 10, message: snapshotMessage(from, '2', term) })
  offer('1', 3)
  await turns()
  offer('3', 2)
  await turns()
  expect(receivers).toHaveLength(1)
  expect(receivers[0]?.isDiscarded).toBe(false)
  offer('3', 4)
  await turns()
  expect(receivers).toHaveLength(2)
  expect(receivers[0]?.isDiscarded).toBe(true)
  hear({ kind: 'chunk', stream: 1, offset: 0, bytes: pattern(10), isIntact: true })
  expect(receivers[1]?.bytes).toHaveLength(0)
  expect(sent).toEqual([])
})

test('a sender that was cut off leaves nothing behind', async () => {
  const { sender, onWire, intake, receivers, clock } = scene(6 * snapshotChunkBytes)
  onWire((whole, frame) => (frame.kind === 'chunk' && frame.offset > 0 ? null : whole))
  sender.offer()
  await turns()
  intake.forget('1')
  sender.cancel('closing')
  await turns()
  expect(receivers[0]?.isDiscarded).toBe(true)
  expect(clock.alarms).toBe(0)
})

test('a chunk beyond the end, or before anybody asked, ends the link', async () => {
  const { intake, sender, faults, hear, onWire } = scene(100)
  onWire((whole, frame) => (frame.kind === 'chunk' ? null : whole))
  intake.offer({ from: '1', stream: 9, size: 5, message: snapshotMessage('1', '2') })
  hear({ kind: 'chunk', stream: 9, offset: 0, bytes: pattern(5), isIntact: true })
  expect(faults).toEqual(['a chunk that nobody asked for'])
  await turns()
  sender.offer()
  await turns()
  hear({ kind: 'chunk', stream: 5, offset: 0, bytes: pattern(101), isIntact: true })
  expect(faults.at(-1)).toBe('a chunk beyond the end of the snapshot')
})

test('an acknowledgement of what was never sent ends the transfer', async () => {
  const { sender, settled, onWire } = scene(6 * snapshotChunkBytes)
  onWire((whole, frame) => (frame.kind === 'chunk' ? null : whole))
  sender.offer()
  await turns()
  sender.acknowledged(6 * snapshotChunkBytes + 1, false)
  expect(settled).toEqual([false])
})

test('what was read before a rewind is not sent after it', async () => {
  const { sender, reader, sent } = slowScene()
  sender.offer()
  sender.acknowledged(0, true)
  sender.acknowledged(0, true)
  expect(reader.open).toHaveLength(2)
  reader.open[0]?.()
  await turns()
  expect(sent).toEqual(['offer'])
  reader.open[1]?.()
  await turns()
  expect(sent).toEqual(['offer', 'chunk'])
})

/** A disk that reads when the test says so. */
function slowScene() {
  const sent: string[] = []
  const open: (() => void)[] = []
  const source = byteReader(pattern(2 * snapshotChunkBytes))
  const sender = new SnapshotSender({
    stream: 1,
    message: new Uint8Array([1]),
    reader: {
      ...source.reader,
      chunk: async (offset, length) => {
        await new Promise<void>((settle) => open.push(settle))
        return source.reader.chunk(offset, length)
      },
    },
    clock: new HandClock(),
    log: keptLog(),
    send: (frame) => sent.push(frame.kind),
    settled: () => undefined,
  })
  return { sender, sent, reader: { open } }
}
