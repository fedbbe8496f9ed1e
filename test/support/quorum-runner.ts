import type { NodeId } from '../../src-main/raft/entry.ts'
import { describeIndex, describeMajority } from '../../src-main/raft/quorum/describe.ts'
import {
  allVoters,
  ascending,
  committedByJoint,
  type JointMajority,
  voteOfJoint,
} from '../../src-main/raft/quorum/joint.ts'
import {
  type AckedBy,
  committedByMajority,
  type Majority,
  type VoteOf,
  type VoteResult,
  voteOfMajority,
} from '../../src-main/raft/quorum/majority.ts'
import { parseId, parseIndex } from './arguments.ts'
import type { Directive, Handler } from './datadriven.ts'

interface Question {
  readonly voters: JointMajority
  readonly isJoint: boolean
  /** The voters in the order in which the items are dealt out to them. */
  readonly dealt: readonly NodeId[]
  readonly indexes: readonly number[]
  readonly votes: readonly number[]
}

const voteResultNames: Readonly<Record<VoteResult, string>> = {
  won: 'VoteWon',
  lost: 'VoteLost',
  pending: 'VotePending',
}
// Zero is an item that was left out, in both commands; it can therefore not be an index.
const leftOut = 0
const refusing = 1
const granting = 2

/** Every case stands alone. */
export function newQuorumRunner(): Handler {
  return (directive) => {
    const question = parseQuestion(directive)
    const items = directive.command === 'vote' ? question.votes : question.indexes
    const { dealt } = question
    if (items.length !== dealt.length) return mismatched(allVoters(question.voters), items)
    const itemOf = new Map(dealt.map((id, place) => [id, items[place] ?? leftOut]))
    switch (directive.command) {
      case 'committed':
        return committed(question, (id) => itemOf.get(id) || undefined)
      case 'vote':
        return vote(question, (id) => voteOfItem(itemOf.get(id)))
      default:
        throw new Error(`unknown command: ${directive.command}`)
    }
  }
}

function committed({ voters, isJoint }: Question, ackedBy: AckedBy): string {
  const picture = describeMajority(allVoters(voters), ackedBy)
  if (isJoint) {
    const index = committedByJoint(voters, ackedBy)
    const swapped = committedByJoint(swap(voters), ackedBy)
    const discrepancy = swapped === index ? '' : `${describeIndex(swapped)} <-- via symmetry\n`
    return `${picture}${discrepancy}${describeIndex(index)}\n`
  }
  const index = committedByMajority(voters.incoming, ackedBy)
  const discrepancies = discrepanciesOf(voters.incoming, ackedBy, index)
  return `${picture}${discrepancies}${describeIndex(index)}\n`
}

/** Every other way to the same number; silent as long as they agree. */
function discrepanciesOf(voters: Majority, ackedBy: AckedBy, index: number): string {
  const report = (other: number, how: string) =>
    other === index ? '' : `${describeIndex(other)} <-- ${how}`
  const joined = (outgoing: Majority) => committedByJoint({ incoming: voters, outgoing }, ackedBy)
  let text = report(committedByCounting(voters, ackedBy), 'via alternative computation\n')
  text += report(joined([]), 'via zero-joint quorum\n')
  text += report(joined(voters), 'via self-joint quorum\n')
  for (const id of voters) {
    const acked = ackedBy(id) ?? 0
    if (acked === 0 || acked >= index) continue
    for (const lowered of [acked - 1, 0]) {
      const overlay = (voter: NodeId) => (voter === id ? lowered : ackedBy(voter))
      text += report(committedByMajority(voters, overlay), `overlaying ${id}->${lowered}`)
    }
  }
  return text
}

/**
 * The largest index that a majority has reached, by asking it of every index that anybody has
 * reached.
 */
export function committedByCounting(voters: Majority, ackedBy: AckedBy): number {
  if (voters.length === 0) return Number.POSITIVE_INFINITY
  const reached = voters.map((id) => ackedBy(id) ?? 0)
  const holds = reached.filter(
    (index) => reached.filter((other) => other >= index).length * 2 > voters.length,
  )
  return Math.max(0, ...holds)
}

function vote({ voters, isJoint }: Question, voteOf: VoteOf): string {
  if (!isJoint) return `${voteResultNames[voteOfMajority(voters.incoming, voteOf)]}\n`
  const result = voteOfJoint(voters, voteOf)
  const swapped = voteOfJoint(swap(voters), voteOf)
  const discrepancy = swapped === result ? '' : `${voteResultNames[swapped]} <-- via symmetry\n`
  return `${discrepancy}${voteResultNames[result]}\n`
}

function swap({ incoming, outgoing }: JointMajority): JointMajority {
  return { incoming: outgoing, outgoing: incoming }
}

function voteOfItem(item: number | undefined): boolean | undefined {
  return item === undefined || item === leftOut ? undefined : item === granting
}

function parseQuestion(directive: Directive): Question {
  const incoming: NodeId[] = []
  const outgoing: NodeId[] = []
  const indexes: number[] = []
  const votes: number[] = []
  let isJoint = false
  for (const { key, values } of directive.args) {
    for (const value of values) {
      if (key === 'cfg') incoming.push(parseId(value))
      else if (key === 'cfgj') {
        isJoint = true
        if (value !== 'zero') outgoing.push(parseId(value))
        else if (values.length > 1) throw new Error("cannot mix 'zero' into configuration")
      } else if (key === 'idx') indexes.push(parseItem(value))
      else if (key === 'votes') votes.push(parseVote(value))
      else throw new Error(`unknown arg ${key}`)
    }
  }
  const voters = { incoming: ascending(incoming), outgoing: ascending(outgoing) }
  return { voters, isJoint, dealt: [...new Set([...incoming, ...outgoing])], indexes, votes }
}

function parseItem(value: string): number {
  if (value === '_') return leftOut
  const index = parseIndex(value)
  if (index === 0) throw new Error('cannot use 0 as idx')
  return index
}

function parseVote(value: string): number {
  if (value === '_') return leftOut
  if (value === 'y') return granting
  if (value === 'n') return refusing
  throw new Error(`unknown vote: ${value}`)
}

function mismatched(voters: readonly NodeId[], items: readonly number[]): string {
  const listed = voters.map((id) => `${id}:{}`).join(' ')
  return `error: mismatched input (explicit or _) for voters map[${listed}]: [${items.join(' ')}]\n`
}
