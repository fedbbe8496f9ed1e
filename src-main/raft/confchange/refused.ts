/** Why a configuration was left as it was. */
export type ConfChangeRefused =
  | { readonly kind: 'already-joint' }
  | { readonly kind: 'nothing-to-leave' }
  | { readonly kind: 'zero-voters-joint' }
  | { readonly kind: 'simple-while-joint' }
  | { readonly kind: 'several-voters' }
  | { readonly kind: 'no-voters-left' }
  /** Configuration and progress contradict each other, before the change or after it. */
  | { readonly kind: 'inconsistent'; readonly claim: string }

export function describeRefused(refused: ConfChangeRefused): string {
  switch (refused.kind) {
    case 'already-joint':
      return 'config is already joint'
    case 'nothing-to-leave':
      return "can't leave a non-joint config"
    case 'zero-voters-joint':
      return "can't make a zero-voter config joint"
    case 'simple-while-joint':
      return "can't apply simple config change in joint config"
    case 'several-voters':
      return 'more than one voter changed without entering joint config'
    case 'no-voters-left':
      return 'removed all voters'
    case 'inconsistent':
      return refused.claim
  }
}
