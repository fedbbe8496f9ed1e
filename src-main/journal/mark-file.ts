import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { type Disk, DiskFailed } from './disk.ts'
import { createWhole, isPassing, syncForGood, writeAll } from './durable.ts'
import { decodeMark, encodeMark, type Mark, markFileBytes, markSlotBytes } from './mark-format.ts'
import { type JournalRefused, refused } from './refused.ts'
import { bufferOf } from './u64.ts'

export const markName = 'wal/mark'

/** The slot that is written without a sync of its own; the other changes only after this was synced. */
const ridingSlot = 0
const steadySlot = 1

export interface MarkRead {
  readonly mark: Mark
  /** Slots that could not be read: none or one. */
  readonly badSlots: readonly number[]
  /** The two slots disagree: the member did not stop cleanly, or was not idle. */
  readonly isUneven: boolean
}

/** Null when there is no mark: then there was never a log. */
export async function readMark(disk: Disk): Promise<Outcome<MarkRead | null, JournalRefused>> {
  const bytes = await readIfThere(disk)
  if (bytes === null) return ok(null)
  const slots = [ridingSlot, steadySlot].map((slot) =>
    decodeMark(bytes.subarray(slot * markSlotBytes, (slot + 1) * markSlotBytes)),
  )
  const newer = slots.find((slot) => !slot.ok && slot.error.kind === 'newer-format')
  if (newer !== undefined) {
    const words = 'It has a format that this version does not know.'
    return fail(refused('newer-format', { file: markName, offset: 0 }, words))
  }
  const marks = slots.flatMap((slot) => (slot.ok ? [slot.value] : []))
  const [first, second = first] = marks
  if (first === undefined || second === undefined || bytes.length !== markFileBytes) {
    const words = 'It has a wrong length, or neither of its two copies matches its checksum.'
    return fail(refused('damaged', { file: markName, offset: 0 }, words))
  }
  if (!first.journal.equals(second.journal)) {
    const words = 'Its two copies belong to different directories.'
    return fail(refused('damaged', { file: markName, offset: 0 }, words))
  }
  return ok({
    mark: first.sequence >= second.sequence ? first : second,
    badSlots: slots.flatMap((slot, number) => (slot.ok ? [] : [number])),
    isUneven: first.sequence !== second.sequence,
  })
}

async function readIfThere(disk: Disk): Promise<Buffer | null> {
  try {
    return bufferOf(await disk.read(markName, 0, markFileBytes + 1))
  } catch (cause) {
    if (cause instanceof DiskFailed && cause.failure === 'missing') return null
    throw cause
  }
}

/** The first mark of a new journal: it says that there is nothing yet. */
export async function createMark(disk: Disk, mark: Mark): Promise<void> {
  const slot = encodeMark(mark)
  await createWhole(disk, markName, Buffer.concat([slot, slot]))
}

/**
 * Keeps wal/mark: two copies of what is durable. One rides along, written beside the log without a
 * sync; it names only what was synced before, so whatever of it survives is true. When the log is
 * idle both are written, one after the other and each synced, so that one of the two is always whole.
 */
export class MarkFile {
  readonly #disk: Disk
  #working: Promise<void> | null = null

  constructor(disk: Disk) {
    this.#disk = disk
  }

  /** Writes the riding copy unless the last is still being written. Does not wait, and rejects on nothing that passes. */
  ride(mark: Mark): Promise<void> | null {
    if (this.#working !== null) return null
    return this.#work(() => this.#put(ridingSlot, mark))
  }

  /** Both copies are durable when this resolves. */
  async settle(mark: Mark): Promise<void> {
    while (this.#working !== null) await this.#working
    await this.#work(async () => {
      await this.#put(ridingSlot, mark)
      await syncForGood(this.#disk, markName)
      await this.#put(steadySlot, mark)
      await syncForGood(this.#disk, markName)
    })
  }

  async #put(slot: number, mark: Mark): Promise<void> {
    await writeAll(this.#disk, markName, slot * markSlotBytes, encodeMark(mark))
  }

  #work(work: () => Promise<void>): Promise<void> {
    const working = work()
      .catch((cause: unknown) => {
        // An older mark is true as well; a full disk must not fail a member for it.
        if (!isPassing(cause)) throw cause
      })
      .finally(() => {
        this.#working = null
      })
    this.#working = working
    return working
  }
}
