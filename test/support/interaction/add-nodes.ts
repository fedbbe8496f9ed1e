import type { ConfState, Snapshot } from '../../../src-main/raft/entry.ts'
import { emptyConfState } from '../../../src-main/raft/log/memory-storage.ts'
import { parseBoolean, parseId, parseIndex, parseLimit } from '../arguments.ts'
import type { Directive } from '../datadriven.ts'
import type { Environment } from './environment.ts'
import { ScriptError } from './script-error.ts'
import type { NodeTemplate } from './scripted-node.ts'

type Draft = { -readonly [F in keyof NodeTemplate]: NodeTemplate[F] }
type ConfStateDraft = { -readonly [F in keyof ConfState]: ConfState[F] }

/** `add-nodes <k>`: members from one template, all with the same snapshot if there is one. */
export function addNodes(environment: Environment, directive: Directive): void {
  const count = parseIndex(directive.args[0]?.key ?? '')
  const draft: Draft = {
    electionTick: 3,
    heartbeatTick: 1,
    maxSizePerMsg: Number.POSITIVE_INFINITY,
    maxInflightMsgs: 2 ** 31 - 1,
    random: { below: () => 0 },
    logger: environment.output,
  }
  const confState: ConfStateDraft = { ...emptyConfState }
  for (const { key, values } of directive.args.slice(1)) {
    for (const value of values) {
      if (key === 'voters') confState.voters = [...confState.voters, parseId(value)]
      else if (key === 'learners') confState.learners = [...confState.learners, parseId(value)]
      else set(draft, key, value)
    }
  }
  environment.addNodes(count, draft, firstSnapshot(draft.applied ?? 0, confState))
}

function set(draft: Draft, key: string, value: string): void {
  switch (key) {
    case 'index':
      draft.applied = parseIndex(value)
      return
    case 'inflight':
      draft.maxInflightMsgs = parseLimit(value)
      return
    case 'async-storage-writes':
      draft.asyncStorageWrites = parseBoolean(value)
      return
    case 'prevote':
      draft.preVote = parseBoolean(value)
      return
    case 'checkquorum':
      draft.checkQuorum = parseBoolean(value)
      return
    case 'step-down-on-removal':
      draft.stepDownOnRemoval = parseBoolean(value)
      return
    case 'disable-conf-change-validation':
      draft.disableConfChangeValidation = parseBoolean(value)
      return
    case 'max-committed-size-per-ready':
      draft.maxCommittedSizePerReady = parseLimit(value)
      return
    case 'read-only':
      if (value !== 'safe' && value !== 'lease-based') {
        throw new ScriptError(`invalid read-only option "${value}"`)
      }
      draft.readOnlyOption = value
      return
  }
}

function firstSnapshot(index: number, confState: ConfState): Snapshot {
  const isEmpty = confState.voters.length === 0 && confState.learners.length === 0
  if (index === 0 && isEmpty) return { data: null, metadata: { index: 0, term: 0, confState } }
  if (index <= 1) throw new ScriptError('index must be specified as > 1 due to bootstrap')
  return { data: null, metadata: { index, term: 1, confState } }
}
