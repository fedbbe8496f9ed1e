/** Runs the seeds it is told to, and answers with what came of each. */
import { parentPort, workerData } from 'node:worker_threads'
import { runSeed } from './run.ts'

export interface ShardWork {
  readonly first: number
  readonly step: number
  /** At most so many seeds. */
  readonly count: number
  /** By the real clock, in ms since the epoch. */
  readonly until: number
}

const { first, step, count, until } = workerData as ShardWork
for (let number = 0; number < count && Date.now() < until; number++) {
  parentPort?.postMessage(await runSeed(first + number * step))
}
