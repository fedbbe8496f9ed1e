import { crc32 } from 'node:zlib'
import type { Disk } from './disk.ts'
import { checkPreamble, preambleBytes } from './preamble.ts'
import {
  type FrameHead,
  type FrameType,
  frameHeaderBytes,
  frameTrailerBytes,
  readFrameHead,
} from './snapshot-format.ts'
import { bufferOf } from './u64.ts'

/** What one read asks of the disk. */
const readAheadBytes = 256 * 1024

/** A snapshot does not read back as it was written. */
export class SnapshotDamaged extends Error {
  override readonly name = 'SnapshotDamaged'
  readonly file: string
  readonly offset: number
  readonly kind: 'damaged' | 'newer-format'

  constructor(place: { file: string; offset: number }, message: string, isNewer = false) {
    super(message)
    this.file = place.file
    this.offset = place.offset
    this.kind = isNewer ? 'newer-format' : 'damaged'
  }
}

export interface Frame {
  readonly type: FrameType
  readonly key: string
  readonly bytes: Uint8Array
  readonly checksum: number
  /** Where the next frame begins. */
  readonly end: number
}

/** Reads a file of frames from front to back; every frame it answers is whole and in its place. */
export class FrameReader {
  readonly #disk: Disk
  readonly #file: string
  readonly #size: number
  #at: number
  #ahead: Buffer = Buffer.alloc(0)
  #aheadFrom = 0
  #ordinal = 0
  #previous = 0

  constructor(disk: Disk, file: { name: string; from: number; size: number }) {
    this.#disk = disk
    this.#file = file.name
    this.#size = file.size
    this.#at = file.from
  }

  get position(): number {
    return this.#at
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#size
  }

  /** Begins a part: its preamble. */
  async begin(): Promise<void> {
    const bytes = await this.#peek(preambleBytes)
    const checked = checkPreamble(bytes, 'QUIRESNP')
    if (!checked.ok) {
      const isNewer = checked.error.kind === 'newer-format'
      throw this.#damaged(isNewer ? 'a newer format' : 'not the beginning of a part', isNewer)
    }
    this.#previous = bytes.readUInt32LE(preambleBytes - 4)
    this.#ordinal = 0
    this.#at += preambleBytes
  }

  async next(): Promise<Frame> {
    const head = readFrameHead(await this.#peek(frameHeaderBytes))
    if (head === null) throw this.#damaged('the head of a record does not match its checksum')
    if (head.ordinal !== this.#ordinal || head.previous !== this.#previous) {
      throw this.#damaged('a record out of its place')
    }
    const bytes = await this.#peek(frameHeaderBytes + head.length + frameTrailerBytes)
    return this.#take(head, bytes)
  }

  #take(head: FrameHead, bytes: Buffer): Frame {
    const end = frameHeaderBytes + head.length
    if (bytes.length < end + frameTrailerBytes) throw this.#damaged('the file ends too early')
    const checksum = bytes.readUInt32LE(end)
    if (crc32(bytes.subarray(frameHeaderBytes, end), head.checksum) !== checksum) {
      throw this.#damaged('a record does not match its checksum')
    }
    const bodyAt = frameHeaderBytes + head.keyLength
    this.#at += end + frameTrailerBytes
    this.#ordinal += 1
    this.#previous = checksum
    return {
      type: head.type,
      key: bytes.toString('utf8', frameHeaderBytes, bodyAt),
      bytes: bytes.subarray(bodyAt, end),
      checksum,
      end: this.#at,
    }
  }

  /** The next `length` bytes, fewer at the end of the file. */
  async #peek(length: number): Promise<Buffer> {
    const from = this.#at - this.#aheadFrom
    if (from + length <= this.#ahead.length) return this.#ahead.subarray(from, from + length)
    const to = Math.min(this.#size, this.#at + Math.max(length, readAheadBytes))
    this.#ahead = bufferOf(await this.#disk.read(this.#file, this.#at, to))
    this.#aheadFrom = this.#at
    return this.#ahead.subarray(0, length)
  }

  #damaged(message: string, isNewer = false): SnapshotDamaged {
    return new SnapshotDamaged({ file: this.#file, offset: this.#at }, message, isNewer)
  }
}
