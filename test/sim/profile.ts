import type { Dice } from './editing/dice.ts'

/**
 * What a seed's world is like. Each draws its own mix: worlds that have a little of everything find little, for each trouble
 * hides behind another (swarm testing, Groce et al. 2012). Times in milliseconds; a period of 0: never.
 */
export interface Profile {
  /** recoverable: once all is healed it must also come to rest. anything: nothing wrong may happen, but it may stand still. */
  readonly kind: 'recoverable' | 'anything'
  /** Members from the beginning, and devices that are added later. */
  readonly founders: number
  readonly newcomers: number
  readonly troubleMs: number
  readonly tickDriftPercent: number
  // Processes
  readonly crashEveryMs: number
  readonly crashAllPercent: number
  /** Crashes per million verbs of the disk, at the verb. */
  readonly crashAtVerb: number
  readonly restartMsMax: number
  readonly pauseEveryMs: number
  readonly pauseMsMax: number
  // Disks
  readonly sectorBytes: number
  readonly verbUsMax: number
  readonly syncMsMax: number
  readonly fullEveryMs: number
  /** Failures per million verbs that are final for the process. */
  readonly brokenVerb: number
  readonly shortWritePercent: number
  /** A bit of a file flips while its device is off. */
  readonly rotPercent: number
  readonly segmentBytes: number
  // Network
  readonly delayMsMax: number
  readonly isOrdered: boolean
  readonly lossPercent: number
  readonly duplicatePercent: number
  readonly cutEveryMs: number
  readonly cutMsMax: number
  readonly oneWayPercent: number
  // People
  readonly writeEveryMs: number
  readonly readEveryMs: number
  readonly transferEveryMs: number
  readonly churnEveryMs: number
  readonly snapshotEntries: number
  readonly trailingEntries: number
}

export function drawProfile(dice: Dice): Profile {
  const some = <T>(percent: number, yes: () => T, no: T): T => (dice.chance(percent) ? yes() : no)
  const between = (low: number, high: number): number => low + dice.below(high - low + 1)
  const kind = dice.chance(75) ? 'recoverable' : 'anything'
  const isHard = kind === 'anything'
  const isCrashing = dice.chance(75)
  return {
    kind,
    founders: dice.pick([1, 3, 3, 3, 5]),
    newcomers: some(30, () => between(1, 2), 0),
    troubleMs: between(4_000, 12_000),
    tickDriftPercent: some(50, () => between(1, 40), 0),
    crashEveryMs: isCrashing ? between(150, 4_000) : 0,
    crashAllPercent: isCrashing ? some(40, () => between(5, 50), 0) : 0,
    crashAtVerb: some(50, () => between(200, 20_000), 0),
    restartMsMax: dice.pick([20, 300, 3_000]),
    pauseEveryMs: some(30, () => between(800, 5_000), 0),
    pauseMsMax: dice.pick([500, 3_000, 30_000]),
    sectorBytes: dice.pick([64, 512, 512, 4_096]),
    verbUsMax: dice.pick([10, 200, 2_000]),
    syncMsMax: dice.pick([1, 5, 30, 150, 400]),
    fullEveryMs: some(15, () => between(1_000, 6_000), 0),
    brokenVerb: isHard ? some(50, () => between(100, 5_000), 0) : 0,
    shortWritePercent: some(30, () => between(1, 20), 0),
    rotPercent: isHard ? some(40, () => between(1, 20), 0) : 0,
    segmentBytes: dice.pick([2_048, 16_384, 1_048_576]),
    delayMsMax: dice.pick([1, 5, 40, 200, 3_000]),
    isOrdered: dice.chance(40),
    lossPercent: some(60, () => between(1, 30), 0),
    duplicatePercent: some(50, () => between(1, 25), 0),
    cutEveryMs: some(60, () => between(300, 5_000), 0),
    cutMsMax: dice.pick([300, 3_000, 8_000]),
    oneWayPercent: some(40, () => between(10, 80), 0),
    writeEveryMs: dice.pick([15, 60, 250]),
    readEveryMs: some(80, () => between(10, 400), 0),
    transferEveryMs: some(25, () => between(300, 3_000), 0),
    churnEveryMs: some(35, () => between(200, 2_500), 0),
    snapshotEntries: dice.pick([8, 40, 200, 10_000]),
    trailingEntries: dice.pick([0, 4, 30, 5_000]),
  }
}

/** A world in which nothing goes wrong, for stories that bring their own trouble. */
export const quietProfile: Profile = {
  kind: 'recoverable',
  founders: 3,
  newcomers: 0,
  troubleMs: 0,
  tickDriftPercent: 0,
  crashEveryMs: 0,
  crashAllPercent: 0,
  crashAtVerb: 0,
  restartMsMax: 100,
  pauseEveryMs: 0,
  pauseMsMax: 0,
  sectorBytes: 512,
  verbUsMax: 10,
  syncMsMax: 1,
  fullEveryMs: 0,
  brokenVerb: 0,
  shortWritePercent: 0,
  rotPercent: 0,
  segmentBytes: 1_048_576,
  delayMsMax: 2,
  isOrdered: true,
  lossPercent: 0,
  duplicatePercent: 0,
  cutEveryMs: 0,
  cutMsMax: 0,
  oneWayPercent: 0,
  writeEveryMs: 0,
  readEveryMs: 0,
  transferEveryMs: 0,
  churnEveryMs: 0,
  snapshotEntries: 10_000,
  trailingEntries: 5_000,
}
