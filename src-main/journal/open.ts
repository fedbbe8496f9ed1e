import type { Clock } from '../../src-shared/base/clock.ts'
import type { Random } from '../../src-shared/base/random.ts'
import type { Journal, Recovered } from '../replica/ports.ts'
import type { JournalNotice } from './refused.ts'

export interface JournalOptions {
  readonly clock: Clock
  readonly random: Random
  /** Smaller than the real one only in tests. */
  readonly segmentBytesMax?: number
}

export interface OpenedJournal {
  readonly journal: Journal
  readonly recovered: Recovered
  /** What was found and put right; the log line and the screen say so. Empty after a clean stop. */
  readonly notices: readonly JournalNotice[]
}

// openJournal(disk: Disk, options: JournalOptions): Promise<Outcome<OpenedJournal, JournalRefused>>
