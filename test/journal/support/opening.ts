import type { Disk } from '../../../src-main/journal/disk.ts'
import { type OpenedJournal, openJournal } from '../../../src-main/journal/open.ts'
import type { JournalNotice, JournalRefused } from '../../../src-main/journal/refused.ts'
import type { Entry, HardState, SnapshotMetadata } from '../../../src-main/raft/entry.ts'
import type { FrozenState, StateRecord } from '../../../src-main/replica/ports.ts'
import type { Outcome } from '../../../src-shared/base/outcome.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { StillClock } from './still-clock.ts'

export interface Opening {
  readonly segmentBytesMax?: number
  readonly clock?: StillClock
  readonly seed?: number
  readonly onNotice?: (notice: JournalNotice) => void
}

export function open(
  disk: Disk,
  opening: Opening = {},
): Promise<Outcome<OpenedJournal, JournalRefused>> {
  const { clock = new StillClock(), seed = 1, ...rest } = opening
  return openJournal(disk, { clock, random: seededRandom(seed), ...rest })
}

export async function opened(disk: Disk, opening: Opening = {}): Promise<OpenedJournal> {
  const outcome = await open(disk, opening)
  if (!outcome.ok) throw new Error(`refused: ${JSON.stringify(outcome.error)}`)
  return outcome.value
}

export async function refusal(disk: Disk, opening: Opening = {}): Promise<JournalRefused> {
  const outcome = await open(disk, opening)
  if (outcome.ok) throw new Error('it was opened')
  return outcome.error
}

export function entry(index: number, term = 1, text = `entry ${index} of term ${term}`): Entry {
  return { type: 'EntryNormal', term, index, data: Uint8Array.from(Buffer.from(text)) }
}

export function entries(from: number, to: number, term = 1): Entry[] {
  return Array.from({ length: to - from + 1 }, (_, n) => entry(from + n, term))
}

export function hardState(term: number, commit: number, vote = 0n): HardState {
  return { term, vote, commit }
}

export function metadata(index: number, term = 1): SnapshotMetadata {
  const confState = {
    voters: [1n, 2n, 2n ** 53n - 1n],
    learners: [4n],
    votersOutgoing: [],
    learnersNext: [],
    autoLeave: false,
  }
  return { index, term, confState }
}

/** A state whose records are all new; `changes` are what it answers when it is asked for less than all. */
export function state(
  whole: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>> = whole,
): FrozenState {
  return {
    records: (since) =>
      Object.entries(since === 0 ? whole : changes).map(([key, text]) => ({
        key,
        bytes: text === null ? null : Buffer.from(text),
      })),
  }
}

export async function contentOf(
  records: AsyncIterable<StateRecord>,
): Promise<Record<string, string>> {
  const content: Record<string, string> = {}
  for await (const { key, bytes } of records) {
    if (key in content) throw new Error(`${key} comes twice`)
    content[key] = Buffer.from(bytes ?? []).toString()
  }
  return content
}
