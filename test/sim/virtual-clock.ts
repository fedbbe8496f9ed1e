import type { Clock } from '../../src-shared/base/clock.ts'
import type { Life } from './agenda.ts'
import type { Schedule } from './schedule.ts'

/** The time of one process: the world's, going a little wrong. Timers die with the process. */
export function virtualClock(schedule: Schedule, life: Life, driftPercent: number): Clock {
  const stretched = (ms: number): number => Math.round(ms * 10 * (100 + driftPercent))

  function after(ms: number, call: () => void): () => void {
    let isCancelled = false
    schedule.after(stretched(Math.max(0, ms)), 'timer', life, () => {
      if (!isCancelled) call()
    })
    return () => {
      isCancelled = true
    }
  }

  return {
    now: () => schedule.now / 1_000,
    wall: () => wallAt(schedule.now),
    after,
    every(ms, call) {
      let cancel: () => void = () => undefined
      // Armed again after it has fired: beats that were missed in a pause are dropped.
      const beat = (): void => {
        cancel = after(ms, beat)
        call()
      }
      cancel = after(ms, beat)
      return () => cancel()
    },
  }
}

/** Noon of the first of May 2026, and on. */
const began = Date.UTC(2026, 4, 1, 12)

function wallAt(microseconds: number): string {
  return new Date(began + Math.floor(microseconds / 1_000)).toISOString()
}
