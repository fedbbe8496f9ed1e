/** `npm run doctor -- --data-dir DIR [--repair]`: is what this directory holds whole? 0 sound, 1 repaired or repairable, 2 damaged. */
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { lockDirectory } from '../host/directory-lock.ts'
import { NodeDisk } from '../host/node-disk.ts'
import { systemClock } from '../host/system-clock.ts'
import { systemRandom } from '../host/system-random.ts'
import type { Disk } from '../journal/disk.ts'
import { type Examination, examineJournal, type Finding } from '../journal/examine.ts'
import { openJournal } from '../journal/open.ts'

const exitCodes = { sound: 0, repairable: 1, damaged: 2 } as const
/** Nothing was examined: wrong arguments, no such directory, or a running Quire. */
const notExamined = 3

const words = {
  sound: 'Sound: every byte of the log and of the snapshots reads back as it was written.',
  repairable: 'Repairable: nothing that was acknowledged is missing.',
  damaged: 'Damaged: something that was acknowledged does not read back.',
} as const

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function wording(finding: Finding): string {
  const place = [
    finding.file,
    finding.offset === null ? null : `offset ${finding.offset}`,
    finding.entryIndex === null ? null : `entry index ${finding.entryIndex}`,
  ].filter((part) => part !== null)
  const label = { note: 'Note', repairable: 'Repairable', damaged: 'Damaged' }[finding.severity]
  const advice = finding.advice === null ? '' : `\n  What to do: ${finding.advice}`
  return `${label}: ${place.join(', ')}\n  ${finding.message}${advice}`
}

function report(examination: Examination): void {
  if (examination.summary !== null) say(examination.summary)
  for (const finding of examination.findings) say(wording(finding))
  say(words[examination.verdict])
}

/** A start puts right all that can be put right; so that is what this does, and stops again. */
async function repair(disk: Disk): Promise<number> {
  const opened = await openJournal(disk, { clock: systemClock, random: systemRandom })
  if (!opened.ok) {
    say(`It could not be repaired: ${opened.error.message} ${opened.error.advice}`)
    return exitCodes.damaged
  }
  await opened.value.journal.close()
  const again = await examineJournal(disk)
  if (again.verdict === 'sound') say('Repaired. What was cut or replaced lies in set-aside/.')
  else report(again)
  return exitCodes[again.verdict === 'damaged' ? 'damaged' : 'repairable']
}

async function examine(path: string, wantsRepair: boolean): Promise<number> {
  const disk = new NodeDisk(path)
  try {
    const examination = await examineJournal(disk)
    report(examination)
    if (examination.verdict !== 'repairable') return exitCodes[examination.verdict]
    if (wantsRepair) return await repair(disk)
    say('The next start repairs it by itself; so does --repair.')
    return exitCodes.repairable
  } finally {
    await disk.close()
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { 'data-dir': { type: 'string' }, repair: { type: 'boolean', default: false } },
  })
  const path = values['data-dir']
  if (path === undefined) {
    say('Usage: npm run doctor -- --data-dir DIR [--repair]')
    return notExamined
  }
  if (!existsSync(path)) {
    say(`There is no directory ${path}.`)
    return notExamined
  }
  const locked = await lockDirectory(path)
  if (!locked.ok) {
    const who = locked.error.pid === null ? '' : ` (process ${locked.error.pid})`
    say(`Quire is using ${path}${who}. Quit it first, then run doctor again.`)
    return notExamined
  }
  try {
    return await examine(path, values.repair)
  } finally {
    await locked.value.release()
  }
}

process.exitCode = await main()
