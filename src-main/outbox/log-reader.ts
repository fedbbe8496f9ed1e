import { crc32 } from 'node:zlib'
import type { NoteId } from '../../src-shared/base/ids.ts'
import type { PendingNote } from '../../src-shared/notes/pending.ts'
import type { Disk } from '../journal/disk.ts'
import {
  type Before,
  decodeFrameHeader,
  decodeHeader,
  type FrameHeader,
  formatVersion,
  frameHeaderBytes,
  headerBytes,
} from './frame.ts'
import { Replay } from './replay.ts'
import type { Update } from './update.ts'

export interface LogFile {
  readonly name: string
  readonly size: number
  readonly generation: number
}

/** What one file says. */
export interface LogRead {
  readonly pending: readonly PendingNote[]
  readonly state: Before
  /** Of the first unreadable byte; the file's size when it is sound. */
  readonly offset: number
  readonly behind: readonly NoteId[]
  /** What this file's header says of the files before it. */
  readonly before: Before
}

/** The version of a log that this program cannot read. */
export interface NewerLog {
  readonly version: number
}

/**
 * Reads a log to its end. A write is acknowledged only when the one before it was, and each is one frame: so a crash
 * can spoil the last frame only. Unreadable bytes with nothing readable behind them are taken for that (the reader
 * cannot tell a torn write from rot in the last frame, which is why the file is kept either way); anything readable
 * behind them proves damage, and everything that can still be read is.
 */
export async function readLog(disk: Disk, file: LogFile): Promise<LogRead | NewerLog> {
  const bytes = new Window(disk, file)
  const header = decodeHeader(await bytes.at(0, headerBytes))
  if (header !== null && header.version > formatVersion) return { version: header.version }
  const isWhole = header !== null && header.generation === file.generation
  const replay = new Replay()
  const end: End = { isDamaged: !isWhole, bad: isWhole ? null : 0, sequence: 0 }
  let at = headerBytes
  while (at < file.size) {
    const frame = await readFrame(bytes, file.generation, at)
    if (frame === null) {
      end.bad ??= at
      at = await nextFrameHeader(bytes, file.generation, at + 1)
      continue
    }
    if (frame.sequence !== end.sequence + 1) end.bad ??= at
    if (end.bad !== null) end.isDamaged = true
    // A repeated frame says nothing new.
    if (frame.sequence > end.sequence) {
      for (const update of frame.updates) replay.take(frame.sequence, update)
      end.sequence = frame.sequence
    }
    at += frameHeaderBytes + frame.length
  }
  return {
    pending: replay.pending(),
    state: end.isDamaged ? 'damaged' : end.bad === null ? 'sound' : 'torn',
    offset: end.bad ?? file.size,
    behind: replay.behind(),
    before: isWhole ? header.before : 'damaged',
  }
}

interface End {
  isDamaged: boolean
  /** Where the first unreadable byte is. */
  bad: number | null
  /** Of the last frame that was taken. */
  sequence: number
}

interface Frame extends FrameHeader {
  readonly updates: readonly Update[]
}

/** Null: no whole frame begins at this byte. */
async function readFrame(bytes: Window, generation: number, at: number): Promise<Frame | null> {
  const header = decodeFrameHeader(generation, await bytes.at(at, frameHeaderBytes))
  if (header === null || at + frameHeaderBytes + header.length > bytes.size) return null
  const payload = await bytes.at(at + frameHeaderBytes, header.length)
  if (payload.length < header.length || crc32(payload) !== header.payloadCrc) return null
  // Sound bytes of a version that we know: what they say is what we once wrote.
  return { ...header, updates: JSON.parse(new TextDecoder().decode(payload)) as Update[] }
}

/** Where the next header with a sound checksum is; the end of the file when there is none. */
async function nextFrameHeader(bytes: Window, generation: number, from: number): Promise<number> {
  for (let at = from; at < bytes.size; at += windowBytes) {
    const piece = await bytes.at(at, windowBytes + frameHeaderBytes - 1)
    const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength)
    for (let offset = 0; offset + frameHeaderBytes <= piece.length; offset++) {
      // Most bytes are not the length of anything that fits: that is cheaper to see than a checksum.
      if (view.getUint32(offset, true) > bytes.size) continue
      const found = decodeFrameHeader(generation, piece.subarray(offset, offset + frameHeaderBytes))
      if (found !== null) return at + offset
    }
  }
  return bytes.size
}

const windowBytes = 1024 * 1024

/** Reads ahead, so that many small frames are one call of the disk. */
class Window {
  readonly size: number
  readonly #disk: Disk
  readonly #name: string
  #start = 0
  #held: Uint8Array = new Uint8Array(0)

  constructor(disk: Disk, file: LogFile) {
    this.#disk = disk
    this.#name = file.name
    this.size = file.size
  }

  /** The bytes at an offset, fewer at the end of the file. */
  async at(offset: number, length: number): Promise<Uint8Array> {
    const end = Math.min(offset + length, this.size)
    if (offset < this.#start || end > this.#start + this.#held.length) {
      const to = Math.min(Math.max(end, offset + windowBytes), this.size)
      this.#held = await this.#disk.read(this.#name, offset, to)
      this.#start = offset
    }
    return this.#held.subarray(offset - this.#start, end - this.#start)
  }
}
