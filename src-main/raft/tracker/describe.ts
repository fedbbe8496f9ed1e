import type { NodeId } from '../entry.ts'
import { type Configuration, isJoint } from './configuration.ts'
import { isPaused, type Progress, type ProgressState } from './progress.ts'

const stateNames: Readonly<Record<ProgressState, string>> = {
  probe: 'StateProbe',
  replicate: 'StateReplicate',
  snapshot: 'StateSnapshot',
}

/** One line for the log and for a status, ids in hexadecimal as everywhere in the log. */
export function describeConfiguration(configuration: Configuration): string {
  const { voters, learners, learnersNext, autoLeave } = configuration
  let text = `voters=${describeIds(voters.incoming)}`
  if (isJoint(configuration)) text += `&&${describeIds(voters.outgoing)}`
  if (learners.length > 0) text += ` learners=${describeIds(learners)}`
  if (learnersNext.length > 0) text += ` learners_next=${describeIds(learnersNext)}`
  if (autoLeave) text += ' autoleave'
  return text
}

export function describeProgress(progress: Progress): string {
  const { inflights } = progress
  let text = `${stateNames[progress.state]} match=${progress.match} next=${progress.next}`
  if (progress.isLearner) text += ' learner'
  if (isPaused(progress)) text += ' paused'
  if (progress.pendingSnapshot > 0) text += ` pendingSnap=${progress.pendingSnapshot}`
  if (!progress.recentActive) text += ' inactive'
  if (inflights.count > 0) text += ` inflight=${inflights.count}`
  if (inflights.count > 0 && inflights.isFull()) text += '[full]'
  return text
}

/** One line per member, ids in decimal as in every status. */
export function describeProgressMap(progress: ReadonlyMap<NodeId, Progress>): string {
  return [...progress].map(([id, each]) => `${id}: ${describeProgress(each)}\n`).join('')
}

function describeIds(ids: readonly NodeId[]): string {
  return `(${ids.map((id) => id.toString(16)).join(' ')})`
}
