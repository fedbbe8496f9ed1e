import { expect, test } from 'vitest'
import { LyingDisk } from '../support/lying-disk.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { afterOp, differs, type Model, outcomesOf } from '../torture/model.ts'
import { beginLife, nextOp, perform, segmentBytes } from '../torture/workload.ts'
import { entries, opened } from './support/opening.ts'

const ops = 30

/** Works with one call failing once; answers how far it came and what may be found then. */
async function workWithFailure(
  disk: LyingDisk,
  k: number,
): Promise<{ allowed: Model[]; isFailed: boolean }> {
  const random = seededRandom(3)
  const life = await beginLife(disk)
  let { model } = life
  const from = disk.calls
  disk.fault = ({ number }) => (number === from + k ? { kind: 'fail', failure: 'broken' } : null)
  for (let n = 0; n < ops; n++) {
    const op = nextOp(model, random)
    try {
      await perform(life.journal, model, op)
    } catch {
      for (let again = 0; again < 3; again++) {
        await expect(life.journal.save(null, entries(1, 1))).rejects.toThrow()
        await expect(perform(life.journal, model, op)).rejects.toThrow()
      }
      await life.journal.close()
      return { allowed: outcomesOf(model, op), isFailed: true }
    }
    model = afterOp(model, op)
  }
  await life.journal.close().catch(() => undefined)
  return { allowed: [model], isFailed: false }
}

test('[scenario 34] EIO once at any call: nothing is acknowledged afterwards, and a restart finds all that was', async () => {
  let failed = 0
  for (let k = 1; k < 180; k++) {
    const disk = new LyingDisk()
    disk.failedSyncDrops = k % 2 === 0
    const { allowed, isFailed } = await workWithFailure(disk, k)
    if (isFailed) failed += 1
    const restarted = [disk.crash(() => false), disk.crash(() => true), disk.copy()]
    for (const again of restarted) {
      const { journal, recovered } = await opened(again, { segmentBytesMax: segmentBytes })
      expect(await differs(recovered, journal, allowed), `call ${k}`).toBeNull()
    }
  }
  expect(failed).toBeGreaterThan(100)
})
