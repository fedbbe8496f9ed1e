import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { SnapshotMetadata } from '../raft/entry.ts'
import { type Chain, readChain, type SnapshotFile } from './chain.ts'
import { type Disk, type DiskEntry, DiskFailed } from './disk.ts'
import { temporarySuffix } from './durable.ts'
import { SnapshotDamaged } from './frame-reader.ts'
import { type MarkRead, markName, readMark } from './mark-file.ts'
import { type LogRead, readLog, type SegmentFile } from './read-log.ts'
import { type JournalRefused, refused } from './refused.ts'
import { lastIndexOf, type Replay } from './replay.ts'
import { isReserveWhole } from './reserve.ts'
import { parseSegmentName } from './segment.ts'
import { type Pointer, parseSnapshotName } from './shelf.ts'

/** A snapshot file that does not read back, and why. */
export interface SpoiledSnapshot {
  readonly file: string
  readonly offset: number
  readonly message: string
}

/** All that a stopped directory says, found by reading alone. */
export interface Survey {
  readonly log: LogRead
  readonly segments: readonly SegmentFile[]
  readonly mark: MarkRead
  /** What cannot be read behind the end of the log: a write that never finished. */
  readonly tornBytes: number
  /** The usable snapshots, newest first; the state begins with the first. */
  readonly chains: readonly Chain[]
  readonly spoiled: readonly SpoiledSnapshot[]
  /** Snapshot files that the log does not name: a step that was interrupted. */
  readonly orphans: readonly string[]
  /** Half-made files. */
  readonly leftovers: readonly string[]
  readonly isReserveWhole: boolean
}

/** Nothing yet, or a directory whose making was interrupted before anything was stored in it. */
export interface Unborn {
  readonly leftovers: readonly string[]
}

export type Surveyed =
  | { readonly kind: 'unborn'; readonly unborn: Unborn }
  | { readonly kind: 'log'; readonly survey: Survey }

/** Reads and checks everything in wal/ and snap/; writes nothing. */
export async function surveyDirectory(disk: Disk): Promise<Outcome<Surveyed, JournalRefused>> {
  try {
    return await survey(disk)
  } catch (cause) {
    if (!(cause instanceof DiskFailed)) throw cause
    return fail(refused('disk', { file: cause.file }, `It cannot be read: ${cause.message}.`))
  }
}

async function survey(disk: Disk): Promise<Outcome<Surveyed, JournalRefused>> {
  const wal = await disk.list('wal')
  const snap = await disk.list('snap')
  const leftovers = [...leftoversIn('wal', wal), ...leftoversIn('snap', snap)]
  const segments = wal.flatMap(segmentOf).sort((a, b) => a.number - b.number)
  const mark = await readMark(disk)
  if (!mark.ok) return mark
  if (segments.length === 0) return judgeEmpty(mark.value, snap, leftovers)
  if (mark.value === null) {
    return fail(refused('damaged', { file: markName }, 'It is missing, though there is a log.'))
  }
  const log = await readLog(disk, segments, mark.value.mark.sequence)
  if (!log.ok) return log
  const short = judgeMark(log.value, mark.value)
  if (short !== null) return fail(short)
  const shelved = await readShelf(disk, log.value.replay, snap)
  if (!shelved.ok) return shelved
  const flaw = judgeLog(log.value, shelved.value.chains[0]?.[0]?.metadata ?? null)
  if (flaw !== null) return fail(flaw)
  return ok({
    kind: 'log',
    survey: {
      log: log.value,
      segments,
      mark: mark.value,
      tornBytes: log.value.last.size - log.value.end,
      ...shelved.value,
      leftovers,
      isReserveWhole: await isReserveWhole(disk),
    },
  })
}

function leftoversIn(dir: string, entries: readonly DiskEntry[]): string[] {
  const names = entries.map((entry) => entry.name)
  return names.filter((name) => name.endsWith(temporarySuffix)).map((name) => `${dir}/${name}`)
}

function segmentOf(entry: DiskEntry): SegmentFile[] {
  const parsed = parseSegmentName(entry.name)
  return parsed === null ? [] : [{ name: `wal/${entry.name}`, size: entry.size, ...parsed }]
}

/** No segment: fine before the first was ever made, else everything is lost. */
function judgeEmpty(
  mark: MarkRead | null,
  snap: readonly DiskEntry[],
  leftovers: readonly string[],
): Outcome<Surveyed, JournalRefused> {
  const hasSnapshot = snap.some((entry) => parseSnapshotName(entry.name) !== null)
  if (!hasSnapshot && (mark === null || mark.mark.sequence === 0)) {
    return ok({ kind: 'unborn', unborn: { leftovers } })
  }
  const entryIndex = mark?.mark.lastIndex ?? null
  const words = 'The files of the log are missing, though there was one.'
  return fail(refused('damaged', { file: 'wal', entryIndex }, words))
}

function judgeMark(log: LogRead, { mark }: MarkRead): JournalRefused | null {
  if (!mark.journal.equals(log.journal)) {
    return refused('damaged', { file: markName, offset: 0 }, 'It belongs to another directory.')
  }
  if (mark.sequence < log.link.sequence) return null
  const last = lastIndexOf(log.replay)
  const words = `The log ends in good order after entry ${last}, but wal/mark knows that it once reached entry ${mark.lastIndex} (record ${mark.sequence}).`
  const place = { file: log.last.name, offset: log.end, entryIndex: last + 1 }
  return refused('shorter-than-mark', place, words)
}

/** What must hold between the log and the snapshot that the state begins with. */
function judgeLog(log: LogRead, snapshot: SnapshotMetadata | null): JournalRefused | null {
  const { replay } = log
  const last = lastIndexOf(replay)
  const start = snapshot?.index ?? 0
  const place = { file: log.last.name, entryIndex: last }
  if (replay.base > start) {
    const words = `The log begins after entry ${replay.base}, the snapshot ends at ${start}.`
    return refused('damaged', { file: 'wal', entryIndex: start + 1 }, words)
  }
  const atStart = replay.entries[start - replay.base - 1]
  if (atStart !== undefined && atStart.term !== snapshot?.term) {
    const words = `Entry ${start} has another term than the snapshot that ends with it.`
    return refused('damaged', { ...place, entryIndex: start }, words)
  }
  if (replay.hardState.commit <= Math.max(last, start)) return null
  const words = `Entries up to ${replay.hardState.commit} are committed, the log ends at ${last}.`
  return refused('damaged', place, words)
}

interface Shelved {
  readonly chains: readonly Chain[]
  readonly spoiled: readonly SpoiledSnapshot[]
  readonly orphans: readonly string[]
}

/** Finds the newest snapshot that is whole. An older one serves as long as the log reaches back to it. */
async function readShelf(
  disk: Disk,
  replay: Replay,
  snap: readonly DiskEntry[],
): Promise<Outcome<Shelved, JournalRefused>> {
  const sizes = new Map(snap.map((entry) => [`snap/${entry.name}`, entry.size]))
  const files = new Map<string, SnapshotFile>()
  const chains: Chain[] = []
  const spoiled: SpoiledSnapshot[] = []
  for (const pointer of replay.shelf) {
    const read = await tryChain(disk, pointer, { sizes, files })
    if (read.ok) chains.push(read.value)
    else if (read.error.kind === 'newer-format') return fail(refusedSnapshot(read.error))
    else if (!spoiled.some((one) => one.file === read.error.file)) spoiled.push(read.error)
  }
  const begin = chains[0]?.[0]?.pointer.index ?? 0
  const [first] = spoiled
  if (first !== undefined && replay.base > begin) {
    return fail(refusedSnapshot({ ...first, kind: 'damaged' }))
  }
  const wanted = new Set([...files.keys(), ...spoiled.map((one) => one.file)])
  const orphans = [...sizes.keys()].filter(
    (name) => parseSnapshotName(name.slice('snap/'.length)) !== null && !wanted.has(name),
  )
  return ok({ chains, spoiled, orphans })
}

type ChainFlaw = SpoiledSnapshot & { readonly kind: 'damaged' | 'newer-format' }

async function tryChain(
  disk: Disk,
  pointer: Pointer,
  known: { sizes: ReadonlyMap<string, number>; files: Map<string, SnapshotFile> },
): Promise<Outcome<Chain, ChainFlaw>> {
  try {
    return ok(await readChain(disk, pointer, known))
  } catch (cause) {
    if (!(cause instanceof SnapshotDamaged)) throw cause
    const { kind, file, offset, message } = cause
    return fail({ kind, file, offset, message })
  }
}

function refusedSnapshot(flaw: ChainFlaw): JournalRefused {
  const words =
    flaw.kind === 'newer-format'
      ? 'It has a format that this version does not know.'
      : `The snapshot does not read back: ${flaw.message}. The log alone does not reach back far enough to do without it.`
  return refused(flaw.kind, { file: flaw.file, offset: flaw.offset }, words)
}
