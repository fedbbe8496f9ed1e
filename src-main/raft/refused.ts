import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'

/** Why a message was not taken; it changed nothing. */
export type StepRefused =
  /** A kind that a member makes for itself came from somebody else. */
  | { readonly kind: 'local-message' }
  /** An answer from somebody who is not in the configuration. */
  | { readonly kind: 'peer-not-found' }
  /** No leader, a leader that is about to leave, or too much that waits: propose again later. */
  | { readonly kind: 'proposal-dropped' }
  /** What no member of ours would send; `claim` is what does not hold of it. */
  | { readonly kind: 'malformed'; readonly claim: string }

export type Stepped = Outcome<void, StepRefused>

export const taken: Stepped = ok(undefined)
export const dropped: Stepped = fail({ kind: 'proposal-dropped' })

export function malformed(claim: string): Stepped {
  return fail({ kind: 'malformed', claim })
}
