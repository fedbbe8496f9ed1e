/** A member's disk work in a process of its own: says what was acknowledged, line by line, until it is killed. */
import { writeSync } from 'node:fs'
import { NodeDisk } from '../../src-main/host/node-disk.ts'
import { DiskFailed } from '../../src-main/journal/disk.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { afterOp } from './model.ts'
import { beginLife, nextOp, perform } from './workload.ts'

const [directory = '', seed = '1', count = '1'] = process.argv.slice(2)
const random = seededRandom(Number(seed))
const disk = new NodeDisk(directory)

try {
  const life = await beginLife(disk)
  let { model } = life
  writeSync(1, 'acknowledged 0\n')
  for (let n = 1; n <= Number(count); n++) {
    const op = nextOp(model, random)
    await perform(life.journal, model, op)
    writeSync(1, `acknowledged ${n}\n`)
    model = afterOp(model, op)
  }
  await life.journal.close()
} catch (cause) {
  if (!(cause instanceof DiskFailed) && !String(cause).includes('refused')) throw cause
  writeSync(1, 'stopped\n')
}
