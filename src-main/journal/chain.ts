import type { SnapshotMetadata } from '../raft/entry.ts'
import type { StateRecord } from '../replica/ports.ts'
import type { Disk } from './disk.ts'
import { FrameReader, SnapshotDamaged } from './frame-reader.ts'
import { type Pointer, snapshotName } from './shelf.ts'
import { decodeFootParent, decodeMetadata, frameTypes } from './snapshot-format.ts'

/** One part of a snapshot file, found whole. */
export interface Part {
  readonly file: string
  readonly from: number
  readonly to: number
  readonly metadata: SnapshotMetadata
  readonly pointer: Pointer
  readonly parent: Pointer | null
}

/** One snapshot file, found whole: at least one part, newest first. */
export interface SnapshotFile {
  readonly name: string
  readonly size: number
  readonly parts: readonly Part[]
  /** Its first part's. */
  readonly pointer: Pointer
  readonly metadata: SnapshotMetadata
  /** Its last part's. */
  readonly parent: Pointer | null
}

/** All the files that one snapshot needs, newest first; the last has no parent. */
export type Chain = readonly SnapshotFile[]

/** Reads every byte of a file and checks it. Throws SnapshotDamaged, or what the disk throws. */
export async function readSnapshotFile(
  disk: Disk,
  name: string,
  size: number,
): Promise<SnapshotFile> {
  const reader = new FrameReader(disk, { name, from: 0, size })
  const parts: Part[] = []
  do {
    const part = await readPart(reader, name)
    const younger = parts.at(-1)
    if (younger !== undefined && !isSame(younger.parent, part.pointer)) {
      throw new SnapshotDamaged({ file: name, offset: part.from }, 'a part out of its place')
    }
    parts.push(part)
  } while (!reader.isAtEnd)
  const [first] = parts
  const last = parts.at(-1)
  if (first === undefined || last === undefined) {
    throw new SnapshotDamaged({ file: name, offset: 0 }, 'an empty file')
  }
  const { pointer, metadata } = first
  return { name, size, parts, pointer, metadata, parent: last.parent }
}

async function readPart(reader: FrameReader, file: string): Promise<Part> {
  const from = reader.position
  await reader.begin()
  const head = await reader.next()
  const metadata = head.type === frameTypes.head ? decodeMetadata(head.bytes) : null
  if (metadata === null) throw new SnapshotDamaged({ file, offset: from }, 'a part without a head')
  let frame = await reader.next()
  while (frame.type !== frameTypes.foot) frame = await reader.next()
  const parent = decodeFootParent(frame.bytes)
  const isOlder = parent === null || (parent !== undefined && parent.index < metadata.index)
  if (parent === undefined || !isOlder) {
    throw new SnapshotDamaged({ file, offset: from }, 'a part with a foot that cannot be read')
  }
  const { index, term } = metadata
  const pointer = { index, term, checksum: frame.checksum }
  return { file, from, to: frame.end, metadata, pointer, parent }
}

/** Follows the parents of a snapshot to the last. `sizes` are those of the files in snap/. */
export async function readChain(
  disk: Disk,
  pointer: Pointer,
  known: { sizes: ReadonlyMap<string, number>; files: Map<string, SnapshotFile> },
): Promise<Chain> {
  const chain: SnapshotFile[] = []
  for (let next: Pointer | null = pointer; next !== null; ) {
    const name = snapshotName(next)
    const size = known.sizes.get(name)
    if (size === undefined) throw new SnapshotDamaged({ file: name, offset: 0 }, 'it is missing')
    const file: SnapshotFile = known.files.get(name) ?? (await readSnapshotFile(disk, name, size))
    known.files.set(name, file)
    if (!isSame(file.pointer, next)) {
      throw new SnapshotDamaged({ file: name, offset: 0 }, 'it is not the one that the log names')
    }
    chain.push(file)
    next = file.parent
  }
  return chain
}

export function isSame(a: Pointer | null, b: Pointer | null): boolean {
  if (a === null || b === null) return a === b
  return a.index === b.index && a.term === b.term && a.checksum === b.checksum
}

/** Every live record once. A newer part hides what the older ones say of the same key. */
export async function* chainRecords(disk: Disk, chain: Chain): AsyncGenerator<StateRecord> {
  const parts = chain.flatMap((file) => file.parts)
  const seen = new Set<string>()
  for (const part of parts) {
    const isLast = part === parts.at(-1)
    for await (const record of partRecords(disk, part)) {
      if (seen.has(record.key)) continue
      if (!isLast) seen.add(record.key)
      // A copy: a few kept bytes must not hold on to all that was read ahead with them.
      if (record.bytes !== null) yield { key: record.key, bytes: Uint8Array.from(record.bytes) }
    }
  }
}

/** What one part says, in its order; `bytes` null: gone. */
export async function* partRecords(disk: Disk, part: Part): AsyncGenerator<StateRecord> {
  const reader = new FrameReader(disk, { name: part.file, from: part.from, size: part.to })
  await reader.begin()
  await reader.next() // the head, known already
  for (;;) {
    const { type, key, bytes } = await reader.next()
    if (type === frameTypes.foot) return
    yield { key, bytes: type === frameTypes.gone ? null : bytes }
  }
}
