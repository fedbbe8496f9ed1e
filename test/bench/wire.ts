import { performance } from 'node:perf_hooks'
import type { Entry } from '../../src-main/raft/entry.ts'
import { type Message, newMessage } from '../../src-main/raft/message.ts'
import { decodeMessage, encodeMessage } from '../../src-main/raft/wire/message.ts'

const entriesPerAppend = 64
const entryBytes = 256
const rounds = 9
const roundMs = 150

export interface WireFigure {
  readonly bench: 'wire'
  readonly what: string
  /** Of one append, there and back. */
  readonly microseconds: number
  readonly bytes: number
}

export interface WireRatio {
  readonly bench: 'wire'
  readonly what: 'json/wire'
  readonly ratio: number
  /** What the ratio must reach. */
  readonly goal: number
}

/** Encode + decode of an append, as we do it and as JSON with the payload in base64 would. */
export function benchWire(): readonly (WireFigure | WireRatio)[] {
  const message = append()
  const wire = fastest(() => {
    const decoded = decodeMessage(encodeMessage(message))
    if (!decoded.ok) throw new Error('what was encoded decodes')
  })
  const json = fastest(() => {
    fromJson(toJson(message))
  })
  return [
    { bench: 'wire', what: 'wire', microseconds: wire, bytes: encodeMessage(message).length },
    { bench: 'wire', what: 'json', microseconds: json, bytes: toJson(message).length },
    { bench: 'wire', what: 'json/wire', ratio: Number((json / wire).toFixed(2)), goal: 3 },
  ]
}

function append(): Message {
  const entries: Entry[] = []
  for (let place = 0; place < entriesPerAppend; place++) {
    const data = Uint8Array.from({ length: entryBytes }, (_, at) => (at * 31 + place) & 0xff)
    entries.push({ type: 'EntryNormal', term: 7, index: 100_000 + place, data })
  }
  return newMessage('MsgApp', {
    to: 4_503_599_627_370_497n,
    from: 6_755_399_441_055_743n,
    term: 7,
    logTerm: 7,
    index: 99_999,
    commit: 99_990,
    entries,
  })
}

/**
 * The same through JSON without waste: ids as text, bytes as base64, straight into the same shape
 * and back.
 */
function toJson(message: Message): Uint8Array {
  const text = JSON.stringify({
    ...message,
    to: message.to.toString(),
    from: message.from.toString(),
    vote: message.vote.toString(),
    entries: message.entries.map(({ type, term, index, data }) => {
      return { type, term, index, data: data === null ? null : base64(data) }
    }),
  })
  return Buffer.from(text)
}

interface JsonMessage extends Omit<Message, 'to' | 'from' | 'vote' | 'entries'> {
  readonly to: string
  readonly from: string
  readonly vote: string
  readonly entries: readonly (Omit<Entry, 'data'> & { readonly data: string })[]
}

function fromJson(bytes: Uint8Array): Message {
  const parsed = JSON.parse(Buffer.from(bytes).toString()) as JsonMessage
  return newMessage(parsed.type, {
    ...parsed,
    to: BigInt(parsed.to),
    from: BigInt(parsed.from),
    vote: BigInt(parsed.vote),
    entries: parsed.entries.map((entry) => ({ ...entry, data: Buffer.from(entry.data, 'base64') })),
  })
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

/** The best of a few rounds, in microseconds a call: what else runs on this machine only slows. */
function fastest(work: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    let calls = 0
    while (performance.now() - start < roundMs) {
      for (let again = 0; again < 20; again++) work()
      calls += 20
    }
    best = Math.min(best, ((performance.now() - start) * 1000) / calls)
  }
  return Number(best.toFixed(2))
}
