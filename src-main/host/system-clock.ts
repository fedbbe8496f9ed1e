import type { Clock } from '../../src-shared/base/clock.ts'

/** The real time. Timers live here and nowhere else. */
export const systemClock: Clock = {
  now: () => performance.now(),

  wall: () => new Date().toISOString(),

  after(ms, call) {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },

  // An interval fires once after the machine slept, however many beats it missed: nothing to make up for.
  every(ms, call) {
    const timer = setInterval(call, ms)
    return () => clearInterval(timer)
  },
}
