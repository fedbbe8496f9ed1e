import { expect, test } from 'vitest'
import { tortureCrashImages } from './crash-images.ts'

test('[scenarios 26 to 30] every disk that a power cut may leave holds what was acknowledged', async () => {
  const said: string[] = []
  const result = await tortureCrashImages({
    seed: 7,
    effort: 'short',
    say: (line) => said.push(line),
  })
  expect(result.failures).toEqual([])
  expect(result.counts.lost).toBe(0)
  for (const line of said) if (line.includes('not tried')) console.log(line)
}, 120_000)
