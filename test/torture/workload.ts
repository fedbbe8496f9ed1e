import type { Disk } from '../../src-main/journal/disk.ts'
import type { HardState } from '../../src-main/raft/entry.ts'
import type { Journal } from '../../src-main/replica/ports.ts'
import type { Random } from '../../src-shared/base/random.ts'
import { metadata, opened } from '../journal/support/opening.ts'
import { LyingDisk } from '../support/lying-disk.ts'
import {
  emptyModel,
  entryOf,
  installedTerms,
  lastOf,
  type Model,
  type Op,
  recordsAt,
} from './model.ts'

/** Small, so that a short run closes many. */
export const segmentBytes = 2048

/** What a member might do next: mostly append; now and then vote, be overwritten, take or be given a snapshot. */
export function nextOp(model: Model, random: Random): Op {
  const dice = random.below(100)
  const last = lastOf(model)
  const commit = Math.max(model.hardState.commit, model.snapshot)
  if (dice < 8) return { saves: [vote(model, random)], snapshot: null }
  if (dice < 16 && last > commit) return { saves: [conflict(model, random)], snapshot: null }
  const saves = appends(model, random)
  if (dice < 28 && commit > model.snapshot) {
    const releaseUpTo = Math.max(0, commit - random.below(12))
    return { saves, snapshot: { kind: 'own', index: commit, releaseUpTo } }
  }
  if (dice < 31) {
    const term = model.hardState.term + random.below(2)
    const index = last + 1 + random.below(30)
    return { saves: [], snapshot: { kind: 'installed', index, term: Math.max(1, term) } }
  }
  return { saves, snapshot: null }
}

type Save = Op['saves'][number]

function appends(model: Model, random: Random): Save[] {
  const saves: Save[] = []
  const term = Math.max(1, model.hardState.term)
  let last = lastOf(model)
  let commit = Math.max(model.hardState.commit, model.snapshot)
  for (let n = 1 + random.below(3); n > 0; n--) {
    const count = random.below(3)
    const entries = Array.from({ length: count }, (_, k) => entryOf(last + 1 + k, term))
    commit += random.below(Math.min(lastOf(model), last) - commit + 1)
    const hardState = { term, vote: model.hardState.vote, commit }
    saves.push({ hardState: random.below(3) > 0 ? hardState : null, entries })
    last += count
  }
  return saves
}

function vote(model: Model, random: Random): Save {
  const term = model.hardState.term + 1
  const hardState: HardState = { ...model.hardState, term, vote: BigInt(1 + random.below(3)) }
  return { hardState, entries: [] }
}

/** Another leader's entries take the place of some that were never committed. */
function conflict(model: Model, random: Random): Save {
  const commit = Math.max(model.hardState.commit, model.snapshot)
  const from = commit + 1 + random.below(lastOf(model) - commit)
  const term = Math.max(model.hardState.term, model.terms.at(-1) ?? 0) + 1
  const entries = Array.from({ length: 1 + random.below(2) }, (_, k) => entryOf(from + k, term))
  return { hardState: { ...model.hardState, term, vote: 0n }, entries }
}

/** Does it, all in one turn. Rejects with the first failure, after everything was answered. */
export async function perform(journal: Journal, model: Model, op: Op): Promise<void> {
  const work: Promise<unknown>[] = op.saves.map((save) =>
    journal.save(save.hardState, save.entries),
  )
  if (op.snapshot?.kind === 'own') {
    const { index, releaseUpTo } = op.snapshot
    const terms = [...model.terms]
    const state = { records: (since: number) => recordsAt(terms, index, since) }
    work.push(journal.saveSnapshot(metadata(index, terms[index]), state, releaseUpTo))
  } else if (op.snapshot?.kind === 'installed') {
    work.push(install(journal, op.snapshot))
  }
  const answers = await Promise.allSettled(work)
  const failed = answers.find((answer) => answer.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

async function install(journal: Journal, snapshot: { index: number; term: number }): Promise<void> {
  const named = metadata(snapshot.index, snapshot.term)
  const bytes = await donation(snapshot)
  const receiver = await journal.receiveSnapshot(named)
  for (let at = 0; at < bytes.length; at += 1024) {
    await receiver.write(at, bytes.subarray(at, at + 1024))
  }
  const staged = await receiver.finish()
  try {
    const reader = await journal.installSnapshot(staged)
    await reader.close()
  } catch (cause) {
    await staged.discard().catch(() => undefined)
    throw cause
  }
}

async function donation({ index, term }: { index: number; term: number }): Promise<Buffer> {
  const { journal } = await opened(new LyingDisk())
  const terms = installedTerms(index, term)
  const state = { records: (since: number) => recordsAt(terms, index, since) }
  await journal.saveSnapshot(metadata(index, term), state, 0)
  const reader = await journal.openSnapshot()
  if (reader === null) throw new Error('a snapshot was saved')
  return Buffer.from(await reader.chunk(0, reader.size))
}

export interface Life {
  readonly journal: Journal
  readonly model: Model
}

export async function beginLife(disk: Disk): Promise<Life> {
  const { journal } = await opened(disk, { segmentBytesMax: segmentBytes })
  return { journal, model: emptyModel }
}
