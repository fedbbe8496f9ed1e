import { expect, test } from 'vitest'
import { runEditing } from './editing.ts'

test('300 worlds of two to five devices: every word once, everywhere the same', {
  timeout: 120_000,
}, () => {
  const totals = runEditing(300)
  expect(totals.failed).toEqual([])
  const { lost, duplicated, diverged } = totals
  expect({ lost, duplicated, diverged }).toEqual({ lost: 0, duplicated: 0, diverged: 0 })
  // The worlds are not kinder than meant: there were crashes, snapshots, and many words.
  expect(totals.tokens).toBeGreaterThan(10_000)
  expect(totals.crashes).toBeGreaterThan(50)
  expect(totals.installs).toBeGreaterThan(100)
})
