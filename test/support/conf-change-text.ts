import type { ConfChangeSingle, ConfChangeType } from '../../src-main/raft/entry.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'

const typeOfLetter: ReadonlyMap<string, ConfChangeType> = new Map([
  ['v', 'ConfChangeAddNode'],
  ['l', 'ConfChangeAddLearnerNode'],
  ['r', 'ConfChangeRemoveNode'],
  ['u', 'ConfChangeUpdateNode'],
])
const letterOfType = new Map([...typeOfLetter].map(([letter, type]) => [type, letter]))

const largest = 2n ** 64n - 1n

/** `v1 l2 r3 u4` as changes; the error is the text that a case prints. */
export function parseChanges(text: string): Outcome<readonly ConfChangeSingle[], string> {
  const changes: ConfChangeSingle[] = []
  const tokens = text.trim() === '' ? [] : text.trim().split(' ')
  for (const token of tokens) {
    if (new TextEncoder().encode(token).length < 2) return fail(`unknown token ${token}`)
    const type = typeOfLetter.get(token.slice(0, 1))
    if (type === undefined) return fail(`unknown input: ${token}`)
    const digits = token.slice(1)
    if (!/^[0-9]+$/.test(digits)) return fail(numberError(digits, 'invalid syntax'))
    if (BigInt(digits) > largest) return fail(numberError(digits, 'value out of range'))
    changes.push({ type, nodeId: BigInt(digits) })
  }
  return ok(changes)
}

export function describeChanges(changes: readonly ConfChangeSingle[]): string {
  return changes.map(({ type, nodeId }) => `${letterOfType.get(type)}${nodeId}`).join(' ')
}

function numberError(digits: string, reason: string): string {
  return `strconv.ParseUint: parsing ${JSON.stringify(digits)}: ${reason}`
}
