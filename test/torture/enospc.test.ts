import { expect, test } from 'vitest'
import { tortureEnospc } from './enospc.ts'

test('[scenario 33] the space may run out at any byte: nothing is acknowledged, nothing is lost, it goes on', async () => {
  const said: string[] = []
  const result = await tortureEnospc({ seed: 7, effort: 'short', say: (line) => said.push(line) })
  expect(result.failures).toEqual([])
  expect(result.counts.lost).toBe(0)
  for (const line of said) if (line.includes('not tried')) console.log(line)
}, 120_000)
