/**
 * Why bytes were not taken for what they claim to be. `at` counts bytes from the start of the
 * input.
 */
export type WireRefused =
  | { readonly kind: 'truncated'; readonly at: number }
  | { readonly kind: 'malformed'; readonly at: number; readonly claim: string }
  /** A number above 2^53 - 1 in a field that we count with. It is never rounded. */
  | { readonly kind: 'out-of-range'; readonly at: number; readonly field: NumberField }
  /** A kind of entry, message or change that this version has no name for. */
  | { readonly kind: 'unknown-type'; readonly at: number; readonly number: number }
  | { readonly kind: 'too-deep'; readonly at: number }

/** The fields that hold numbers rather than ids. */
export type NumberField = 'term' | 'index' | 'logTerm' | 'commit' | 'rejectHint'

export function describeWireRefused(refused: WireRefused): string {
  switch (refused.kind) {
    case 'truncated':
      return `the bytes end inside of a field at ${refused.at}`
    case 'malformed':
      return `${refused.claim} at ${refused.at}`
    case 'out-of-range':
      return `${refused.field} is above 2^53-1 at ${refused.at}`
    case 'unknown-type':
      return `type ${refused.number} is unknown at ${refused.at}`
    case 'too-deep':
      return `messages within messages go too deep at ${refused.at}`
  }
}
