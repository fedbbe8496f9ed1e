import { type Disk, DiskFailed } from './disk.ts'
import { createWhole, isPassing, removeIfThere, syncDirForGood, syncForGood } from './durable.ts'
import { reserveBytes, setAsideFilesMax } from './limits.ts'
import { MarkFile, markName } from './mark-file.ts'
import type { JournalNotice } from './refused.ts'
import { createReserve, removeReserve, reserveName } from './reserve.ts'
import type { Survey } from './survey.ts'

/** What could not be read and nothing needs lies here until a person removes it. */
export const setAsideDir = 'set-aside'

/** What a start finds to put right, in words. Empty: nothing. */
export function noticesOf(survey: Survey): JournalNotice[] {
  const { log, mark } = survey
  const notices: JournalNotice[] = []
  const note = (kind: JournalNotice['kind'], file: string, message: string): void => {
    notices.push({ kind, file, message })
  }
  if (survey.tornBytes > 0) {
    const words = `The last ${survey.tornBytes} bytes, from ${log.end} on, are a write that never finished and was never acknowledged.`
    note('torn-tail', log.last.name, words)
  }
  for (const slot of mark.badSlots) {
    note('mark-repaired', markName, `Copy ${slot + 1} of 2 does not match its checksum.`)
  }
  if (!survey.isReserveWhole) note('reserve-repaired', reserveName, 'It is missing or changed.')
  for (const { file, message } of survey.spoiled) {
    const isNewest = survey.chains.length < survey.log.replay.shelf.length
    const words = `It does not read back: ${message}.`
    note(isNewest ? 'snapshot-fallback' : 'snapshot-set-aside', file, words)
  }
  for (const file of [...survey.leftovers, ...survey.orphans]) {
    note('cleaned', file, 'It belongs to a step that was interrupted.')
  }
  return notices
}

/**
 * Puts right what a survey found. Every step may be done again; rejects with a DiskFailed, `full` or
 * `read-only` when there is no way to write just now.
 */
export async function mendDirectory(disk: Disk, survey: Survey): Promise<void> {
  await holdFast(disk, survey)
  await clean(disk, [...survey.leftovers, ...survey.orphans])
  if (survey.tornBytes > 0) await cutTail(disk, survey)
  for (const { file } of survey.spoiled) await setAsideSnapshot(disk, file)
  if (survey.mark.badSlots.length > 0) await new MarkFile(disk).settle(survey.mark.mark)
}

/**
 * A process that was killed leaves its last writes in the system's memory, where this one has read
 * them. Raft will build on what was recovered, so it must be on the disk before.
 */
async function holdFast(disk: Disk, { log }: Survey): Promise<void> {
  const names = (await disk.list('')).map((entry) => entry.name)
  if (!names.includes('snap/')) await disk.makeDir('snap') // an empty one that someone removed
  try {
    await disk.sync(log.last.name)
    await disk.syncDir('wal')
    await disk.syncDir('snap')
  } catch (cause) {
    // A read-only disk holds what it has; any other failed sync is final.
    if (cause instanceof DiskFailed && cause.failure === 'full') {
      throw new DiskFailed('broken', cause.file, cause.message)
    }
    throw cause
  }
}

/** The reserve is a comfort: without space for it the journal works all the same. */
export async function mendReserve(disk: Disk): Promise<void> {
  try {
    await createReserve(disk)
  } catch (cause) {
    if (!isPassing(cause)) throw cause
    await clean(disk, [`${reserveName}.tmp`])
  }
}

export async function clean(disk: Disk, files: readonly string[]): Promise<void> {
  for (const file of files) await removeIfThere(disk, file)
}

/** The bytes go to a place of their own first; then the log ends where it is whole. */
async function cutTail(disk: Disk, { log, tornBytes }: Survey): Promise<void> {
  const bytes = await disk.read(log.last.name, log.end, log.end + tornBytes)
  const copy = `${setAsideDir}/${log.last.name.slice('wal/'.length)}-${log.end}`
  try {
    await setAside(disk, copy, bytes)
  } catch (cause) {
    if (!isPassing(cause)) throw cause
    // No space: that is what the reserve is for. It may be too small for all of it, and then its size is kept.
    await removeReserve(disk)
    await setAside(disk, copy, bytes.subarray(0, reserveBytes)).catch(async (again: unknown) => {
      if (!isPassing(again)) throw again
      await clean(disk, [`${copy}.tmp`])
    })
  }
  await disk.truncate(log.last.name, log.end)
  await syncForGood(disk, log.last.name)
}

async function setAside(disk: Disk, copy: string, bytes: Uint8Array): Promise<void> {
  await disk.makeDir(setAsideDir)
  await syncDirForGood(disk, '')
  await createWhole(disk, copy, bytes)
  const kept = await disk.list(setAsideDir)
  const surplus = kept.slice(0, Math.max(0, kept.length - setAsideFilesMax))
  await clean(
    disk,
    surplus.map((entry) => `${setAsideDir}/${entry.name}`),
  )
}

async function setAsideSnapshot(disk: Disk, file: string): Promise<void> {
  await disk.makeDir(setAsideDir)
  await disk.rename(file, `${setAsideDir}/${file.slice('snap/'.length)}`).catch(async (cause) => {
    // Done before, or missing from the start: that is why it was spoiled.
    if ((await disk.list('snap')).some((entry) => `snap/${entry.name}` === file)) throw cause
  })
  await syncDirForGood(disk, setAsideDir)
  await syncDirForGood(disk, 'snap')
}
