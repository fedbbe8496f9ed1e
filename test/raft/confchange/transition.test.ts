import { expect, test } from 'vitest'
import {
  asV2,
  type Transition,
  transitionOf,
} from '../../../src-main/raft/confchange/transition.ts'
import type { ConfChange, ConfChangeTransition } from '../../../src-main/raft/entry.ts'

const auto = 'ConfChangeTransitionAuto'
const implicit = 'ConfChangeTransitionJointImplicit'
const explicit = 'ConfChangeTransitionJointExplicit'
const simple: Transition = { kind: 'simple' }
const leaving: Transition = { kind: 'leave-joint' }
const leavesItself: Transition = { kind: 'enter-joint', autoLeave: true }
const waits: Transition = { kind: 'enter-joint', autoLeave: false }

test.each<[ConfChangeTransition, number, Transition]>([
  [auto, 0, leaving],
  [auto, 1, simple],
  [auto, 2, leavesItself],
  [implicit, 0, leavesItself],
  [implicit, 1, leavesItself],
  [implicit, 2, leavesItself],
  [explicit, 0, waits],
  [explicit, 1, waits],
  [explicit, 2, waits],
])('[B72] %s with %i changes', (transition, count, expected) => {
  const changes = [2n, 3n].slice(0, count).map((nodeId) => {
    return { type: 'ConfChangeAddNode' as const, nodeId }
  })
  for (const context of [null, Uint8Array.of(1)]) {
    expect(transitionOf({ kind: 'v2', transition, changes, context })).toEqual(expected)
  }
})

test('the older form of a change is a simple one with the same context', () => {
  const context = Uint8Array.of(7)
  const old: ConfChange = { kind: 'v1', id: 9n, type: 'ConfChangeRemoveNode', nodeId: 3n, context }
  const changes = [{ type: 'ConfChangeRemoveNode', nodeId: 3n }]
  expect(asV2(old)).toEqual({ kind: 'v2', transition: auto, changes, context })
  expect(transitionOf(asV2(old))).toEqual(simple)
})
