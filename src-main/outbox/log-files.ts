import type { Disk } from '../journal/disk.ts'
import type { LogFile } from './log-reader.ts'

/*
 * Names in the outbox's directory:
 *
 *   0000000007.log            the log; of several the highest generation counts, the others wait to be tidied away
 *   0000000007.log.tmp        a generation being written, worth nothing until it is renamed
 *   0000000007.log.torn       set aside: its last write did not arrive whole; the newest `tornKeptMax` are kept
 *   0000000007.log.damaged    set aside: acknowledged bytes of it are unreadable; kept until a person removes it
 */
export const tornKeptMax = 4

const digits = 10
const numberedName = /^(\d{10})\.log(.*)$/

export function logNameOf(generation: number): string {
  return `${String(generation).padStart(digits, '0')}.log`
}

export interface LogFiles {
  /** The highest generation first. */
  readonly logs: readonly LogFile[]
  /** Half-written generations, and torn files beyond the number that is kept: full names. */
  readonly litter: readonly string[]
  /** Of any file, so that a name that was set aside is never given again. */
  readonly highestGeneration: number
}

export async function listLogs(disk: Disk, dir: string): Promise<LogFiles> {
  const logs: LogFile[] = []
  const litter: string[] = []
  const torn: string[] = []
  let highestGeneration = 0
  for (const { name, size } of await disk.list(dir)) {
    const [, number, ending] = numberedName.exec(name) ?? []
    if (number === undefined) continue
    const generation = Number(number)
    highestGeneration = Math.max(highestGeneration, generation)
    if (ending === '') logs.push({ name: `${dir}/${name}`, size, generation })
    if (ending === '.tmp') litter.push(`${dir}/${name}`)
    if (ending === '.torn') torn.push(`${dir}/${name}`)
  }
  logs.sort((a, b) => b.generation - a.generation)
  torn.sort()
  litter.push(...torn.slice(0, Math.max(0, torn.length - tornKeptMax)))
  return { logs, litter, highestGeneration }
}
