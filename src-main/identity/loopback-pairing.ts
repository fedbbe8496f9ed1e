import type { CodeCheck } from './pairing.ts'

const nothing = new Uint8Array(0)
const encoder = new TextEncoder()

/**
 * For two devices on one machine: the code goes over as it is and is compared. It hides nothing from whoever listens
 * and ties nothing to the channel, so it is of use only where nobody else is on the line.
 */
export const loopbackCodeCheck: CodeCheck = {
  typed: (code) => ({
    share: nothing,
    prove: () => encoder.encode(code),
    accepts: () => true,
  }),
  shown: (code) => ({
    answer: () => nothing,
    check: (proof) => (isEqual(proof, encoder.encode(code)) ? nothing : null),
  }),
}

/** Takes as long for a nearly right code as for a wrong one. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (let at = 0; at < b.length; at++) difference |= (a[at] ?? 0) ^ (b[at] ?? 0)
  return difference === 0
}
