import { asV2 } from '../../src-main/raft/confchange/transition.ts'
import {
  appendThread,
  applyThread,
  type ConfState,
  type Entry,
  type HardState,
  type NodeId,
  type Snapshot,
} from '../../src-main/raft/entry.ts'
import type { Message } from '../../src-main/raft/message.ts'
import type { ReadState } from '../../src-main/raft/read-only.ts'
import type { Ready, SoftState } from '../../src-main/raft/ready.ts'
import { decodeConfChange, decodeConfChangeV2 } from '../../src-main/raft/wire/conf-change.ts'
import { describeWireRefused } from '../../src-main/raft/wire/refused.ts'
import { describeChanges } from './conf-change-text.ts'
import { quote } from './quote.ts'

/** How scenarios show what raft says. One wrong blank is a failure: these texts are a format. */

export function describeReady(ready: Ready): string {
  const parts = [
    ready.softState === null ? '' : describeSoftState(ready.softState),
    ready.hardState === null ? '' : describeHardState(ready.hardState),
    ready.readStates.length === 0 ? '' : describeReadStates(ready.readStates),
    ready.entries.length === 0 ? '' : `Entries:\n${describeEntries(ready.entries)}`,
    isEmptySnapshot(ready.snapshot) ? '' : `Snapshot ${describeSnapshot(ready.snapshot)}\n`,
    ready.committedEntries.length === 0
      ? ''
      : `CommittedEntries:\n${describeEntries(ready.committedEntries)}`,
    ready.messages.length === 0
      ? ''
      : `Messages:\n${ready.messages.map((each) => `${describeMessage(each)}\n`).join('')}`,
  ].join('')
  return parts === '' ? '<empty Ready>' : `Ready MustSync=${ready.mustSync}:\n${parts}`
}

function describeSoftState({ lead, raftState }: SoftState): string {
  return `Lead:${lead} State:${raftState}\n`
}

export function describeHardState({ term, vote, commit }: HardState): string {
  const voted = vote === 0n ? '' : ` Vote:${vote}`
  return `HardState Term:${term}${voted} Commit:${commit}\n`
}

function describeReadStates(states: readonly ReadState[]): string {
  const each = states.map(
    ({ index, requestContext }) => `{${index} [${[...requestContext].join(' ')}]}`,
  )
  return `ReadStates [${each.join(' ')}]\n`
}

export function describeEntries(entries: readonly Entry[]): string {
  return entries.map((entry) => `${describeEntry(entry)}\n`).join('')
}

export function describeEntry(entry: Entry): string {
  const { type, term, index } = entry
  const payload = describePayload(entry)
  return `${term}/${index} ${type}${payload === '' ? '' : ` ${payload}`}`
}

function describePayload({ type, data }: Entry): string {
  const bytes = data ?? new Uint8Array(0)
  if (type === 'EntryNormal') return quote(bytes)
  const decoded = type === 'EntryConfChange' ? decodeConfChange(bytes) : decodeConfChangeV2(bytes)
  if (!decoded.ok) return describeWireRefused(decoded.error)
  return describeChanges(asV2(decoded.value).changes)
}

/** `indent` is what its first line and, with two blanks more, its inner lines begin with. */
export function describeMessage(message: Message, indent = ''): string {
  const { from, to, type, term, logTerm, index, reject, rejectHint, commit, vote } = message
  let text = `${indent}${describeId(from)}->${describeId(to)} ${type} `
  text += `Term:${term} Log:${logTerm}/${index}`
  if (reject) text += ` Rejected (Hint: ${rejectHint})`
  if (commit !== 0) text += ` Commit:${commit}`
  if (vote !== 0n) text += ` Vote:${vote}`
  text += describeMessageEntries(message.entries, indent)
  if (!isEmptySnapshot(message.snapshot)) {
    text += `\n${indent}  Snapshot: ${describeSnapshot(message.snapshot)}`
  }
  if (message.responses.length === 0) return text
  const responses = message.responses.map((each) => `\n${describeMessage(each, `${indent}  `)}`)
  return `${text} Responses:[${responses.join('')}\n${indent}]`
}

function describeMessageEntries(entries: readonly Entry[], indent: string): string {
  const [first, ...more] = entries
  if (first === undefined) return ''
  if (more.length === 0) return ` Entries:[${describeEntry(first)}]`
  const lines = entries.map((entry) => `\n${indent}  ${describeEntry(entry)}`)
  return ` Entries:[${lines.join('')}\n${indent}]`
}

function isEmptySnapshot(snapshot: Snapshot | null): snapshot is null {
  return snapshot === null || snapshot.metadata.index === 0
}

function describeSnapshot(snapshot: Snapshot): string {
  const { index, term, confState } = snapshot.metadata
  return `Index:${index} Term:${term} ConfState:${describeConfState(confState)}`
}

export function describeConfState(state: ConfState): string {
  return (
    `Voters:[${state.voters.join(' ')}] VotersOutgoing:[${state.votersOutgoing.join(' ')}] ` +
    `Learners:[${state.learners.join(' ')}] LearnersNext:[${state.learnersNext.join(' ')}] ` +
    `AutoLeave:${state.autoLeave}`
  )
}

function describeId(id: NodeId): string {
  if (id === 0n) return 'None'
  if (id === appendThread) return 'AppendThread'
  if (id === applyThread) return 'ApplyThread'
  return id.toString(16)
}

/** Two blanks in front of every line, and a newline at the end of the last one. */
export function indented(text: string): string {
  if (text === '') return ''
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
  return lines.map((line) => `  ${line}\n`).join('')
}
