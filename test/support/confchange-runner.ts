import {
  type Changed,
  changeSimply,
  enterJoint,
  leaveJoint,
} from '../../src-main/raft/confchange/changer.ts'
import type { ChangeBasis } from '../../src-main/raft/confchange/draft.ts'
import { describeRefused } from '../../src-main/raft/confchange/refused.ts'
import { emptyMembership } from '../../src-main/raft/tracker/configuration.ts'
import { describeConfiguration, describeProgressMap } from '../../src-main/raft/tracker/describe.ts'
import { argumentOf, parseBoolean, singleValue } from './arguments.ts'
import { parseChanges } from './conf-change-text.ts'
import type { Directive, Handler } from './datadriven.ts'

/** A file's environment: one membership, changed by every command that succeeds. */
export function newConfChangeRunner(): Handler {
  let membership = emptyMembership
  let lastIndex = 0
  return (directive) => {
    const limit = { messages: 10, bytes: Number.POSITIVE_INFINITY }
    const changed = run(directive, { membership, lastIndex, limit })
    lastIndex++
    if (typeof changed === 'string') return `${changed}\n`
    if (!changed.ok) return `${describeRefused(changed.error)}\n`
    membership = changed.value
    const { configuration, progress } = membership
    return `${describeConfiguration(configuration)}\n${describeProgressMap(progress)}`
  }
}

/** The text alone where the command itself was refused. */
function run(directive: Directive, basis: ChangeBasis): Changed | string {
  const changes = parseChanges(directive.input)
  if (!changes.ok) return changes.error
  switch (directive.command) {
    case 'simple':
      return changeSimply(basis, changes.value)
    case 'enter-joint':
      return enterJoint(basis, autoLeaveOf(directive), changes.value)
    case 'leave-joint':
      if (changes.value.length > 0) return 'this command takes no input'
      return leaveJoint(basis)
    default:
      return 'unknown command'
  }
}

function autoLeaveOf(directive: Directive): boolean {
  const argument = argumentOf(directive, 'autoleave')
  return argument !== undefined && parseBoolean(singleValue(argument))
}
