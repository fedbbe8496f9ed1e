import { appendFile, mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../replica/ports.ts'

/** A log file is set aside at this size; `keptLogs` older ones are kept, the oldest goes. */
export const logBytesMax = 5 * 1024 * 1024
export const keptLogs = 2
/** Lines that wait for a slow disk; more are dropped and counted, for the log must never hold up what it tells of. */
export const linesWaitingMax = 10_000

export interface FileLog extends Log {
  /** Writes what waits. */
  close(): Promise<void>
}

type Level = 'debug' | 'info' | 'warn' | 'error'

/** DIR/quire.log, DIR/quire.1.log, …; a line is time, level, text. A disk that refuses a line loses the line, never the member. */
export async function openFileLog(dir: string): Promise<FileLog> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const name = (age: number): string => join(dir, age === 0 ? 'quire.log' : `quire.${age}.log`)
  let size = await stat(name(0)).then(
    (found) => found.size,
    () => 0, // the first start
  )
  let waiting: string[] = []
  let dropped = 0
  let writing: Promise<void> | null = null

  const rotate = async (): Promise<void> => {
    await rm(name(keptLogs), { force: true })
    for (let age = keptLogs; age > 0; age--) {
      await rename(name(age - 1), name(age)).catch(() => undefined) // not that many yet
    }
    size = 0
  }
  const write = async (): Promise<void> => {
    while (waiting.length > 0) {
      const text = `${waiting.join('\n')}\n`
      waiting = []
      if (size > 0 && size + text.length > logBytesMax) await rotate()
      await appendFile(name(0), text, { mode: 0o600 })
      size += text.length
    }
  }
  const add = (level: Level, line: string): void => {
    if (waiting.length >= linesWaitingMax) {
      dropped++
      return
    }
    if (dropped > 0) waiting.push(`${new Date().toISOString()} warn log: ${dropped} lines dropped`)
    dropped = 0
    waiting.push(`${new Date().toISOString()} ${level} ${line.replaceAll('\n', ' | ')}`)
    writing ??= write()
      .catch(() => undefined) // a full disk: the journal says so where it counts
      .finally(() => {
        writing = null
      })
  }
  return {
    debug: (line) => add('debug', line),
    info: (line) => add('info', line),
    warn: (line) => add('warn', line),
    error: (line) => add('error', line),
    async close() {
      while (writing !== null) await writing
    },
  }
}
