import { inflightsLimit } from './become.ts'
import { confStateOf, isSameConfState, restore } from './confchange/restore.ts'
import type { ConfState } from './entry.ts'
import { isLocal, isResponse, isStorageThread, type Message } from './message.ts'
import { isMember, type Raft } from './raft.ts'
import type { StepRefused } from './refused.ts'

/**
 * Whether a message may come in at all: from here on it is what a member or a storage thread would
 * send. Null: it may.
 */
export function objectionTo(raft: Raft, message: Message): StepRefused | null {
  const { type, from } = message
  if (!isStorageThread(from)) {
    if (isLocal(type)) return { kind: 'local-message' }
    if (isResponse(type) && !isMember(raft, from)) return { kind: 'peer-not-found' }
  }
  const claim = brokenClaim(raft, message)
  return claim === null ? null : { kind: 'malformed', claim }
}

/** The first claim that the message breaks. */
function brokenClaim(raft: Raft, message: Message): string | null {
  switch (message.type) {
    case 'MsgVote':
    case 'MsgPreVote':
      return message.term === 0 ? 'a candidate names its term' : null
    case 'MsgHeartbeat':
      return message.term === 0 ? 'a leader names its term' : null
    case 'MsgApp':
      return message.term === 0 ? 'a leader names its term' : brokenRun(message)
    case 'MsgProp':
      return message.entries.length === 0 ? 'a proposal has an entry' : null
    case 'MsgReadIndex':
      return message.entries.length === 1 ? null : 'a request to read has one entry'
    case 'MsgSnap':
      return brokenSnapshot(raft, message)
    default:
      return null
  }
}

/** Entries follow on what they are said to follow on, in index and in term (paper §5.3). */
function brokenRun({ index, logTerm, term, entries }: Message): string | null {
  let next = index + 1
  let least = logTerm
  for (const entry of entries) {
    if (entry.index !== next) return 'the entries of an append have no gaps'
    if (entry.term < least) return 'the terms of an append never go down'
    least = entry.term
    next++
  }
  return least > term ? 'no entry is of a later term than its leader' : null
}

/** Only a snapshot that would be taken is looked at. */
function brokenSnapshot(raft: Raft, { snapshot }: Message): string | null {
  if (snapshot === null || snapshot.metadata.index <= raft.log.committed) return null
  const { confState } = snapshot.metadata
  if (!namesUs(raft, confState)) return null
  const basis = { lastIndex: snapshot.metadata.index, limit: inflightsLimit(raft) }
  const restored = restore(basis, confState)
  const holds = restored.ok && isSameConfState(confState, confStateOf(restored.value.configuration))
  return holds ? null : 'a snapshot records a possible configuration'
}

function namesUs({ id }: Raft, { voters, learners, votersOutgoing }: ConfState): boolean {
  return voters.includes(id) || learners.includes(id) || votersOutgoing.includes(id)
}
