import { randomBytes, randomInt } from 'node:crypto'
import type { Random } from '../../src-shared/base/random.ts'

/** The real dice, fit for keys. */
export const systemRandom: Random = {
  below: (bound) => randomInt(bound),
  bytes: (length) => randomBytes(length),
}
