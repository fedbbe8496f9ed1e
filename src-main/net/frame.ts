/**
 * One WebSocket message is one frame: a kind byte, then the body. Numbers are big-endian.
 *
 *   1 hello    JSON                       6 offer   u32 stream, u48 size, raft message (its snapshot without data)
 *   2 raft     raftpb message             7 chunk   u32 stream, u48 offset, u32 CRC-32 of the bytes, the bytes
 *   3 status   JSON                       8 ack     u32 stream, u48 offset, u8: 1 send again from here, 0 have all up to here
 *   4 ask      u32 id, JSON {name, body}  9 done    u32 stream, u8: 1 arrived, 0 not wanted any more, UTF-8 reason
 *   5 answer   u32 id, JSON Outcome      10 bye     JSON
 *
 * What decodes is right in shape; whether it makes sense here and now is judged by whoever gets it.
 */
import { crc32 } from 'node:zlib'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import {
  isCount,
  isDevice,
  isFields,
  isText,
  membersMax,
  readJson,
  writeJson,
} from '../identity/shape.ts'
import { type Bye, decodeBye, decodeHello, encodeBye, encodeHello, type Hello } from './hello.ts'
import {
  askNameUnitsMax,
  frameBytesMax,
  snapshotBytesMax,
  snapshotChunkBytes,
  statusBytesMax,
} from './limits.ts'
import type { AskRefused, StatusRow, StatusTable } from './network.ts'

export type Answer = Outcome<unknown, AskRefused>

export type Frame =
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'raft'; readonly message: Uint8Array }
  | { readonly kind: 'status'; readonly table: StatusTable }
  | { readonly kind: 'ask'; readonly id: number; readonly name: string; readonly body: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  | SnapshotFrame
  | { readonly kind: 'bye'; readonly bye: Bye }

export type SnapshotFrame =
  | {
      readonly kind: 'offer'
      readonly stream: number
      readonly size: number
      readonly message: Uint8Array
    }
  | {
      readonly kind: 'chunk'
      readonly stream: number
      readonly offset: number
      readonly bytes: Uint8Array
      /** The checksum matched. */
      readonly isIntact: boolean
    }
  | {
      readonly kind: 'ack'
      readonly stream: number
      readonly offset: number
      readonly isRewind: boolean
    }
  | {
      readonly kind: 'done'
      readonly stream: number
      readonly arrived: boolean
      readonly reason: string
    }

const kinds = {
  hello: 1,
  raft: 2,
  status: 3,
  ask: 4,
  answer: 5,
  offer: 6,
  chunk: 7,
  ack: 8,
  done: 9,
  bye: 10,
} as const

const doneReasonBytesMax = 256
const refusalUnitsMax = 4_096

export function encodeFrame(frame: Frame): Uint8Array {
  switch (frame.kind) {
    case 'hello':
      return joined(kinds.hello, encodeHello(frame.hello))
    case 'raft':
      return joined(kinds.raft, frame.message)
    case 'status':
      return joined(kinds.status, writeJson(frame.table))
    case 'ask':
      return numbered(kinds.ask, frame.id, writeJson({ name: frame.name, body: frame.body }))
    case 'answer':
      return numbered(kinds.answer, frame.id, writeJson(frame.answer))
    case 'bye':
      return joined(kinds.bye, encodeBye(frame.bye))
    default:
      return encodeSnapshotFrame(frame)
  }
}

function encodeSnapshotFrame(frame: SnapshotFrame): Uint8Array {
  switch (frame.kind) {
    case 'offer': {
      const bytes = numbered(kinds.offer, frame.stream, frame.message, 6)
      putOffset(bytes, frame.size)
      return bytes
    }
    case 'chunk': {
      const bytes = numbered(kinds.chunk, frame.stream, frame.bytes, 10)
      putOffset(bytes, frame.offset)
      view(bytes).setUint32(11, crc32(frame.bytes))
      return bytes
    }
    case 'ack': {
      const bytes = numbered(kinds.ack, frame.stream, new Uint8Array(1), 6)
      putOffset(bytes, frame.offset)
      bytes[11] = frame.isRewind ? 1 : 0
      return bytes
    }
    case 'done': {
      const reason = new TextEncoder().encode(frame.reason).subarray(0, doneReasonBytesMax)
      const bytes = numbered(kinds.done, frame.stream, reason, 1)
      bytes[5] = frame.arrived ? 1 : 0
      return bytes
    }
  }
}

/** The error is one line for the log. */
export function decodeFrame(bytes: Uint8Array): Outcome<Frame, string> {
  if (bytes.length > frameBytesMax) return fail(`a frame of ${bytes.length} bytes`)
  const kind = bytes[0]
  const body = bytes.subarray(1)
  const frame = kind === undefined ? null : decodeBody(kind, body)
  if (frame !== null) return ok(frame)
  return fail(kind === undefined ? 'an empty frame' : `a malformed frame of kind ${kind}`)
}

function decodeBody(kind: number, body: Uint8Array): Frame | null {
  switch (kind) {
    case kinds.hello: {
      const hello = decodeHello(body)
      return hello && { kind: 'hello', hello }
    }
    case kinds.raft:
      return { kind: 'raft', message: body }
    case kinds.status: {
      const table = decodeStatus(body)
      return table && { kind: 'status', table }
    }
    case kinds.ask:
      return decodeAsk(body)
    case kinds.answer:
      return decodeAnswer(body)
    case kinds.bye: {
      const bye = decodeBye(body)
      return bye && { kind: 'bye', bye }
    }
    default:
      return decodeSnapshotFrame(kind, body)
  }
}

function decodeSnapshotFrame(kind: number, body: Uint8Array): SnapshotFrame | null {
  if (body.length < 5) return null
  const stream = view(body).getUint32(0)
  if (kind === kinds.done) {
    const reason = new TextDecoder().decode(body.subarray(5, 5 + doneReasonBytesMax))
    const flag = body[4]
    return flag === 0 || flag === 1 ? { kind: 'done', stream, arrived: flag === 1, reason } : null
  }
  if (body.length < 10) return null
  const offset = view(body).getUint16(4) * 2 ** 32 + view(body).getUint32(6)
  if (offset > snapshotBytesMax) return null
  switch (kind) {
    case kinds.offer:
      return { kind: 'offer', stream, size: offset, message: body.subarray(10) }
    case kinds.chunk: {
      const bytes = body.subarray(14)
      if (bytes.length === 0 || bytes.length > snapshotChunkBytes) return null
      const isIntact = crc32(bytes) === view(body).getUint32(10)
      return { kind: 'chunk', stream, offset, bytes, isIntact }
    }
    case kinds.ack: {
      const flag = body.length === 11 ? body[10] : undefined
      return flag === 0 || flag === 1 ? { kind: 'ack', stream, offset, isRewind: flag === 1 } : null
    }
    default:
      return null
  }
}

function decodeStatus(body: Uint8Array): StatusTable | null {
  if (body.length > statusBytesMax) return null
  const value = readJson(body)
  if (!isFields(value) || !isCount(value.term) || !isCount(value.commit)) return null
  if (!Array.isArray(value.rows) || value.rows.length > membersMax) return null
  const rows: StatusRow[] = []
  for (const row of value.rows) {
    if (!isFields(row) || !isDevice(row.id) || !isCount(row.match)) return null
    if (typeof row.online !== 'boolean') return null
    rows.push({ id: row.id, match: row.match, online: row.online })
  }
  return { term: value.term, commit: value.commit, rows }
}

function decodeAsk(body: Uint8Array): Frame | null {
  const value = body.length < 4 ? null : readJson(body.subarray(4))
  if (!isFields(value) || !isText(value.name, askNameUnitsMax) || value.body === undefined) {
    return null
  }
  return { kind: 'ask', id: view(body).getUint32(0), name: value.name, body: value.body }
}

function decodeAnswer(body: Uint8Array): Frame | null {
  const value = body.length < 4 ? null : readJson(body.subarray(4))
  if (!isFields(value)) return null
  const id = view(body).getUint32(0)
  if (value.ok === true) return { kind: 'answer', id, answer: ok(value.value ?? null) }
  if (value.ok !== false || !isFields(value.error)) return null
  const { kind, message } = value.error
  if (!isText(kind, askNameUnitsMax) || !isText(message, refusalUnitsMax)) return null
  // Whatever else the refusal carries goes along: its reader knows its kind.
  return { kind: 'answer', id, answer: fail({ ...value.error, kind, message }) }
}

function joined(kind: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + body.length)
  bytes[0] = kind
  bytes.set(body, 1)
  return bytes
}

/** The kind, a 32-bit number, room for `gap` more bytes, then the body. */
function numbered(kind: number, number: number, body: Uint8Array, gap = 0): Uint8Array {
  const bytes = new Uint8Array(5 + gap + body.length)
  bytes[0] = kind
  view(bytes).setUint32(1, number)
  bytes.set(body, 5 + gap)
  return bytes
}

function putOffset(bytes: Uint8Array, offset: number): void {
  view(bytes).setUint16(5, Math.floor(offset / 2 ** 32))
  view(bytes).setUint32(7, offset % 2 ** 32)
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
