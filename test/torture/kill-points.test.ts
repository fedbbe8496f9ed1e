import { expect, test } from 'vitest'
import { tortureKillPoints } from './kill-points.ts'

test('[scenarios 29 to 31] a process that is killed at any write, sync or rename loses nothing it acknowledged', async () => {
  const said: string[] = []
  const result = await tortureKillPoints({
    seed: 7,
    effort: 'short',
    say: (line) => said.push(line),
  })
  expect(result.failures).toEqual([])
  expect(result.counts.lost).toBe(0)
  for (const line of said) if (line.includes('not tried')) console.log(line)
}, 120_000)
