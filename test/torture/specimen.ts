import type { Disk } from '../../src-main/journal/disk.ts'
import { examineJournal } from '../../src-main/journal/examine.ts'
import type { Entry, HardState } from '../../src-main/raft/entry.ts'
import { contentOf, entry, hardState, metadata, open, opened } from '../journal/support/opening.ts'
import { LyingDisk } from '../support/lying-disk.ts'

/** A directory that was closed cleanly, and all that it must still say. */
export interface Specimen {
  readonly disk: LyingDisk
  readonly segmentBytesMax: number
  readonly entries: readonly Entry[]
  readonly hardState: HardState
  /** The state at each index that a snapshot was taken at. */
  readonly states: ReadonlyMap<number, Readonly<Record<string, string>>>
}

/** The state machine of the specimens: each entry writes one of seven keys. */
export function stateAt(index: number): Record<string, string> {
  const state: Record<string, string> = {}
  for (let n = Math.max(1, index - 6); n <= index; n++) state[`key-${n % 7}`] = `written by ${n}`
  return state
}

export async function makeSpecimen(shape: {
  entries: number
  snapshots: readonly number[]
  segmentBytesMax: number
}): Promise<Specimen> {
  const disk = new LyingDisk()
  const { segmentBytesMax } = shape
  const { journal } = await opened(disk, { segmentBytesMax })
  const entries: Entry[] = []
  const states = new Map<number, Record<string, string>>()
  for (let n = 1; n <= shape.entries; n++) {
    const next = entry(n, 1 + Math.floor(n / 40), 'x'.repeat((n * 37) % 120))
    entries.push(next)
    await journal.save(hardState(next.term, n - 1, 3n), [next])
    if (!shape.snapshots.includes(n)) continue
    states.set(n, stateAt(n))
    const records = (since: number) =>
      Object.entries(stateAt(n))
        .filter(([, text]) => Number(text.slice('written by '.length)) > since)
        .map(([key, text]) => ({ key, bytes: Buffer.from(text) }))
    await journal.saveSnapshot(metadata(n, next.term), { records }, n)
  }
  await journal.close()
  const last = entries.at(-1)
  return {
    disk,
    segmentBytesMax,
    entries,
    hardState: hardState(last?.term ?? 0, shape.entries - 1, 3n),
    states,
  }
}

export type Answer =
  | { readonly kind: 'refused' }
  | { readonly kind: 'recovered' }
  /** All of it came back, but not a word was said. */
  | { readonly kind: 'unnoticed' }
  | { readonly kind: 'silent'; readonly why: string }

/**
 * Opens a directory that somebody changed. There are two right answers: a refusal that says where
 * and what to do, or all that was there, with a word about what was found.
 */
export async function answerOf(specimen: Specimen, disk: Disk): Promise<Answer> {
  const outcome = await open(disk, { segmentBytesMax: specimen.segmentBytesMax })
  if (!outcome.ok) {
    const { file, offset, advice, message } = outcome.error
    const isUseful = file !== '' && advice !== '' && message !== ''
    if (!isUseful || (offset === null && file.includes('/') && file.includes('-'))) {
      return { kind: 'silent', why: `a refusal without a place: ${JSON.stringify(outcome.error)}` }
    }
    return { kind: 'refused' }
  }
  const { recovered, journal, notices } = outcome.value
  const start = recovered.snapshot?.index ?? 0
  if (!isSameLog(recovered.entries, specimen.entries.slice(start))) {
    return { kind: 'silent', why: `other entries after ${start}` }
  }
  const { term, vote, commit } = recovered.hardState
  const wanted = specimen.hardState
  if (term !== wanted.term || vote !== wanted.vote || commit !== wanted.commit) {
    return { kind: 'silent', why: 'another hard state' }
  }
  const reader = await journal.openSnapshot()
  const content = reader === null ? {} : await contentOf(reader.records())
  const expected = specimen.states.get(start) ?? {}
  const isSame = JSON.stringify(sorted(content)) === JSON.stringify(sorted(expected))
  if (!isSame) return { kind: 'silent', why: `another state at ${start}` }
  return notices.length > 0 ? { kind: 'recovered' } : { kind: 'unnoticed' }
}

/** Doctor may not call a changed directory sound. */
export async function isCalledSound(disk: Disk): Promise<boolean> {
  return (await examineJournal(disk)).verdict === 'sound'
}

function isSameLog(found: readonly Entry[], wanted: readonly Entry[]): boolean {
  if (found.length !== wanted.length) return false
  return wanted.every((entry, n) => {
    const other = found[n]
    if (other === undefined || other.index !== entry.index || other.term !== entry.term)
      return false
    return Buffer.compare(other.data ?? Buffer.alloc(0), entry.data ?? Buffer.alloc(0)) === 0
  })
}

function sorted(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
}
