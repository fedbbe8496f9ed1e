import { expect, test } from 'vitest'
import { tortureWal } from './wal.ts'

test('every damage to a closed directory is answered with all of it or a refusal, never with silence', async () => {
  const said: string[] = []
  const result = await tortureWal({ seed: 7, effort: 'short', say: (line) => said.push(line) })
  expect(result.failures).toEqual([])
  expect(result.counts.silent).toBe(0)
  for (const line of said) if (line.includes('not tried')) console.log(line)
}, 120_000)
