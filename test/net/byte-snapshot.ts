import type { SnapshotMetadata } from '../../src-main/raft/entry.ts'
import { newMessage } from '../../src-main/raft/message.ts'
import type {
  SnapshotReader,
  SnapshotReceiver,
  StagedSnapshot,
} from '../../src-main/replica/ports.ts'

export const metadata: SnapshotMetadata = {
  index: 40,
  term: 3,
  confState: {
    voters: [1n],
    learners: [2n],
    votersOutgoing: [],
    learnersNext: [],
    autoLeave: false,
  },
}

export function snapshotMessage(from: string, to: string, term = 3) {
  return newMessage('MsgSnap', {
    from: BigInt(from),
    to: BigInt(to),
    term,
    snapshot: { data: null, metadata },
  })
}

/** Bytes that tell where they come from. */
export function pattern(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) & 255)
}

export function byteReader(bytes: Uint8Array) {
  const reads: number[] = []
  let closed = 0
  const reader: SnapshotReader = {
    metadata,
    size: bytes.length,
    chunk: async (offset, length) => {
      reads.push(offset)
      return bytes.slice(offset, offset + length)
    },
    records: async function* () {},
    close: async () => {
      closed += 1
    },
  }
  return { reader, reads, closed: () => closed }
}

/** Takes bytes as the journal does: in order, or it rejects. */
export class ByteReceiver implements SnapshotReceiver {
  isDiscarded = false
  isFinished = false
  /** Rejects this write, counted from 1. */
  failsAt = Number.POSITIVE_INFINITY
  rejectsFinish = false
  #writes = 0
  #room = new Uint8Array(1024 * 1024)
  #length = 0

  get bytes(): Uint8Array {
    return this.#room.subarray(0, this.#length)
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    this.#writes += 1
    if (this.#writes >= this.failsAt) throw new Error('no space')
    if (offset !== this.#length) throw new Error(`a gap at ${offset}`)
    if (this.isDiscarded || this.isFinished) throw new Error('a write too late')
    while (this.#length + bytes.length > this.#room.length) {
      const twice = new Uint8Array(2 * this.#room.length)
      twice.set(this.#room)
      this.#room = twice
    }
    this.#room.set(bytes, offset)
    this.#length += bytes.length
  }

  async finish(): Promise<StagedSnapshot> {
    if (this.rejectsFinish) throw new Error('the checksum does not match')
    this.isFinished = true
    return {
      metadata,
      discard: async () => {
        this.isDiscarded = true
      },
    }
  }

  async discard(): Promise<void> {
    this.isDiscarded = true
  }
}
