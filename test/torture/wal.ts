import { markName } from '../../src-main/journal/mark-file.ts'
import { markSlotBytes } from '../../src-main/journal/mark-format.ts'
import { readHead, readPayload, recordTrailerBytes } from '../../src-main/journal/record.ts'
import { reserveName } from '../../src-main/journal/reserve.ts'
import { parseSegmentName, segmentHeaderBytes } from '../../src-main/journal/segment.ts'
import type { Random } from '../../src-shared/base/random.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { answerOf, isCalledSound, makeSpecimen, type Specimen } from './specimen.ts'
import { Failures, type TortureOptions, type TortureResult } from './torture.ts'

interface Tally {
  readonly counts: Record<string, number>
  readonly failures: Failures
}

/**
 * Damages a directory that was closed cleanly, once in every way there is: every bit, 0x00 and 0xFF
 * at every offset, every length, every record doubled, dropped, swapped, every file missing or in the
 * place of another. Each time: all of it comes back, with a word about it, or a refusal that names
 * the place; never silence.
 */
export async function tortureWal(options: TortureOptions): Promise<TortureResult> {
  const random = seededRandom(options.seed)
  const isShort = options.effort === 'short'
  const counts = { flips: 0, patterns: 0, truncations: 0, swaps: 0, recovered: 0, refused: 0 }
  const tally = { counts, failures: new Failures() }
  const shapes = isShort
    ? [{ entries: 14, snapshots: [5, 11], segmentBytesMax: 500 }]
    : [
        { entries: 100, snapshots: [], segmentBytesMax: 4096 },
        { entries: 50, snapshots: [20, 30, 45], segmentBytesMax: 2048 },
      ]
  for (const shape of shapes) {
    const specimen = await makeSpecimen(shape)
    await tortureFiles(specimen, tally, { random, isShort })
    await tortureRecords(specimen, tally)
    await tortureWholeFiles(specimen, tally)
    options.say(`${shape.entries} entries, ${shape.snapshots.length} snapshots: done`)
  }
  if (options.effort === 'long') await patternsOnMany(tally, random, options)
  return {
    counts: { ...counts, silent: tally.failures.count },
    failures: tally.failures.shown,
  }
}

/** Five hundred entries: eight patterns at each offset. */
async function patternsOnMany(
  tally: Tally,
  random: Random,
  options: TortureOptions,
): Promise<void> {
  const specimen = await makeSpecimen({ entries: 500, snapshots: [200], segmentBytesMax: 16_384 })
  for (const [name, content] of specimen.disk.files()) {
    if (name === reserveName) continue
    for (let at = 0; at < content.length; at++) {
      for (let n = 0; n < 8; n++) {
        const changed = Buffer.from(content)
        changed[at] = (changed[at] ?? 0) ^ (1 + random.below(255))
        await attempt(specimen, tally, { kind: 'patterns', name, at, content: changed })
      }
    }
    options.say(`500 entries, ${name}: done`)
  }
}

async function tortureFiles(
  specimen: Specimen,
  tally: Tally,
  { random, isShort }: { random: Random; isShort: boolean },
): Promise<void> {
  for (const [name, content] of specimen.disk.files()) {
    const step = name === reserveName ? (isShort ? 1009 : 16) : 1
    for (let at = 0; at < content.length; at += step) {
      // The noise of the reserve and the zeros behind a mark are all alike: one bit of a byte is enough.
      const isDull = name === reserveName || (name === markName && at % markSlotBytes > 80)
      if (isDull && isShort && random.below(40) > 0) continue
      const bits = isShort || isDull ? [random.below(8)] : [0, 1, 2, 3, 4, 5, 6, 7]
      for (const bit of bits) {
        const changed = Buffer.from(content)
        changed[at] = (changed[at] ?? 0) ^ (1 << bit)
        await attempt(specimen, tally, { kind: 'flips', name, at, content: changed })
      }
      for (const value of [0x00, 0xff]) {
        if (content[at] === value || (isShort && random.below(4) > 0)) continue
        const changed = Buffer.from(content)
        changed[at] = value
        await attempt(specimen, tally, { kind: 'patterns', name, at, content: changed })
      }
      if (isShort && random.below(2) > 0) continue
      const cut = content.subarray(0, at)
      await attempt(specimen, tally, { kind: 'truncations', name, at, content: cut })
    }
  }
}

/** Every record of the log doubled, dropped, exchanged with the next one. */
async function tortureRecords(specimen: Specimen, tally: Tally): Promise<void> {
  for (const [name, content] of specimen.disk.files()) {
    if (parseSegmentName(name.slice('wal/'.length)) === null) continue
    const records = recordsIn(content)
    const header = content.subarray(0, segmentHeaderBytes)
    for (let n = 0; n < records.length; n++) {
      const [before, record, after] = [records.slice(0, n), records[n], records.slice(n + 1)]
      if (record === undefined) continue
      const [next, ...rest] = after
      const variants = [
        [...before, record, record, ...after],
        [...before, ...after],
        ...(next === undefined ? [] : [[...before, next, record, ...rest]]),
      ]
      for (const variant of variants) {
        const changed = Buffer.concat([header, ...variant])
        await attempt(specimen, tally, { kind: 'swaps', name, at: n, content: changed })
      }
    }
  }
}

/** Every file missing, and every file in the place of every other. */
async function tortureWholeFiles(specimen: Specimen, tally: Tally): Promise<void> {
  const files = [...specimen.disk.files()]
  for (const [name, own] of files) {
    for (const [other, content] of files) {
      const changed = other === name ? null : content
      if (changed !== null && own.equals(changed)) continue
      await attempt(specimen, tally, { kind: 'swaps', name, at: 0, content: changed })
    }
  }
}

function recordsIn(content: Buffer): Buffer[] {
  const records: Buffer[] = []
  for (let at = segmentHeaderBytes; at < content.length; ) {
    const head = readHead(content, at)
    if (head === null || readPayload(content, head) === null) throw new Error('it is whole')
    const end = head.start + head.length + recordTrailerBytes
    records.push(content.subarray(at, end))
    at = end
  }
  return records
}

interface Damage {
  readonly kind: string
  readonly name: string
  readonly at: number
  /** Null: the file is gone. */
  readonly content: Uint8Array | null
}

async function attempt(specimen: Specimen, tally: Tally, damage: Damage): Promise<void> {
  const { kind, name, at, content } = damage
  const changed = specimen.disk.copy()
  changed.tamper(name, content)
  const answer = await answerOf(specimen, changed)
  tally.counts[kind] = (tally.counts[kind] ?? 0) + 1
  const examined = specimen.disk.copy()
  examined.tamper(name, content)
  const isSound = answer.kind !== 'refused' && (await isCalledSound(examined))
  // A whole file that neither of the two snapshots needs may be missing: nothing is lost with it.
  if (answer.kind === 'unnoticed' && content === null && isSound) {
    tally.counts.recovered = (tally.counts.recovered ?? 0) + 1
  } else if (answer.kind === 'silent')
    tally.failures.add(`${kind} of ${name} at ${at}: ${answer.why}`)
  else if (answer.kind === 'unnoticed')
    tally.failures.add(`${kind} of ${name} at ${at}: not a word`)
  else if (isSound) tally.failures.add(`${kind} of ${name} at ${at}: doctor calls it sound`)
  else tally.counts[answer.kind] = (tally.counts[answer.kind] ?? 0) + 1
}
