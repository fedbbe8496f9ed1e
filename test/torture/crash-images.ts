import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NodeDisk } from '../../src-main/host/node-disk.ts'
import type { Random } from '../../src-shared/base/random.ts'
import { open, opened } from '../journal/support/opening.ts'
import { LyingDisk, luck } from '../support/lying-disk.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { afterOp, differs, emptyModel, type Model, modelOf, type Op, outcomesOf } from './model.ts'
import { type Recorded, RecordingDisk, replay } from './recording-disk.ts'
import { Failures, type TortureOptions, type TortureResult } from './torture.ts'
import { nextOp, perform, segmentBytes } from './workload.ts'

/** Of so many unsynced things every subset is tried; of more, random ones. */
const exhaustiveMax = 10

interface Tally {
  readonly counts: {
    prefixes: number
    images: number
    'crashes while recovering': number
    lives: number
  }
  readonly failures: Failures
}

/**
 * A run on the real disk is recorded and turned into the disks that a power cut could have left:
 * every prefix of what was asked, with every subset of what was not synced. Then lives on the lying
 * disk, each ended by a cut between two of its calls, each begun where the last one ended.
 */
export async function tortureCrashImages(options: TortureOptions): Promise<TortureResult> {
  const random = seededRandom(options.seed)
  const isShort = options.effort === 'short'
  const counts = { prefixes: 0, images: 0, 'crashes while recovering': 0, lives: 0 }
  const tally = { counts, failures: new Failures() }
  const { recorded, models, ops } = await record(isShort ? 25 : 200, random)
  options.say(`recorded ${ops.length} operations, ${recorded.length} steps`)
  const share = isShort ? 60 : 1
  for (const sector of [512, 4096]) {
    // Larger sectors make fewer images, most of them among the others: a part of them will do.
    const some = sector === 512 ? share : 4 * share
    await imagesOf({ recorded, models, ops, sector, share: some }, random, tally)
    options.say(`sectors of ${sector}: ${counts.images} images`)
  }
  const target = isShort ? 0 : 100_000
  while (counts.images < target) {
    await imagesOf({ recorded, models, ops, sector: 512, share: -16 }, random, tally)
    options.say(`at random: ${counts.images} images`)
  }
  for (let n = 0; n < { short: 25, full: 1_000, long: 20_000 }[options.effort]; n++)
    await live(random, tally)
  return {
    counts: { ...counts, lost: tally.failures.count },
    failures: tally.failures.shown,
  }
}

interface Recording {
  readonly recorded: readonly Recorded[]
  /** The state before each operation, and after the last. */
  readonly models: readonly Model[]
  readonly ops: readonly Op[]
}

async function record(count: number, random: Random): Promise<Recording> {
  const directory = mkdtempSync(join(tmpdir(), 'quire-images-'))
  const real = new NodeDisk(directory)
  const disk = new RecordingDisk(real)
  const ops: Op[] = []
  const models: Model[] = [emptyModel]
  try {
    const { journal } = await opened(disk, { segmentBytesMax: segmentBytes })
    disk.mark('acknowledged', 0)
    for (let n = 1; n <= count; n++) {
      const model = models.at(-1) ?? emptyModel
      const op = nextOp(model, random)
      ops.push(op)
      models.push(afterOp(model, op))
      disk.mark('begun', n)
      await perform(journal, model, op)
      disk.mark('acknowledged', n)
    }
    await journal.close()
  } finally {
    await real.close()
    rmSync(directory, { recursive: true, force: true })
  }
  return { recorded: disk.recorded, models, ops }
}

/**
 * `share`: one in so many subsets is tried where all could be; below zero: so many at random for each
 * prefix, whatever is pending.
 */
async function imagesOf(
  run: Recording & { readonly sector: number; readonly share: number },
  random: Random,
  tally: Tally,
): Promise<void> {
  const disk = new LyingDisk(run.sector)
  let begun = 0
  let acknowledged = 0
  for (const [step, recorded] of run.recorded.entries()) {
    await replay(disk, recorded)
    if (recorded.kind === 'begun') begun = recorded.op
    if (recorded.kind === 'acknowledged') acknowledged = recorded.op
    tally.counts.prefixes += 1
    const allowed = outcomesAt(run, acknowledged, begun)
    const { pending } = disk
    const isExhaustive = run.share > 0 && pending <= exhaustiveMax
    const images = isExhaustive ? 2 ** pending : run.share < 0 ? -run.share : run.share > 1 ? 3 : 16
    for (let n = 0; n < images; n++) {
      if (isExhaustive && run.share > 1 && random.below(run.share) > 0) continue
      const chance = luck(random)
      const survives = isExhaustive ? (unit: number) => ((n >> unit) & 1) === 1 : chance
      const image = disk.crash(survives)
      await judge(image, allowed, { random, tally, where: `step ${step}, image ${n}` })
    }
  }
}

function outcomesAt(run: Recording, acknowledged: number, begun: number): Model[] {
  const model = run.models[acknowledged] ?? emptyModel
  const op = begun > acknowledged ? run.ops[begun - 1] : undefined
  return op === undefined ? [model] : outcomesOf(model, op)
}

async function judge(
  image: LyingDisk,
  allowed: readonly Model[],
  { random, tally, where }: { random: Random; tally: Tally; where: string },
): Promise<void> {
  tally.counts.images += 1
  let disk = image
  if (random.below(4) === 0) {
    // A second cut, while the first is being put right.
    tally.counts['crashes while recovering'] += 1
    const cutAt = 1 + random.below(25)
    disk.fault = ({ number }) => (number === cutAt ? { kind: 'cut' } : null)
    await open(disk, { segmentBytesMax: segmentBytes })
    disk = disk.crash(luck(random))
  }
  const wrong = await wrongWith(disk, allowed)
  if (wrong !== null) tally.failures.add(`${where}: ${wrong}`)
}

async function wrongWith(disk: LyingDisk, allowed: readonly Model[]): Promise<string | null> {
  const outcome = await open(disk, { segmentBytesMax: segmentBytes })
  if (!outcome.ok) return `refused: ${JSON.stringify(outcome.error)}`
  return differs(outcome.value.recovered, outcome.value.journal, allowed)
}

/** A disk that is cut again and again, at a call of no one's choosing. */
async function live(random: Random, tally: Tally): Promise<void> {
  let disk = new LyingDisk([16, 512, 4096][random.below(3)])
  let allowed: Model[] = [emptyModel]
  for (let life = 0; life < 12; life++) {
    tally.counts.lives += 1
    const cutAt = 1 + random.below(life === 0 ? 60 : 250)
    disk.fault = ({ number }) => (number === cutAt ? { kind: 'cut' } : null)
    const outcome = await open(disk, { segmentBytesMax: segmentBytes })
    if (outcome.ok) {
      const { journal, recovered } = outcome.value
      const model = modelOf(recovered, allowed)
      // When the cut came while the state was read, there is nothing to say about it.
      const wrong = await differs(recovered, journal, allowed).catch(() => null)
      if (wrong !== null) return tally.failures.add(`life ${life}: ${wrong}`)
      allowed = await work(journal, model, random)
    } else if (outcome.error.kind !== 'disk') {
      return tally.failures.add(`life ${life}: refused: ${JSON.stringify(outcome.error)}`)
    }
    disk = disk.crash(luck(random))
  }
}

/** Works until the power goes, or for a while; answers what may be found afterwards. */
async function work(
  journal: Parameters<typeof perform>[0],
  begin: Model,
  random: Random,
): Promise<Model[]> {
  let model = begin
  for (let n = 0; n < 60; n++) {
    const op = nextOp(model, random)
    try {
      await perform(journal, model, op)
    } catch {
      return outcomesOf(model, op)
    }
    model = afterOp(model, op)
  }
  await journal.close().catch(() => undefined)
  return [model]
}
