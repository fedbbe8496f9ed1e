import type { StepRefused } from '../../../src-main/raft/raw-node.ts'
import type { Outcome } from '../../../src-shared/base/outcome.ts'

/** What a command answers instead of doing its work: part of the expected output, not a failure. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError'
}

const texts: Readonly<Record<string, string>> = {
  'local-message': 'raft: cannot step raft local message',
  'peer-not-found': 'raft: cannot step as peer not found',
  'proposal-dropped': 'raft proposal dropped',
  compacted: 'requested index is unavailable due to compaction',
  unavailable: 'requested entry at index is unavailable',
  'out-of-date': 'requested index is older than the existing snapshot',
  'temporarily-unavailable': 'snapshot is temporarily unavailable',
}

export function describeRefusal(refused: StepRefused | string): string {
  if (typeof refused === 'string') return texts[refused] ?? refused
  return refused.kind === 'malformed' ? refused.claim : (texts[refused.kind] ?? refused.kind)
}

/** The value of what went well; the error of what did not ends the command. */
export function orError<T>(outcome: Outcome<T, StepRefused | string>): T {
  if (!outcome.ok) throw new ScriptError(describeRefusal(outcome.error))
  return outcome.value
}
