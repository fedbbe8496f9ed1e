import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NodeDisk } from '../../src-main/host/node-disk.ts'
import { systemClock } from '../../src-main/host/system-clock.ts'
import { type NoteStore, openStore } from '../../src-main/store/note-store.ts'
import type { Note } from '../../src-shared/notes/note.ts'
import { note } from '../store/examples.ts'

/** About 2.3 KB of text each, as in a store of 10,000 notes and 23 MB. */
const body = 'Some words of a note of middling length, a line of it.\n'.repeat(42)
const many = 10_000
const few = 100

/** The projection on a real disk: what a reflection costs its caller, and what the writing behind costs the disk. */
export async function benchStore(print: (line: object) => void): Promise<void> {
  const [large, small] = [await filled(many), await filled(few)]
  print({ figure: 'all notes written, and read back', notes: many, ...large.figures })
  const [costMany, costFew] = alternately(large, small)
  print({ figure: 'reflections per second, written behind', perSecond: await behind(large) })
  print({ figure: 'ns a reflection', notes: many, value: rounded(costMany) })
  print({ figure: 'ns a reflection', notes: few, value: rounded(costFew) })
  print({
    figure: 'ratio of a reflection, 10,000 to 100 notes',
    value: rounded(costMany / costFew),
  })
  const [editMany, editFew] = await edits(large, small)
  print({ figure: 'ms until one edit is on the disk', notes: many, value: rounded(editMany) })
  print({ figure: 'ms until one edit is on the disk', notes: few, value: rounded(editFew) })
  print({ figure: 'ratio of an edit, 10,000 to 100 notes', value: rounded(editMany / editFew) })
  for (const each of [large, small]) await each.end()
}

interface Filled {
  readonly store: NoteStore
  readonly notes: number
  readonly figures: object
  next(number: number): Note
  end(): Promise<void>
}

async function filled(notes: number): Promise<Filled> {
  const root = mkdtempSync(join(tmpdir(), 'quire-bench-'))
  const disk = new NodeDisk(root)
  let index = 0
  const next = (number: number) => {
    index += 1
    return note(number, index, { body })
  }
  const store = await open(disk)
  store.reconcile([], 0)
  const began = performance.now()
  for (let number = 0; number < notes; number++) store.reflect(next(number))
  await store.flush()
  const written = performance.now()
  await store.close()
  const again = await open(disk)
  const reading = performance.now()
  const report = await again.load(() => undefined)
  const read = performance.now()
  const figures = {
    writeMs: rounded(written - began),
    notesPerSecond: Math.round((notes / (written - began)) * 1000),
    loadMs: rounded(read - reading),
    complete: report.complete,
  }
  const end = async () => {
    await again.close()
    await disk.close()
    rmSync(root, { recursive: true })
  }
  return { store: again, notes, figures, next, end }
}

async function open(disk: NodeDisk): Promise<NoteStore> {
  const outcome = await openStore(disk, { clock: systemClock, dir: 'notes' })
  if (!outcome.ok) throw new Error(outcome.error.kind)
  return outcome.value
}

/** In turns, so that what the machine does besides hits both alike; the median of each. */
function alternately(a: Filled, b: Filled): [number, number] {
  const costs: [number[], number[]] = [[], []]
  for (let round = 0; round < 41; round++) {
    for (const [at, each] of [a, b].entries()) costs[at]?.push(reflections(each, 1_000))
  }
  return [median(costs[0]), median(costs[1])]
}

/** Edits that go through all notes, a few at a time in the same one. */
function reflections({ store, notes, next }: Filled, count: number): number {
  const states = Array.from({ length: count }, (_, n) => next((n >> 2) % notes))
  const began = performance.now()
  for (const state of states) store.reflect(state)
  return ((performance.now() - began) * 1e6) / count
}

/** For some seconds, as from an apply that yields between batches: the disk works all the while. */
async function behind({ store, notes, next }: Filled): Promise<number> {
  const began = performance.now()
  let count = 0
  while (performance.now() - began < 4_000) {
    for (let n = 0; n < 100; n++) store.reflect(next(count++ % notes))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return Math.round((count / (performance.now() - began)) * 1000)
}

/** One edit at a time until it is on the disk; in turns again, for the disk is not alone either. */
async function edits(a: Filled, b: Filled): Promise<[number, number]> {
  const costs: [number[], number[]] = [[], []]
  for (const { store } of [a, b]) await store.flush()
  for (let n = 0; n < 100; n++) {
    for (const [at, { store, next, notes }] of [a, b].entries()) {
      const began = performance.now()
      store.reflect(next(n % notes))
      await store.flush()
      costs[at]?.push(performance.now() - began)
    }
  }
  return [median(costs[0]), median(costs[1])]
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
