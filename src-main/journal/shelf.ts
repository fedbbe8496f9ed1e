import { getU64, putU64 } from './u64.ts'

/** Names one snapshot beyond doubt: what stands in the log so that its file can be recognised. */
export interface Pointer {
  readonly index: number
  readonly term: number
  /** The closing checksum of the snapshot's newest part. */
  readonly checksum: number
}

/** The snapshots that count, newest first: at most two. The second is there in case the first rots. */
export type Shelf = readonly Pointer[]

export const shelfMax = 2
const pointerBytes = 20

/** u8 count, then u64 index, u64 term, u32 checksum each */
export function encodeShelf(shelf: Shelf): Buffer {
  const into = Buffer.alloc(1 + pointerBytes * shelf.length)
  into[0] = shelf.length
  for (const [n, pointer] of shelf.entries()) {
    const start = 1 + pointerBytes * n
    putU64(into, start, pointer.index)
    putU64(into, start + 8, pointer.term)
    into.writeUInt32LE(pointer.checksum, start + 16)
  }
  return into
}

/** Null when the bytes are no shelf. */
export function decodeShelf(bytes: Buffer): Shelf | null {
  const count = bytes[0] ?? shelfMax + 1
  if (count > shelfMax || bytes.length !== 1 + pointerBytes * count) return null
  return Array.from({ length: count }, (_, n) => {
    const start = 1 + pointerBytes * n
    return {
      index: getU64(bytes, start),
      term: getU64(bytes, start + 8),
      checksum: bytes.readUInt32LE(start + 16),
    }
  })
}

export function snapshotName({ index, term }: { index: number; term: number }): string {
  return `snap/${String(index).padStart(16, '0')}-${String(term).padStart(16, '0')}`
}

const namePattern = /^([0-9]{16})-([0-9]{16})$/

/** Null when a file in snap/ is no snapshot. */
export function parseSnapshotName(name: string): { index: number; term: number } | null {
  const match = namePattern.exec(name)
  return match === null ? null : { index: Number(match[1]), term: Number(match[2]) }
}
