/** `npm run sim -- --seeds N [--seed S] [--trace] [--minutes M]`: whole groups through bad days, a seed each. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { type Report, runSeed } from './run.ts'
import type { ShardWork } from './shard-worker.ts'

export interface Totals {
  seeds: number
  events: number
  crashRestarts: number
  partitions: number
  acknowledged: number
  reads: number
  violations: number
}

/** Every so many seeds are run a second time: the same seed must be the same run. */
const twiceEvery = 100

export function noTotals(): Totals {
  return {
    seeds: 0,
    events: 0,
    crashRestarts: 0,
    partitions: 0,
    acknowledged: 0,
    reads: 0,
    violations: 0,
  }
}

export function add(totals: Totals, report: Report): void {
  totals.seeds++
  totals.events += report.events
  totals.crashRestarts += report.crashRestarts
  totals.partitions += report.partitions
  totals.acknowledged += report.acknowledged
  totals.reads += report.reads
  totals.violations += report.violations.length
}

/** Exit code 0 when nothing went wrong. */
export async function group(options: ReadonlyMap<string, string>): Promise<number> {
  const first = Number(options.get('seed') ?? 1)
  const minutes = options.get('minutes')
  const endless = minutes === undefined ? 1 : Number.MAX_SAFE_INTEGER
  const count = Number(options.get('seeds') ?? endless)
  const until =
    minutes === undefined ? Number.MAX_SAFE_INTEGER : Date.now() + Number(minutes) * 60_000
  const totals = noTotals()
  const hear = (report: Report): void => {
    add(totals, report)
    for (const violation of report.violations) console.log(`seed ${report.seed}: ${violation}`)
  }
  if (options.has('trace')) hear(await runSeed(first, (line) => console.log(line)))
  else if (count === 1) hear(await runSeed(first))
  else await shard({ first, count, until }, hear)
  console.log(JSON.stringify(totals))
  return totals.violations === 0 ? 0 : 1
}

async function shard(
  work: { readonly first: number; readonly count: number; readonly until: number },
  hear: (report: Report) => void,
): Promise<void> {
  const workers = Math.min(availableParallelism(), work.count)
  const shards: Promise<void>[] = []
  const again: Report[] = []
  for (let number = 0; number < workers; number++) {
    const count = Math.ceil((work.count - number) / workers)
    shards.push(
      runShard(
        { first: work.first + number, step: workers, count, until: work.until },
        (report) => {
          hear(report)
          if (report.seed % twiceEvery === 0) again.push(report)
        },
      ),
    )
  }
  await Promise.all(shards)
  for (const report of again) {
    if (Date.now() > work.until) return
    const { hash, seed } = await runSeed(report.seed)
    if (hash === report.hash) continue
    hear({ ...report, violations: [`the same seed is the same run: ${seed}`] })
  }
}

function runShard(work: ShardWork, hear: (report: Report) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    // Node starts a worker with the loader of its parent's arguments only: the worker is told where it is.
    const file = new URL('./shard-worker.ts', import.meta.url)
    const code = `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))})
      .then(({ register }) => register())
      .then(() => import(${JSON.stringify(file.href)}))`
    const worker = new Worker(code, { eval: true, workerData: work })
    worker.on('message', hear)
    worker.on('error', reject)
    worker.on('exit', () => resolve())
  })
}
