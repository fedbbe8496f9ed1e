import { readSnapshotFile } from './chain.ts'
import { type Disk, DiskFailed } from './disk.ts'
import { temporarySuffix } from './durable.ts'
import { SnapshotDamaged } from './frame-reader.ts'
import { noticesOf, setAsideDir } from './mend.ts'
import { type JournalNotice, type JournalRefused, refused } from './refused.ts'
import { lastIndexOf } from './replay.ts'
import { parseSegmentName } from './segment.ts'
import { parseSnapshotName } from './shelf.ts'
import { type Survey, surveyDirectory } from './survey.ts'

export type Verdict = 'sound' | 'repairable' | 'damaged'

export interface Finding {
  /** note: worth knowing, nothing wrong. repairable: the next start puts it right and loses nothing. */
  readonly severity: 'note' | 'repairable' | 'damaged'
  readonly file: string
  readonly offset: number | null
  readonly entryIndex: number | null
  readonly message: string
  readonly advice: string | null
}

export interface Examination {
  readonly verdict: Verdict
  readonly findings: readonly Finding[]
  /** What is there, in one sentence; null when it cannot be told. */
  readonly summary: string | null
}

/** Reads all of wal/ and snap/ of a directory that no process uses, changes nothing, and says what it found. */
export async function examineJournal(disk: Disk): Promise<Examination> {
  const surveyed = await surveyDirectory(disk)
  const notes = await strangers(disk)
  if (!surveyed.ok) {
    const findings = [
      damagedBy(surveyed.error),
      ...(await otherDamage(disk, surveyed.error)),
      ...notes,
    ]
    return { verdict: 'damaged', findings, summary: null }
  }
  if (surveyed.value.kind === 'unborn') {
    const left = surveyed.value.unborn.leftovers.map(leftover)
    const verdict = left.length > 0 ? 'repairable' : 'sound'
    return { verdict, findings: [...left, ...notes], summary: 'Nothing has been stored here yet.' }
  }
  const { survey } = surveyed.value
  const repairs = noticesOf(survey).map(repairable)
  return {
    verdict: repairs.length > 0 ? 'repairable' : 'sound',
    findings: [...repairs, ...notes, ...unevenMark(survey)],
    summary: summaryOf(survey),
  }
}

function damagedBy(refusal: JournalRefused): Finding {
  const { file, offset, entryIndex, message, advice } = refusal
  return { severity: 'damaged', file, offset, entryIndex, message, advice }
}

function repairable({ file, message }: JournalNotice): Finding {
  return { ...nowhere, severity: 'repairable', file, message }
}

function leftover(file: string): Finding {
  const message = 'It belongs to a step that was interrupted.'
  return { ...nowhere, severity: 'repairable', file, message }
}

const nowhere = { offset: null, entryIndex: null, advice: null } as const

/** The log could not be read to its end: which snapshots are whole matters all the more. */
async function otherDamage(disk: Disk, first: JournalRefused): Promise<Finding[]> {
  const found: Finding[] = []
  for (const { name, size } of await listOrNothing(disk, 'snap')) {
    const file = `snap/${name}`
    if (parseSnapshotName(name) === null || file === first.file) continue
    try {
      await readSnapshotFile(disk, file, size)
    } catch (cause) {
      if (cause instanceof SnapshotDamaged) {
        const { offset, message, kind } = cause
        found.push(damagedBy(refused(kind, { file, offset }, `It does not read back: ${message}.`)))
      } else if (cause instanceof DiskFailed) {
        found.push(damagedBy(refused('disk', { file }, `It cannot be read: ${cause.message}.`)))
      } else throw cause
    }
  }
  return found
}

/** Files that are none of the journal's, and what earlier starts set aside. */
async function strangers(disk: Disk): Promise<Finding[]> {
  const known = ['mark', 'reserve']
  const wal = (await listOrNothing(disk, 'wal')).filter(
    ({ name }) => parseSegmentName(name) === null && !known.includes(name),
  )
  const snap = (await listOrNothing(disk, 'snap')).filter(
    ({ name }) => parseSnapshotName(name) === null,
  )
  const strange = [
    ...wal.map(({ name }) => `wal/${name}`),
    ...snap.map(({ name }) => `snap/${name}`),
  ].filter((file) => !file.endsWith(temporarySuffix))
  const aside = await listOrNothing(disk, setAsideDir)
  return [
    ...strange.map((file): Finding => {
      const message = 'Quire did not write this file and does not use it.'
      return { ...nowhere, severity: 'note', file, message }
    }),
    ...aside.map(({ name }): Finding => {
      const message = 'An earlier start could not read this and set it aside. Nothing needs it.'
      return { ...nowhere, severity: 'note', file: `${setAsideDir}/${name}`, message }
    }),
  ]
}

/** A clean stop leaves both copies of the mark at the log's end. */
function unevenMark({ mark, log }: Survey): Finding[] {
  if (!mark.isUneven && mark.mark.sequence === log.link.sequence - 1) return []
  const message = 'This device did not stop cleanly the last time. Nothing is missing.'
  return [{ ...nowhere, severity: 'note', file: 'wal/mark', message }]
}

function summaryOf({ log, chains, segments }: Survey): string {
  const { replay } = log
  const last = lastIndexOf(replay)
  const start = chains[0]?.[0]?.metadata.index ?? 0
  const { term, commit } = replay.hardState
  const snapshot = start === 0 ? 'no snapshot' : `a snapshot of index ${start}`
  const count = segments.length === 1 ? '1 file' : `${segments.length} files`
  return `The log has ${count} and ends at index ${last}; there is ${snapshot}; term ${term}, committed up to ${Math.max(commit, start)}.`
}

async function listOrNothing(disk: Disk, dir: string): Promise<{ name: string; size: number }[]> {
  try {
    return [...(await disk.list(dir))]
  } catch (cause) {
    if (cause instanceof DiskFailed) return [] // the survey has said so already
    throw cause
  }
}
