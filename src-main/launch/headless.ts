import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** What a headless device says when it is ready. */
export interface Ready {
  readonly event: 'ready'
  readonly api: string
  readonly peer: string
  readonly deviceId: string
  readonly open: string
}

export interface Headless {
  readonly ready: Ready
  readonly process: ChildProcess
}

/** The built headless shell, beside the program that starts it. */
export const headlessProgram = 'serve.js'

/** Starts a headless device as a process of its own and waits until it is ready. Rejects when it ends before. */
export function startHeadless(program: string, args: readonly string[]): Promise<Headless> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the device ended with code ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) resolve({ ready: JSON.parse(line) as Ready, process: child })
    })
  })
}
