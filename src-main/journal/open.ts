import type { Clock } from '../../src-shared/base/clock.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { Random } from '../../src-shared/base/random.ts'
import type { Journal, Recovered } from '../replica/ports.ts'
import { Batch } from './batch.ts'
import { type Disk, DiskFailed } from './disk.ts'
import { isPassing, syncDirForGood } from './durable.ts'
import { DiskJournal, type LiveSegment } from './journal.ts'
import { segmentBytesMax } from './limits.ts'
import { createSegment, type LogEnd, LogWriter, markOf } from './log-writer.ts'
import { createMark, MarkFile } from './mark-file.ts'
import { clean, mendDirectory, mendReserve, noticesOf } from './mend.ts'
import { recoveredFrom } from './recovered.ts'
import { type JournalNotice, type JournalRefused, refused } from './refused.ts'
import { emptyHardState, lastIndexOf, lastTermOf } from './replay.ts'
import { isReserveWhole } from './reserve.ts'
import { journalIdBytes } from './segment.ts'
import { SnapshotShelf, shelfOf } from './snapshot-shelf.ts'
import { type Survey, surveyDirectory, type Unborn } from './survey.ts'
import { runsOf } from './term-runs.ts'

export interface JournalOptions {
  readonly clock: Clock
  readonly random: Random
  /** Smaller than the real one only in tests. */
  readonly segmentBytesMax?: number
  /** Every notice as it comes up: those of the start, and what is found while the journal is in use. */
  readonly onNotice?: (notice: JournalNotice) => void
}

export interface OpenedJournal {
  readonly journal: Journal
  readonly recovered: Recovered
  /** What was found and put right; the log line and the screen say so. Empty after a clean stop. */
  readonly notices: readonly JournalNotice[]
}

/**
 * Opens the log and the snapshots below `disk`, or makes them where there are none. Whoever calls
 * this holds the lock of the directory. A full or read-only disk opens all the same: saving then
 * rejects until there is space.
 */
export async function openJournal(
  disk: Disk,
  options: JournalOptions,
): Promise<Outcome<OpenedJournal, JournalRefused>> {
  const surveyed = await surveyDirectory(disk)
  if (!surveyed.ok) return surveyed
  try {
    if (surveyed.value.kind === 'unborn')
      return ok(await begin(disk, options, surveyed.value.unborn))
    return ok(await goOn(disk, options, surveyed.value.survey))
  } catch (cause) {
    if (!(cause instanceof DiskFailed)) throw cause
    return fail(refused('disk', { file: cause.file }, `It cannot be written: ${cause.message}.`))
  }
}

/** The mark comes first: a log without a mark is then a damaged one, never a young one. */
async function begin(disk: Disk, options: JournalOptions, unborn: Unborn): Promise<OpenedJournal> {
  await clean(disk, unborn.leftovers)
  await disk.makeDir('wal')
  await disk.makeDir('snap')
  await syncDirForGood(disk, '')
  const id = Buffer.from(options.random.bytes(journalIdBytes))
  const young = {
    link: { sequence: 1, checksum: 0 },
    isSealed: false,
    lastIndex: 0,
    lastTerm: 0,
    runs: [],
    hardState: emptyHardState,
    shelf: [],
  }
  const nothing: LogEnd = { segment: { name: '', number: 0 }, offset: 0, ...young }
  await createMark(disk, markOf(id, nothing))
  const make = { batch: new Batch(), journal: id, number: 1, end: young }
  const end: LogEnd = { ...young, ...(await createSegment(disk, make)) }
  await mendReserve(disk)
  const segments = [{ name: end.segment.name, firstIndex: 1 }]
  const journal = assemble(disk, options, {
    id,
    end,
    segments,
    shelf: new SnapshotShelf(disk, []),
    mend: null,
  }).journal
  return {
    journal,
    recovered: { hardState: emptyHardState, snapshot: null, entries: [] },
    notices: [],
  }
}

async function goOn(disk: Disk, options: JournalOptions, survey: Survey): Promise<OpenedJournal> {
  const notices = noticesOf(survey)
  const mend = () => mendDirectory(disk, survey)
  const isMended = await mend().then(
    () => true,
    (cause: unknown) => {
      if (!isPassing(cause)) throw cause
      notices.push({ kind: 'not-mended', file: cause.file, message: cause.message })
      return false
    },
  )
  if (!survey.isReserveWhole) await mendReserve(disk)
  const { log } = survey
  const end: LogEnd = {
    segment: log.last,
    offset: log.end,
    link: log.link,
    isSealed: log.isSealed,
    lastIndex: lastIndexOf(log.replay),
    lastTerm: lastTermOf(log.replay),
    runs: runsOf(log.replay.entries),
    hardState: log.replay.hardState,
    shelf: shelfOf(survey.chains),
  }
  const { journal, writer } = assemble(disk, options, {
    id: log.journal,
    end,
    segments: survey.segments.map(({ name, firstIndex }) => ({ name, firstIndex })),
    shelf: new SnapshotShelf(disk, survey.chains),
    mend: isMended ? null : mend,
  })
  for (const notice of notices) options.onNotice?.(notice)
  if (isMended && survey.chains.length > 0 && survey.spoiled.length > 0) {
    await reshelve(writer, survey)
  }
  return { journal, recovered: recoveredFrom(survey), notices }
}

/** The log forgets a snapshot that did not read back, so that the next start does not look for it. */
async function reshelve(writer: LogWriter, survey: Survey): Promise<void> {
  try {
    const shelf = shelfOf(survey.chains)
    await writer.append({ kind: 'shelve', shelf, isInstalled: false })
  } catch (cause) {
    if (!isPassing(cause)) throw cause
  }
}

function assemble(
  disk: Disk,
  options: JournalOptions,
  own: {
    id: Buffer
    end: LogEnd
    segments: LiveSegment[]
    shelf: SnapshotShelf
    mend: (() => Promise<void>) | null
  },
): { journal: DiskJournal; writer: LogWriter } {
  const writer = new LogWriter({
    disk,
    journal: own.id,
    end: own.end,
    segmentBytesMax: options.segmentBytesMax ?? segmentBytesMax,
    mend: own.mend,
    onBatch: () => journal.onBatch(),
    onSegment: ({ name, firstIndex }) => own.segments.push({ name, firstIndex }),
  })
  const journal: DiskJournal = new DiskJournal({
    disk,
    clock: options.clock,
    id: own.id,
    log: writer,
    mark: new MarkFile(disk),
    shelf: own.shelf,
    segments: own.segments,
    notify: (notice) => options.onNotice?.(notice),
    closing: async () => {
      if (!(await isReserveWhole(disk))) await mendReserve(disk)
    },
  })
  return { journal, writer }
}
