import { assert } from '../../src-shared/base/assert.ts'
import { becomeCandidate, becomePreCandidate } from './become.ts'
import { nobody } from './entry.ts'
import type { Message, MessageOf } from './message.ts'
import { describeLog, hex, isPromotable, leaderOf, type Raft, send, votersOf } from './raft.ts'

/** What a candidate that was told to take over sends along: its election is not to be put off. */
export const transferContext: Uint8Array = Uint8Array.from('CampaignTransfer', (letter) =>
  letter.charCodeAt(0),
)

export type Campaign = 'pre-election' | 'election' | 'transfer'

/** Begins an election, if this member may lead (paper §5.2). */
export function startElection(raft: Raft, campaign: Campaign): void {
  const { logger } = raft
  const self = hex(raft.id)
  if (raft.role.kind === 'leader') {
    logger.debug(`${self} ignoring MsgHup because already leader`)
  } else if (!isPromotable(raft)) {
    logger.warn(`${self} is unpromotable and can not campaign`)
  } else if (hasUnappliedConfChange(raft)) {
    // The change may have made it no voter any more, or given others the right to vote on it.
    logger.warn(
      `${self} cannot campaign at term ${raft.term} since there are still pending ` +
        'configuration changes to apply',
    )
  } else {
    logger.info(`${self} is starting a new election at term ${raft.term}`)
    askForVotes(raft, campaign)
  }
}

/**
 * The election that a timeout or a driver starts; a transfer is sure to be wanted and asks nobody.
 */
export function usualCampaign({ settings }: Raft): Campaign {
  return settings.preVote ? 'pre-election' : 'election'
}

export function askForVotes(raft: Raft, campaign: Campaign): void {
  const isPre = campaign === 'pre-election'
  if (isPre) becomePreCandidate(raft)
  else becomeCandidate(raft)
  // A pre-vote is about the term that an election would begin (thesis §9.6).
  const term = isPre ? raft.term + 1 : raft.term
  const type = isPre ? 'MsgPreVote' : 'MsgVote'
  const context = campaign === 'transfer' ? transferContext : null
  const { index, term: logTerm } = raft.log.lastEntryId()
  for (const to of votersOf(raft)) {
    if (to === raft.id) {
      // Our own vote counts like any other: once it is durable (paper §5.2, thesis §3.8).
      send(raft, isPre ? 'MsgPreVoteResp' : 'MsgVoteResp', { to, term })
      continue
    }
    raft.logger.info(
      `${describeLog(raft)}] sent ${type} request to ${hex(to)} at term ${raft.term}`,
    )
    send(raft, type, { to, term, index, logTerm, context })
  }
}

type VoteRequest = MessageOf<'MsgVote'> | MessageOf<'MsgPreVote'>

/**
 * Answers a candidate; every role does, a learner too: it may be a voter by now without knowing.
 */
export function answerVote(raft: Raft, message: VoteRequest): void {
  const { type, from, index, logTerm } = message
  const response = type === 'MsgVote' ? 'MsgVoteResp' : 'MsgPreVoteResp'
  const mayVote =
    raft.vote === from ||
    (raft.vote === nobody && leaderOf(raft) === nobody) ||
    (type === 'MsgPreVote' && message.term > raft.term)
  if (mayVote && raft.log.isUpToDate({ term: logTerm, index })) {
    raft.logger.info(`${describeVote(raft, 'cast', message)} at term ${raft.term}`)
    // A pre-vote is about a term of its own; the answer must name it to count for it.
    send(raft, response, { to: from, term: message.term })
    if (type === 'MsgPreVote') return
    assert(raft.vote === nobody || raft.vote === from, '[T2] a member votes once in a term')
    raft.electionElapsed = 0
    raft.vote = from
  } else {
    refuseVote(raft, message)
  }
}

export function refuseVote(raft: Raft, message: VoteRequest): void {
  raft.logger.info(`${describeVote(raft, 'rejected', message)} at term ${raft.term}`)
  // A member without a term, asked by one that has even less log: silence is a refusal too.
  if (raft.term === 0) return
  const type = message.type === 'MsgVote' ? 'MsgVoteResp' : 'MsgPreVoteResp'
  send(raft, type, { to: message.from, term: raft.term, reject: true })
}

/**
 * Whether a candidate is to be left without any answer: our leader is alive, and this candidate may
 * be someone who was cut off or removed and does not know it (thesis §4.2.3, §6.4.1).
 */
export function isUnderLease(raft: Raft, message: Message): message is VoteRequest {
  if (message.type !== 'MsgVote' && message.type !== 'MsgPreVote') return false
  if (isTransfer(message.context)) return false
  const { checkQuorum, electionTick } = raft.settings
  return checkQuorum && leaderOf(raft) !== nobody && raft.electionElapsed < electionTick
}

export function describeIgnoredVote(raft: Raft, message: VoteRequest): string {
  const ticks = raft.settings.electionTick - raft.electionElapsed
  return (
    `${describeVote(raft, 'ignored', message)} at term ${raft.term}: ` +
    `lease is not expired (remaining ticks: ${ticks})`
  )
}

function describeVote(
  raft: Raft,
  verdict: 'cast' | 'rejected' | 'ignored',
  { type, from, logTerm, index }: VoteRequest,
): string {
  const whom = verdict === 'cast' ? 'for' : 'from'
  return (
    `${describeLog(raft)}, vote: ${hex(raft.vote)}] ${verdict} ${type} ${whom} ${hex(from)} ` +
    `[logterm: ${logTerm}, index: ${index}]`
  )
}

function isTransfer(context: Uint8Array | null): boolean {
  return (
    context !== null &&
    context.length === transferContext.length &&
    context.every((byte, at) => byte === transferContext[at])
  )
}

/** Looks through what is committed and not applied, a page at a time. */
function hasUnappliedConfChange(raft: Raft): boolean {
  const { log } = raft
  let found = false
  const range = { low: log.applied + 1, high: log.committed + 1 }
  const scanned = log.scan(range, raft.settings.maxCommittedSizePerReady, (entries) => {
    found = entries.some(({ type }) => type !== 'EntryNormal')
    return found ? 'stop' : 'go on'
  })
  assert(scanned.ok, 'what is not yet applied is in the log')
  return found
}
