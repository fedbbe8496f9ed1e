import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NodeDisk } from '../../src-main/host/node-disk.ts'
import { DiskFailed } from '../../src-main/journal/disk.ts'
import type { Random } from '../../src-shared/base/random.ts'
import { open } from '../journal/support/opening.ts'
import { LyingDisk, luck } from '../support/lying-disk.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { afterOp, differs, type Model, modelOf, type Op, outcomesOf } from './model.ts'
import { Failures, type TortureOptions, type TortureResult } from './torture.ts'
import { beginLife, nextOp, perform, segmentBytes } from './workload.ts'

/** Bytes that are written one position at a time in a full run. */
const positionsMax = 256 * 1024

interface Tally {
  readonly counts: {
    positions: number
    'read-only': number
    starts: number
    'tmpfs rounds': number
  }
  readonly failures: Failures
}

/**
 * Lets the space run out at every byte of a run's writes. Each time: nothing is acknowledged, a
 * start on the full disk finds all that was, and the same operation goes through when there is space.
 */
export async function tortureEnospc(options: TortureOptions): Promise<TortureResult> {
  const random = seededRandom(options.seed)
  const isShort = options.effort === 'short'
  const counts = { positions: 0, 'read-only': 0, starts: 0, 'tmpfs rounds': 0 }
  const tally = { counts, failures: new Failures() }
  const limit = { short: 400, full: positionsMax / 4, long: positionsMax }[options.effort]
  const disk = new LyingDisk()
  let { journal, model } = await beginLife(disk)
  while (counts.positions < limit && tally.failures.count === 0) {
    const op = nextOp(model, random)
    const used = usedBytes(disk)
    let isDone = false
    for (
      let room = 0;
      !isDone && tally.counts.positions < limit + 5_000;
      room += isShort ? 1 + random.below(200) : 1
    ) {
      disk.capacity = used + room
      isDone = await tryOp({ disk, journal, model, op }, random, tally)
    }
    disk.isReadOnly = true
    await readOnly({ disk, journal, model: afterOp(model, op) }, tally)
    disk.isReadOnly = false
    disk.capacity = Number.POSITIVE_INFINITY
    model = afterOp(model, op)
    if (counts.positions % 20 === 0) options.say(`${counts.positions} positions`)
    if (random.below(40) > 0) continue
    await journal.close()
    const outcome = await open(disk, { segmentBytesMax: segmentBytes })
    if (!outcome.ok) throw new Error('a journal that was closed opens')
    journal = outcome.value.journal
  }
  await onTmpfs(options, random, tally)
  return { counts: { ...counts, lost: tally.failures.count }, failures: tally.failures.shown }
}

interface Situation {
  readonly disk: LyingDisk
  readonly journal: Parameters<typeof perform>[0]
  readonly model: Model
  readonly op: Op
}

/** True when there was room after all. */
async function tryOp(situation: Situation, random: Random, tally: Tally): Promise<boolean> {
  const { disk, journal, model, op } = situation
  tally.counts.positions += 1
  try {
    await perform(journal, model, op)
    return true
  } catch (cause) {
    if (!(cause instanceof DiskFailed) || cause.failure !== 'full') {
      tally.failures.add(`position ${tally.counts.positions}: ${String(cause)}`)
      return true
    }
  }
  // A part of the operation may have been answered already: a snapshot, say, but not the entries.
  const allowed = outcomesOf(model, op)
  for (const image of [disk.copy(), disk.crash(luck(random))]) {
    image.capacity = usedBytes(image)
    tally.counts.starts += 1
    const outcome = await open(image, { segmentBytesMax: segmentBytes })
    const wrong = outcome.ok
      ? await differs(outcome.value.recovered, outcome.value.journal, allowed)
      : JSON.stringify(outcome.error)
    if (wrong !== null) tally.failures.add(`position ${tally.counts.positions}: ${wrong}`)
  }
  return tally.failures.count > 0
}

async function readOnly(
  { disk, journal, model }: Omit<Situation, 'op'>,
  tally: Tally,
): Promise<void> {
  tally.counts['read-only'] += 1
  const saving = journal.save({ ...model.hardState, term: model.hardState.term + 1 }, [])
  const answer = await saving.then(
    () => 'it was acknowledged',
    (cause: unknown) => (cause instanceof DiskFailed ? cause.failure : String(cause)),
  )
  if (answer !== 'read-only') tally.failures.add(`read-only: ${answer}`)
  const copy = disk.copy()
  copy.isReadOnly = true
  const outcome = await open(copy, { segmentBytesMax: segmentBytes })
  const wrong = outcome.ok
    ? await differs(outcome.value.recovered, outcome.value.journal, [model])
    : JSON.stringify(outcome.error)
  if (wrong !== null) tally.failures.add(`read-only start: ${wrong}`)
}

function usedBytes(disk: LyingDisk): number {
  let used = 0
  for (const content of disk.files().values()) used += content.length
  return used
}

/** The same on a file system of the kernel's, where we may mount one. */
async function onTmpfs(options: TortureOptions, random: Random, tally: Tally): Promise<void> {
  const mount = mkdtempSync(join(tmpdir(), 'quire-enospc-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'quire', mount])
  if (mounted.status !== 0) {
    rmSync(mount, { recursive: true, force: true })
    options.say('a real tmpfs was not tried: mounting one needs a privilege that is not there')
    return
  }
  try {
    for (let round = 0; round < (options.effort === 'short' ? 3 : 60); round++) {
      await tmpfsRound(join(mount, String(round)), join(mount, 'ballast'), { random, tally })
    }
  } finally {
    spawnSync('umount', [mount])
    rmSync(mount, { recursive: true, force: true })
  }
}

async function tmpfsRound(
  directory: string,
  ballast: string,
  { random, tally }: { random: Random; tally: Tally },
): Promise<void> {
  tally.counts['tmpfs rounds'] += 1
  mkdirSync(directory)
  const disk = new NodeDisk(directory)
  const life = await beginLife(disk)
  let { model } = life
  let failed: Op | null = null
  writeFileSync(ballast, Buffer.alloc(random.below(60) * 1024))
  for (let n = 0; n < 5_000 && failed === null; n++) {
    const op = nextOp(model, random)
    await perform(life.journal, model, op).then(
      () => {
        model = afterOp(model, op)
      },
      (cause: unknown) => {
        if (!(cause instanceof DiskFailed) || cause.failure !== 'full') throw cause
        failed = op
      },
    )
    // Whatever is left goes to somebody else: now and then the disk is full to the last byte.
    if (random.below(30) === 0) fillUp(ballast)
  }
  const allowed = failed === null ? [model] : outcomesOf(model, failed)
  const second = new NodeDisk(directory)
  const outcome = await open(second, { segmentBytesMax: segmentBytes })
  const wrong = outcome.ok
    ? await differs(outcome.value.recovered, outcome.value.journal, allowed)
    : JSON.stringify(outcome.error)
  if (wrong !== null) tally.failures.add(`tmpfs: ${wrong}`)
  rmSync(ballast, { force: true })
  if (outcome.ok) {
    const { journal, recovered } = outcome.value
    const found = modelOf(recovered, allowed)
    const { hardState } = found
    await journal.save({ ...hardState, term: hardState.term + 1, vote: 0n }, [])
    await journal.close()
  }
  await disk.close()
  await second.close()
  rmSync(directory, { recursive: true, force: true })
}

function fillUp(ballast: string): void {
  for (const piece of [16_384, 4_096]) {
    const bytes = Buffer.alloc(piece)
    for (let n = 0; n < 32; n++) {
      try {
        writeFileSync(ballast, bytes, { flag: 'a' })
      } catch {
        break // that was the last of it
      }
    }
  }
}
