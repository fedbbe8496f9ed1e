import { promises } from 'node:fs'

const unknown = '-'

/**
 * Tells a process from a later one that was given the same number: on Linux the boot and the moment
 * of its start; `-` where that cannot be told.
 */
export async function processMark(pid: number): Promise<string> {
  try {
    const boot = await promises.readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    const stat = await promises.readFile(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold anything; the start is field 22, the 20th behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return `${boot.trim()}/${fields[19] ?? unknown}`
  } catch {
    return unknown
  }
}

/** Whether the process that had this number and mark still lives. */
export async function isAlive(pid: number, mark: string): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (cause) {
    // EPERM: it is there, it is only not ours.
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const now = await processMark(pid)
  return mark === unknown || now === unknown || now === mark
}
