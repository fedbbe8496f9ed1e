import { promises } from 'node:fs'

/**
 * Tells a process from a later one that was given the same number: on Linux the boot and the moment
 * of its start; null where that cannot be told.
 */
export async function processMark(pid: number): Promise<string | null> {
  try {
    const boot = await promises.readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    const stat = await promises.readFile(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold anything; the start is field 22, the 20th behind it.
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return started === undefined ? null : `${boot.trim()}/${started}`
  } catch {
    return null
  }
}

/** Whether a process of this number lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    // EPERM: it is there, it is only not ours.
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
}
