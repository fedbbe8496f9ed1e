import type { ConfChange, ConfChangeV2 } from '../entry.ts'

/** How a change takes effect. */
export type Transition =
  | { readonly kind: 'simple' }
  | { readonly kind: 'enter-joint'; readonly autoLeave: boolean }
  | { readonly kind: 'leave-joint' }

/**
 * A single change needs no joint configuration unless its proposer asks for one; leaving one is a
 * change of nothing.
 */
export function transitionOf({ transition, changes }: ConfChangeV2): Transition {
  if (transition === 'ConfChangeTransitionAuto') {
    // The context is the application's: a change of nothing leaves whether it has one or not.
    if (changes.length === 0) return { kind: 'leave-joint' }
    if (changes.length === 1) return { kind: 'simple' }
  }
  return { kind: 'enter-joint', autoLeave: transition !== 'ConfChangeTransitionJointExplicit' }
}

/** The older form as the newer one. */
export function asV2(change: ConfChange | ConfChangeV2): ConfChangeV2 {
  if (change.kind === 'v2') return change
  return {
    kind: 'v2',
    transition: 'ConfChangeTransitionAuto',
    changes: [{ type: change.type, nodeId: change.nodeId }],
    context: change.context,
  }
}
