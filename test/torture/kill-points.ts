import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { NodeDisk } from '../../src-main/host/node-disk.ts'
import { open } from '../journal/support/opening.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { afterOp, differs, emptyModel, type Model, type Op, outcomesOf } from './model.ts'
import { Failures, type TortureOptions, type TortureResult } from './torture.ts'
import { nextOp, segmentBytes } from './workload.ts'

type Deed = 'kill' | 'half' | 'eio'

interface Bench {
  readonly directory: string
  readonly shim: string
  readonly worker: string
  readonly seed: number
  readonly ops: readonly Op[]
  /** Before each operation, and after the last. */
  readonly models: readonly Model[]
}

const opsOf = { short: 12, full: 150, long: 1_000 } as const
/** A start must be quick whatever was left behind. */
const startMsMax = 2_000
const workersAtOnce = 2

/**
 * Runs a fixed workload in a process of its own and kills it at its k-th write, fsync, rename, unlink
 * or truncate, for every k: before the call, and in the middle of a write. Then once more with EIO in
 * place of the kill. What the process said was acknowledged must be there.
 */
export async function tortureKillPoints(options: TortureOptions): Promise<TortureResult> {
  const counts = { points: 0, 'killed before': 0, 'killed within': 0, 'failed with EIO': 0 }
  const failures = new Failures()
  const directory = mkdtempSync(join(tmpdir(), 'quire-kill-'))
  try {
    const bench = await prepare(directory, options)
    if (bench === null) return { counts: { ...counts, lost: 0 }, failures: [] }
    counts.points = await countCalls(bench)
    options.say(`${bench.ops.length} operations make ${counts.points} calls`)
    const random = seededRandom(options.seed)
    const runs: { at: number; deed: Deed }[] = []
    for (let at = 1; at <= counts.points; at++) {
      const deeds: Deed[] = ['kill', 'half', 'eio']
      const chosen = options.effort === 'short' ? [deeds[random.below(3)] ?? 'kill'] : deeds
      if (options.effort === 'short' && random.below(3) > 0) continue
      for (const deed of chosen) runs.push({ at, deed })
    }
    const lane = async (): Promise<void> => {
      for (let run = runs.shift(); run !== undefined; run = runs.shift()) {
        const wrong = await killOnce(bench, run)
        if (wrong !== null) failures.add(`${run.deed} at call ${run.at}: ${wrong}`)
        if (run.deed === 'kill') counts['killed before'] += 1
        else if (run.deed === 'half') counts['killed within'] += 1
        else counts['failed with EIO'] += 1
        if (runs.length % 200 === 0) options.say(`${runs.length} runs to go`)
      }
    }
    await Promise.all(Array.from({ length: workersAtOnce }, lane))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  return { counts: { ...counts, lost: failures.count }, failures: failures.shown }
}

/** Null where there is no compiler. */
async function prepare(directory: string, options: TortureOptions): Promise<Bench | null> {
  const shim = join(directory, 'shim.so')
  const source = join(import.meta.dirname, 'kill-shim.c')
  const compiled = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', shim, source, '-ldl'])
  if (process.platform !== 'linux' || compiled.status !== 0) {
    options.say('not tried: it needs Linux and a C compiler (cc), and one of them is not here')
    return null
  }
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: join(import.meta.dirname, 'kill-worker.ts'),
      outDir: directory,
      emptyOutDir: false,
      rolldownOptions: { output: { entryFileNames: 'worker.mjs' } },
    },
  })
  const random = seededRandom(options.seed)
  const ops: Op[] = []
  const models: Model[] = [emptyModel]
  for (let n = 0; n < opsOf[options.effort]; n++) {
    const model = models.at(-1) ?? emptyModel
    const op = nextOp(model, random)
    ops.push(op)
    models.push(afterOp(model, op))
  }
  return { directory, shim, worker: join(directory, 'worker.mjs'), seed: options.seed, ops, models }
}

async function countCalls(bench: Bench): Promise<number> {
  const report = join(bench.directory, 'calls')
  const data = join(bench.directory, 'counted')
  const { signal } = await work(bench, data, { SHIM_AT: '0', SHIM_REPORT: report })
  if (signal !== null) throw new Error(`the worker died by ${signal} while it was only counted`)
  rmSync(data, { recursive: true, force: true })
  return Number(readFileSync(report, 'utf8'))
}

async function killOnce(
  bench: Bench,
  { at, deed }: { at: number; deed: Deed },
): Promise<string | null> {
  const data = join(bench.directory, `${deed}-${at}`)
  const run = await work(bench, data, { SHIM_AT: String(at), SHIM_DO: deed })
  const acknowledged = lastAcknowledged(run.output)
  const model = bench.models[acknowledged] ?? emptyModel
  const op = bench.ops[acknowledged]
  const allowed = op === undefined ? [model] : outcomesOf(model, op)
  const disk = new NodeDisk(data)
  const started = performance.now()
  const outcome = await open(disk, { segmentBytesMax: segmentBytes })
  const took = performance.now() - started
  const wrong = outcome.ok
    ? await differs(outcome.value.recovered, outcome.value.journal, allowed)
    : `refused: ${JSON.stringify(outcome.error)}`
  await disk.close()
  rmSync(data, { recursive: true, force: true })
  if (wrong !== null) return wrong
  return took < startMsMax ? null : `the start took ${Math.round(took)} ms`
}

function lastAcknowledged(output: string): number {
  const lines = output.split('\n').filter((line) => line.startsWith('acknowledged '))
  return Number(lines.at(-1)?.slice('acknowledged '.length) ?? 0)
}

function work(
  bench: Bench,
  data: string,
  shim: Record<string, string>,
): Promise<{ output: string; signal: string | null }> {
  mkdirSync(data)
  const args = [bench.worker, data, String(bench.seed), String(bench.ops.length)]
  const child = spawn(process.execPath, args, {
    env: { ...process.env, LD_PRELOAD: bench.shim, SHIM_DIR: data, ...shim },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout.on('data', (bytes) => {
      output += String(bytes)
    })
    child.on('error', reject)
    child.on('close', (_code, signal) => resolve({ output, signal }))
  })
}
