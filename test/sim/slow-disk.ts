import type { Call, Fault } from '../support/lying-disk.ts'
import type { Life } from './agenda.ts'
import type { Dice } from './editing/dice.ts'
import type { Profile } from './profile.ts'
import type { Schedule } from './schedule.ts'

export interface Slowness {
  readonly schedule: Schedule
  readonly dice: Dice
  readonly profile: Profile
  readonly life: Life
  /** False once the world is healed. */
  isTroubled(): boolean
  /** The power goes, at this very verb. */
  crash(): void
}

const reading: ReadonlySet<string> = new Set(['read', 'list'])
const million = 1_000_000

/** What a disk does with a call of a process: it takes its time, and sometimes it fails. A dead process never hears of it. */
export function slowness(options: Slowness): (call: Call) => Promise<Fault | null> {
  const { schedule, dice, profile, life } = options
  return (call) =>
    new Promise((resolve) => {
      if (!life.isAlive) return
      const isChange = !reading.has(call.verb)
      if (isChange && options.isTroubled() && dice.below(million) < profile.crashAtVerb) {
        return options.crash()
      }
      const fault = isChange && options.isTroubled() ? faultOf(call, dice, profile) : null
      schedule.after(latency(call, dice, profile), call.verb, life, () => resolve(fault))
    })
}

function faultOf({ verb }: Call, dice: Dice, profile: Profile): Fault | null {
  if (dice.below(million) < profile.brokenVerb) return { kind: 'fail', failure: 'broken' }
  if (verb === 'write' && dice.chance(profile.shortWritePercent)) {
    return { kind: 'short', bytes: 1 + dice.below(300) }
  }
  return null
}

/** Most are quick; a few take as long as it can get. */
function latency({ verb }: Call, dice: Dice, profile: Profile): number {
  const isSync = verb === 'sync' || verb === 'syncDir'
  const most = isSync ? profile.syncMsMax * 1_000 : profile.verbUsMax
  return 1 + dice.below(dice.chance(10) ? most : Math.ceil(most / 8))
}
