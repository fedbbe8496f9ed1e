/** `npm run sim -- editing --runs N [--seed N]`: devices that type into the same notes, through every kind of trouble. */
import { type Outcome, World } from './editing/world.ts'

export interface Totals {
  readonly runs: number
  tokens: number
  commands: number
  crashes: number
  installs: number
  lost: number
  duplicated: number
  diverged: number
  /** Seeds that went wrong, with what they threw if they did. */
  readonly failed: string[]
}

/** Runs the worlds of the seeds from `first` on. */
export function runEditing(runs: number, first = 1): Totals {
  const totals: Totals = {
    runs,
    tokens: 0,
    commands: 0,
    crashes: 0,
    installs: 0,
    lost: 0,
    duplicated: 0,
    diverged: 0,
    failed: [],
  }
  for (let seed = first; seed < first + runs; seed++) {
    const outcome = runSeed(seed)
    if (typeof outcome === 'string') {
      totals.diverged++
      totals.failed.push(`seed ${seed}: ${outcome}`)
      continue
    }
    totals.tokens += outcome.tokens
    totals.commands += outcome.commands
    totals.crashes += outcome.crashes
    totals.installs += outcome.installs
    totals.lost += outcome.lost
    totals.duplicated += outcome.duplicated
    totals.diverged += outcome.diverged
    if (outcome.lost + outcome.duplicated + outcome.diverged > 0) {
      totals.failed.push(`seed ${seed}: ${JSON.stringify(outcome)}`)
    }
  }
  return totals
}

function runSeed(seed: number): Outcome | string {
  try {
    return new World(seed).run()
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
}

/** Exit code 0 when nothing went wrong. */
export function editing(options: ReadonlyMap<string, string>): number {
  const runs = Number(options.get('runs') ?? 300)
  const started = performance.now()
  const totals = runEditing(runs, Number(options.get('seed') ?? 1))
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  for (const line of totals.failed.slice(0, 10)) console.log(line)
  const { tokens, commands, crashes, installs, lost, duplicated, diverged } = totals
  console.log(`runs: ${runs}, tokens: ${tokens}, entries: ${commands}, seconds: ${seconds}`)
  console.log(`crashes: ${crashes}, snapshots installed: ${installs}`)
  console.log(`lost: ${lost}, duplicated: ${duplicated}, diverged: ${diverged}`)
  return totals.failed.length === 0 ? 0 : 1
}
