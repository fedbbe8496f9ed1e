import type { Entry, HardState } from '../../src-main/raft/entry.ts'
import type { Journal, Recovered } from '../../src-main/replica/ports.ts'
import { contentOf } from '../journal/support/opening.ts'

/** What a member must find again. Content follows from index and term, so terms say it all. */
export interface Model {
  /** Index of the newest snapshot; 0: none. */
  readonly snapshot: number
  /** The term of every entry that was ever at an index and counts, snapshotted ones too; [0] is unused. */
  readonly terms: readonly number[]
  readonly hardState: HardState
}

export const emptyModel: Model = {
  snapshot: 0,
  terms: [0],
  hardState: { term: 0, vote: 0n, commit: 0 },
}

export function lastOf(model: Model): number {
  return model.terms.length - 1
}

export function entryOf(index: number, term: number): Entry {
  const text = `entry ${index} of term ${term} ${'x'.repeat((index * 53 + term * 17) % 400)}`
  return { type: 'EntryNormal', term, index, data: Uint8Array.from(Buffer.from(text)) }
}

/** The state machine: an entry writes one of nine keys; every eleventh entry takes the key away instead. */
export function recordsAt(
  terms: readonly number[],
  index: number,
  since = 0,
): { key: string; bytes: Uint8Array | null }[] {
  const records = new Map<string, { key: string; bytes: Uint8Array | null }>()
  for (let n = index; n > Math.max(0, since, index - 40); n--) {
    const key = `key-${n % 9}`
    if (records.has(key)) continue
    const isGone = n % 11 === 0
    const text = `${n} in ${terms[n]} ${'y'.repeat((n * 97) % 600)}`
    records.set(key, { key, bytes: isGone ? null : Buffer.from(text) })
  }
  return [...records.values()].filter((record) => since > 0 || record.bytes !== null)
}

/** One promise of the journal: what is asked of it in one turn. */
export interface Op {
  readonly saves: readonly { readonly hardState: HardState | null; readonly entries: Entry[] }[]
  /** Taken beside the saves: of our own state, or of another member's. */
  readonly snapshot:
    | { readonly kind: 'own'; readonly index: number; readonly releaseUpTo: number }
    | { readonly kind: 'installed'; readonly index: number; readonly term: number }
    | null
}

/** What may be found when the power went during `op`: every prefix of what it writes. */
export function outcomesOf(model: Model, op: Op): Model[] {
  const found: Model[] = [model]
  let next = model
  for (const { entries } of op.saves) {
    for (const entry of entries) {
      next = { ...next, terms: [...next.terms.slice(0, entry.index), entry.term] }
      found.push(next)
    }
  }
  const hardState = op.saves.map((save) => save.hardState).findLast((each) => each !== null)
  if (hardState !== undefined && hardState !== null) found.push({ ...next, hardState })
  return op.snapshot === null ? found : [...found, ...found.map((each) => withSnapshot(each, op))]
}

/** What must be found once `op` was acknowledged. */
export function afterOp(model: Model, op: Op): Model {
  return outcomesOf(model, op).at(-1) ?? model
}

function withSnapshot(model: Model, { snapshot }: Op): Model {
  if (snapshot === null) return model
  if (snapshot.kind === 'own') return { ...model, snapshot: snapshot.index }
  const { index, term } = snapshot
  // Everything before it is what the other member says it was.
  return { ...model, snapshot: index, terms: installedTerms(index, term) }
}

/** The history that another member's snapshot stands for. */
export function installedTerms(index: number, term: number): number[] {
  return [0, ...Array.from({ length: index }, () => term)]
}

/** Why what was recovered is none of the models; null when it is one. */
export async function differs(
  recovered: Recovered,
  journal: Journal,
  models: readonly Model[],
): Promise<string | null> {
  const reasons = new Set<string>()
  for (const model of models) {
    const reason = differsFrom(recovered, model)
    if (reason === null) return differsInState(recovered, journal, model)
    reasons.add(reason)
  }
  return [...reasons].join('; ')
}

function differsFrom(recovered: Recovered, model: Model): string | null {
  const snapshot = recovered.snapshot?.index ?? 0
  if (snapshot !== model.snapshot) return `snapshot ${snapshot}, not ${model.snapshot}`
  const last = recovered.entries.at(-1)?.index ?? snapshot
  const wanted = Math.max(lastOf(model), snapshot)
  if (last !== wanted) return `ends at ${last}, not at ${wanted}`
  for (const [n, entry] of recovered.entries.entries()) {
    const index = snapshot + 1 + n
    const expected = entryOf(index, model.terms[index] ?? 0)
    const isSame = entry.index === index && entry.term === expected.term
    if (!isSame || Buffer.compare(entry.data ?? Buffer.alloc(0), expected.data ?? Buffer.alloc(0)))
      return `another entry at ${index}`
  }
  const { term, vote, commit } = recovered.hardState
  const terms = [model.hardState.term, model.terms[wanted] ?? 0, model.terms[snapshot] ?? 0]
  const wantedTerm = Math.max(...terms)
  const wantedVote = wantedTerm > model.hardState.term ? 0n : model.hardState.vote
  if (term !== wantedTerm) return `term ${term}, not ${wantedTerm}`
  if (vote !== wantedVote) return `vote ${vote}, not ${wantedVote}`
  const wantedCommit = Math.max(model.hardState.commit, snapshot)
  return commit === wantedCommit ? null : `commit ${commit}, not ${wantedCommit}`
}

async function differsInState(
  recovered: Recovered,
  journal: Journal,
  model: Model,
): Promise<string | null> {
  const reader = await journal.openSnapshot()
  const content = reader === null ? {} : await contentOf(reader.records())
  await reader?.close()
  const index = recovered.snapshot?.index ?? 0
  const wanted = Object.fromEntries(
    recordsAt(model.terms, index).map(({ key, bytes }) => [
      key,
      Buffer.from(bytes ?? []).toString(),
    ]),
  )
  const isSame = JSON.stringify(sorted(content)) === JSON.stringify(sorted(wanted))
  return isSame ? null : `another state at ${index}`
}

function sorted(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** What a start found, as the model of the next life. */
export function modelOf(recovered: Recovered, before: readonly Model[]): Model {
  const snapshot = recovered.snapshot?.index ?? 0
  const past = before.find((model) => model.snapshot === snapshot) ?? before[0] ?? emptyModel
  const terms = [...past.terms.slice(0, snapshot + 1), ...recovered.entries.map((e) => e.term)]
  return { snapshot, terms, hardState: recovered.hardState }
}
