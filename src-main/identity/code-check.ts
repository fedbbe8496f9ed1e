import { assert } from '../../src-shared/base/assert.ts'
import type { Random } from '../../src-shared/base/random.ts'
import { joined } from './der.ts'
import { isEqualInSecret } from './equal.ts'
import type { Binding, CodeCheck } from './pairing.ts'
import { type Context, exchange, randomScalar, wordScalar } from './spake2.ts'

const encoder = new TextEncoder()
const salt = 'quire-pairing.1 code'
const exporterLabel = 'EXPERIMENTAL quire-pairing.1'
const exporterBytes = 32

/**
 * The code by SPAKE2. The member that typed it is side A, the newcomer that shows it side B. Both keys and this very
 * channel's secret go in: somebody between the two has two channels with two secrets, so that even the right code at
 * both of them proves nothing.
 */
export function codeCheck(random: Random): CodeCheck {
  return {
    typed: (code, channel) => {
      const own = exchange('a', wordScalar(code, salt), randomScalar(random), contextOf(channel))
      let expected: Uint8Array | null = null
      return {
        share: own.share,
        prove: (share) => {
          const agreed = own.finish(share)
          expected = agreed?.b ?? null
          return agreed?.a ?? null
        },
        accepts: (proof) => expected !== null && isEqualInSecret(proof, expected),
      }
    },
    shown: (code, channel) => {
      const own = exchange('b', wordScalar(code, salt), randomScalar(random), contextOf(channel))
      let agreed: ReturnType<typeof own.finish> = null
      return {
        answer: (share) => {
          agreed = own.finish(share)
          return agreed === null ? null : own.share
        },
        check: (proof) => (agreed !== null && isEqualInSecret(proof, agreed.a) ? agreed.b : null),
      }
    },
  }
}

function contextOf({ typedPin, shownPin, exported }: Binding): Context {
  const secret = exported(exporterLabel, exporterBytes)
  assert(secret.length === exporterBytes, 'the channel exports as many bytes as it was asked for')
  return {
    nameA: encoder.encode('quire member'),
    nameB: encoder.encode('quire newcomer'),
    associated: joined([secret, encoder.encode(typedPin), encoder.encode(shownPin)]),
  }
}
