/** `npm run torture -- wal|crash-images|kill-points|enospc [--seed N] [--short|--long]` */
import { parseArgs } from 'node:util'
import { tortureCrashImages } from './crash-images.ts'
import { tortureEnospc } from './enospc.ts'
import { tortureKillPoints } from './kill-points.ts'
import type { TortureOptions, TortureResult } from './torture.ts'
import { tortureWal } from './wal.ts'

const tortures: Readonly<Record<string, (options: TortureOptions) => Promise<TortureResult>>> = {
  'kill-points': tortureKillPoints,
  wal: tortureWal,
  'crash-images': tortureCrashImages,
  enospc: tortureEnospc,
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      short: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const name = positionals[0] ?? ''
  const torture = tortures[name]
  if (torture === undefined) {
    console.error(
      `Usage: npm run torture -- ${Object.keys(tortures).join('|')} [--seed N] [--short|--long]`,
    )
    return 2
  }
  const started = performance.now()
  const result = await torture({
    seed: Number(values.seed),
    effort: values.short ? 'short' : values.long ? 'long' : 'full',
    say: (line) => console.log(`${name}: ${line}`),
  })
  for (const failure of result.failures) console.log(`${name}: ${failure}`)
  console.log(`${name}: seed ${values.seed}, ${Math.round((performance.now() - started) / 1000)} s`)
  for (const [what, count] of Object.entries(result.counts)) console.log(`${what}: ${count}`)
  return result.failures.length === 0 ? 0 : 1
}

process.exitCode = await main()
