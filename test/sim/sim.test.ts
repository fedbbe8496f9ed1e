import { expect, test } from 'vitest'
import { add, noTotals } from './group.ts'
import { runSeed } from './run.ts'

/** By the real clock: how long seeds are run, one after the other; a busy machine runs fewer. */
const secondsMax = 25
const seedsMax = 150

test('whole groups through bad days: nobody breaks a rule, nothing acknowledged is lost', {
  timeout: 120_000,
}, async () => {
  const totals = noTotals()
  const until = performance.now() + secondsMax * 1_000
  for (let seed = 1; seed <= seedsMax && performance.now() < until; seed++) {
    const report = await runSeed(seed)
    expect(report.violations, `npm run sim -- --seed ${seed} --trace`).toEqual([])
    add(totals, report)
  }
  expect(totals.seeds).toBeGreaterThan(3)
  expect(totals.crashRestarts).toBeGreaterThan(10)
  expect(totals.acknowledged).toBeGreaterThan(50)
})

test('the same seed is the same run, another one is another', { timeout: 60_000 }, async () => {
  const hashes: number[] = []
  for (const seed of [7, 7, 8, 8]) hashes.push((await runSeed(seed)).hash)
  expect(hashes[0]).toBe(hashes[1])
  expect(hashes[2]).toBe(hashes[3])
  expect(hashes[0]).not.toBe(hashes[2])
})
