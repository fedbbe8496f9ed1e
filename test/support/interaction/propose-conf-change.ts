import type {
  ConfChange,
  ConfChangeSingle,
  ConfChangeTransition,
  ConfChangeV2,
} from '../../../src-main/raft/entry.ts'
import { parseBoolean, parseIndex } from '../arguments.ts'
import { parseChanges } from '../conf-change-text.ts'
import type { Directive } from '../datadriven.ts'
import type { Environment } from './environment.ts'
import { orError, ScriptError } from './script-error.ts'

interface Manner {
  readonly isV1: boolean
  readonly transition: ConfChangeTransition
}

/** `propose-conf-change <id> [v1=…] [transition=…]`, the changes as input. */
export function proposeConfChange(environment: Environment, directive: Directive): void {
  const node = environment.node(parseIndex(directive.args[0]?.key ?? ''))
  const manner = mannerOf(directive)
  const change = changeOf(manner, orError(parseChanges(directive.input)))
  orError(node.raw.proposeConfChange(change))
}

function changeOf(
  { isV1, transition }: Manner,
  changes: readonly ConfChangeSingle[],
): ConfChange | ConfChangeV2 {
  if (!isV1) return { kind: 'v2', transition, changes, context: null }
  if (changes.length > 1 || transition !== 'ConfChangeTransitionAuto') {
    throw new ScriptError('v1 conf change can only have one operation and no transition')
  }
  const [change] = changes
  if (change === undefined) throw new Error('a v1 conf change has one operation')
  return { kind: 'v1', id: 0n, ...change, context: null }
}

function mannerOf({ args }: Directive): Manner {
  let isV1 = false
  let transition: ConfChangeTransition = 'ConfChangeTransitionAuto'
  for (const { key, values } of args.slice(1)) {
    for (const value of values) {
      if (key === 'v1') isV1 = booleanOf(value)
      else if (key === 'transition') transition = transitionOf(value)
      else throw new ScriptError(`unknown command ${key}`)
    }
  }
  return { isV1, transition }
}

function booleanOf(value: string): boolean {
  try {
    return parseBoolean(value)
  } catch {
    const quoted = JSON.stringify(value)
    throw new ScriptError(`strconv.ParseBool: parsing ${quoted}: invalid syntax`)
  }
}

function transitionOf(value: string): ConfChangeTransition {
  switch (value) {
    case 'auto':
      return 'ConfChangeTransitionAuto'
    case 'implicit':
      return 'ConfChangeTransitionJointImplicit'
    case 'explicit':
      return 'ConfChangeTransitionJointExplicit'
    default:
      throw new ScriptError(`unknown transition ${value}`)
  }
}
