/** Takes the lock of the directory named in its arguments, says so, and holds it until it dies. */
import { lockDirectory } from '../../src-main/host/directory-lock.ts'

const locked = await lockDirectory(process.argv[2] ?? '')
process.stdout.write(`${JSON.stringify(locked.ok ? { held: process.pid } : locked.error)}\n`)
setInterval(() => undefined, 60_000)
