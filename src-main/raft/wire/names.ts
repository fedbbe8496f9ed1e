import { assert } from '../../../src-shared/base/assert.ts'
import type { ConfChangeTransition, ConfChangeType, EntryType } from '../entry.ts'
import { type MessageType, messageTypes } from '../message.ts'

/** Names in the order of their numbers on the wire. */
export const entryTypes = ['EntryNormal', 'EntryConfChange', 'EntryConfChangeV2'] as const
export const confChangeTypes = [
  'ConfChangeAddNode',
  'ConfChangeRemoveNode',
  'ConfChangeUpdateNode',
  'ConfChangeAddLearnerNode',
] as const
export const confChangeTransitions = [
  'ConfChangeTransitionAuto',
  'ConfChangeTransitionJointImplicit',
  'ConfChangeTransitionJointExplicit',
] as const

/**
 * A number that this version has no name for, in decimal: what `decode` yields only when it is
 * asked to keep such.
 */
export type Unnamed = `${number}`

export type AnyEntryType = EntryType | Unnamed
export type AnyMessageType = MessageType | Unnamed
export type AnyConfChangeType = ConfChangeType | Unnamed
export type AnyConfChangeTransition = ConfChangeTransition | Unnamed

const entryNumbers = numbersOf(entryTypes)
const messageNumbers = numbersOf(messageTypes)
const confChangeNumbers = numbersOf(confChangeTypes)
const transitionNumbers = numbersOf(confChangeTransitions)

export function entryTypeNumber(type: AnyEntryType): number {
  // The one that nearly every entry has, without a look-up.
  return type === 'EntryNormal' ? 0 : numberOf(entryNumbers, type)
}

export function messageTypeNumber(type: AnyMessageType): number {
  return numberOf(messageNumbers, type)
}

export function confChangeTypeNumber(type: AnyConfChangeType): number {
  return numberOf(confChangeNumbers, type)
}

export function transitionNumber(transition: AnyConfChangeTransition): number {
  return numberOf(transitionNumbers, transition)
}

function numbersOf(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, number) => [name, number]))
}

function numberOf(numbers: ReadonlyMap<string, number>, name: string): number {
  const number = numbers.get(name) ?? Number(name)
  assert(Number.isInteger(number), `${name} is a name or a number on the wire`)
  return number
}
