import { expect, test } from 'vitest'
import { inParallel } from '../../src-main/store/scan.ts'

test('so many work at a time, and no more', async () => {
  let [busy, busiest] = [0, 0]
  const done: number[] = []
  await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    busy += 1
    busiest = Math.max(busiest, busy)
    await null
    await null
    busy -= 1
    done.push(item)
  })
  expect(busiest).toBe(3)
  expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7])
})

test('after a failure nothing new is begun, and what was begun has ended', async () => {
  const ended: number[] = []
  const working = inParallel([1, 2, 3, 4, 5, 6], 2, async (item) => {
    await null
    if (item === 2) throw new Error(`item ${item}`)
    await null
    await null
    ended.push(item)
  })
  await expect(working).rejects.toThrow('item 2')
  expect(ended).toEqual([1])
})
