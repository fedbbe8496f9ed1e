import type { SnapshotMetadata } from '../raft/entry.ts'
import type { StateRecord } from '../replica/ports.ts'
import { type Chain, partRecords, type SnapshotFile } from './chain.ts'
import type { Disk } from './disk.ts'
import { removeIfThere, syncForGood, writeAll } from './durable.ts'
import { snapshotWriteBytes } from './limits.ts'
import { preambleBytes, putPreamble } from './preamble.ts'
import { type Pointer, snapshotName } from './shelf.ts'
import {
  encodeFoot,
  encodeFrame,
  encodeMetadata,
  type FrameType,
  frameTypes,
} from './snapshot-format.ts'

/** A chain never grows longer than this: each file in it costs a start one more open. */
export const chainFilesMax = 16
/** An older file up to this many times as large as what is being written is folded into it. */
export const foldFactor = 2

const nothing = new Uint8Array(0)

/** Writes one part to a new file, a piece at a time, so that the loop is never held up. */
class PartWriter {
  readonly #disk: Disk
  readonly #file: string
  #pieces: Buffer[] = []
  #waiting = 0
  #written = 0
  #ordinal = 0
  #previous: number

  constructor(disk: Disk, file: string) {
    this.#disk = disk
    this.#file = file
    const preamble = Buffer.alloc(preambleBytes)
    putPreamble(preamble, 0, 'QUIRESNP')
    this.#previous = preamble.readUInt32LE(preambleBytes - 4)
    this.#add(preamble)
  }

  get size(): number {
    return this.#written + this.#waiting
  }

  /** The closing checksum of the last frame. */
  get checksum(): number {
    return this.#previous
  }

  get frames(): number {
    return this.#ordinal
  }

  get isDue(): boolean {
    return this.#waiting >= snapshotWriteBytes
  }

  put(type: FrameType, key: string, bytes: Uint8Array): void {
    const frame = encodeFrame(
      type,
      { ordinal: this.#ordinal, previous: this.#previous },
      { key, bytes },
    )
    this.#ordinal += 1
    this.#previous = frame.readUInt32LE(frame.length - 4)
    this.#add(frame)
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#pieces)
    const at = this.#written
    this.#pieces = []
    this.#waiting = 0
    this.#written += bytes.length
    await writeAll(this.#disk, this.#file, at, bytes)
  }

  #add(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#waiting += piece.length
  }
}

/**
 * Writes the snapshot file of our own state: what changed since `chain`'s newest, and folded into it
 * those older files that are not much larger than what it holds already. Like the carries of a binary
 * counter: each byte is rewritten a logarithmic number of times, so a snapshot costs what changed,
 * and the chain stays as short. The file is durable under its temporary name when this resolves.
 */
export async function writeSnapshot(
  disk: Disk,
  temporary: string,
  content: { metadata: SnapshotMetadata; records: Iterable<StateRecord>; chain: Chain },
): Promise<SnapshotFile> {
  await removeIfThere(disk, temporary)
  const writer = new PartWriter(disk, temporary)
  writer.put(frameTypes.head, '', encodeMetadata(content.metadata))
  const seen = new Set<string>()
  for (const { key, bytes } of content.records) {
    if (content.chain.length > 0) seen.add(key)
    writer.put(bytes === null ? frameTypes.gone : frameTypes.record, key, bytes ?? nothing)
    if (writer.isDue) await writer.flush()
  }
  const parent = await fold(disk, writer, { seen, chain: content.chain })
  writer.put(frameTypes.foot, '', encodeFoot(writer.frames, parent))
  await writer.flush()
  await syncForGood(disk, temporary)
  return fileOf(content.metadata, writer, parent)
}

/** Answers the newest of those that stay as they are. */
async function fold(
  disk: Disk,
  writer: PartWriter,
  older: { seen: Set<string>; chain: Chain },
): Promise<Pointer | null> {
  const rest = [...older.chain]
  for (let next = rest[0]; next !== undefined; next = rest[0]) {
    if (next.size > foldFactor * writer.size && rest.length < chainFilesMax) break
    rest.shift()
    for (const part of next.parts) {
      // Nothing lies below the last: there a key that is gone needs no word.
      const isLast = rest.length === 0 && part === next.parts.at(-1)
      for await (const { key, bytes } of partRecords(disk, part)) {
        if (older.seen.has(key)) continue
        if (!isLast) older.seen.add(key)
        if (bytes !== null) writer.put(frameTypes.record, key, bytes)
        else if (!isLast) writer.put(frameTypes.gone, key, nothing)
        if (writer.isDue) await writer.flush()
      }
    }
  }
  return rest[0]?.pointer ?? null
}

function fileOf(
  metadata: SnapshotMetadata,
  writer: PartWriter,
  parent: Pointer | null,
): SnapshotFile {
  const { index, term } = metadata
  const name = snapshotName(metadata)
  const pointer = { index, term, checksum: writer.checksum }
  const part = { file: name, from: 0, to: writer.size, metadata, pointer, parent }
  return { name, size: writer.size, parts: [part], pointer, metadata, parent }
}
