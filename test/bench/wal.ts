/** The log and the snapshots on the real disk, beside what the bare machine does with the same bytes. */
import { close, fdatasync, open as openFile, write } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { promisify } from 'node:util'
import { NodeDisk } from '../../src-main/host/node-disk.ts'
import { systemClock } from '../../src-main/host/system-clock.ts'
import { systemRandom } from '../../src-main/host/system-random.ts'
import { type OpenedJournal, openJournal } from '../../src-main/journal/open.ts'
import type { Entry } from '../../src-main/raft/entry.ts'
import type { Journal } from '../../src-main/replica/ports.ts'

const editBytes = 256
const savesPerRound = 150
const rounds = 25
const writersAtOnce = 64
const recoveryMegabytes = 96
const notes = 10_000
const noteBytes = 2_300

type Print = (line: object) => void

export async function benchWal(print: Print): Promise<void> {
  await inDirectory((directory) => appends(directory, print))
  for (const bytes of [editBytes, 4096]) {
    await inDirectory((directory) => recovery(directory, bytes, print))
  }
  await inDirectory((directory) => snapshots(directory, print))
}

async function inDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'quire-bench-'))
  try {
    await run(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Rounds of the one and the other take turns, so that a slow moment of the machine hits both. */
async function appends(directory: string, print: Print): Promise<void> {
  const disk = new NodeDisk(directory)
  const { journal } = await opened(disk)
  const writer = new Writer(journal)
  await writer.one(50)
  const before = await logBytes(disk)
  await writer.one(100)
  const perSave = Math.round(((await logBytes(disk)) - before) / 100)
  const bare: number[] = []
  const one: number[] = []
  const many: number[] = []
  for (let round = 0; round < rounds; round++) {
    bare.push(await rate(savesPerRound, () => bareWrites(directory, perSave, savesPerRound)))
    one.push(await rate(savesPerRound, () => writer.one(savesPerRound)))
    const count = savesPerRound * 20
    many.push(await rate(count, () => writer.many(count)))
  }
  const [bareRate, oneRate, manyRate] = [median(bare), median(one), median(many)]
  print({ what: 'bare write and datasync', writers: 1, perSecond: bareRate, bytes: perSave })
  print({ what: 'save', writers: 1, perSecond: oneRate })
  print({ what: 'save', writers: writersAtOnce, perSecond: manyRate })
  print({ what: 'save/bare', writers: 1, ratio: ratioOf(one, bare), goal: 0.8 })
  print({ what: 'save/bare', writers: writersAtOnce, ratio: ratioOf(many, bare), goal: 20 })
  await journal.close()
  await disk.close()
}

/** Saves entries of one edit each, with the hard state that goes with them. */
class Writer {
  readonly #journal: Journal
  #index = 0

  constructor(journal: Journal) {
    this.#journal = journal
  }

  async one(count: number): Promise<void> {
    for (let n = 0; n < count; n++) await this.#save()
  }

  async many(count: number): Promise<void> {
    let left = count
    const lane = async (): Promise<void> => {
      while (left-- > 0) await this.#save()
    }
    await Promise.all(Array.from({ length: writersAtOnce }, lane))
  }

  #save(): Promise<void> {
    this.#index += 1
    const hardState = { term: 1, vote: 1n, commit: this.#index - 1 }
    return this.#journal.save(hardState, [editAt(this.#index, editBytes)])
  }
}

async function bareWrites(directory: string, bytes: number, count: number): Promise<void> {
  const fd = await promisify(openFile)(join(directory, 'bare'), 'w')
  const content = Buffer.alloc(bytes, 7)
  for (let n = 0; n < count; n++) {
    await promisify(write)(fd, content, 0, bytes, n * bytes)
    await promisify(fdatasync)(fd)
  }
  await promisify(close)(fd)
}

async function recovery(directory: string, bytes: number, print: Print): Promise<void> {
  const disk = new NodeDisk(directory)
  const { journal } = await opened(disk)
  const count = Math.floor((recoveryMegabytes * 1_000_000) / (bytes + 50))
  for (let n = 0; n < count; ) {
    const entries: Entry[] = []
    for (let k = 0; k < 2_000 && n < count; k++) entries.push(editAt(++n, bytes))
    await journal.save({ term: 1, vote: 1n, commit: n }, entries)
  }
  await journal.close()
  const size = await logBytes(disk)
  const times: number[] = []
  for (let round = 0; round < 5; round++) {
    const started = performance.now()
    const again = await opened(disk)
    times.push(performance.now() - started)
    if (again.recovered.entries.length !== count) throw new Error('what was saved comes back')
    await again.journal.close()
  }
  const seconds = median(times) / 1000
  print({
    what: 'recovery',
    entryBytes: bytes,
    entries: count,
    megabytes: rounded(size / 1e6),
    megabytesPerSecond: rounded(size / 1e6 / seconds),
    goal: 150,
  })
  await disk.close()
}

async function snapshots(directory: string, print: Print): Promise<void> {
  const disk = new NodeDisk(directory)
  const { journal } = await opened(disk)
  await journal.save(
    { term: 1, vote: 1n, commit: 8 },
    [1, 2, 3, 4, 5, 6, 7, 8].map((n) => editAt(n, 10)),
  )
  const bytes = Buffer.alloc(noteBytes, 'n')
  const recordsOf = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ key: `note-${n}`, bytes }))
  const whole = recordsOf(notes)
  for (const [index, changed] of [
    [2, notes],
    [4, 100],
    [6, 1],
  ] as const) {
    const state = { records: (since: number) => (since === 0 ? whole : recordsOf(changed)) }
    const metadata = { index, term: 1, confState }
    const { took, pause } = await paused(() => journal.saveSnapshot(metadata, state, 0))
    const files = await disk.list('snap')
    print({
      what: 'snapshot',
      notes,
      changed,
      fileBytes: files.at(-1)?.size,
      milliseconds: rounded(took),
      longestPauseMs: rounded(pause),
      goalPauseMs: 20,
    })
  }
  await journal.close()
  await disk.close()
}

const confState = {
  voters: [1n],
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
}

/** How long the loop was held up at most while `work` went on. */
async function paused(work: () => Promise<void>): Promise<{ took: number; pause: number }> {
  let pause = 0
  let isDone = false
  let last = performance.now()
  const beat = (): void => {
    const now = performance.now()
    pause = Math.max(pause, now - last)
    last = now
    if (!isDone) setImmediate(beat)
  }
  setImmediate(beat)
  const started = performance.now()
  await work()
  isDone = true
  return { took: performance.now() - started, pause }
}

async function opened(disk: NodeDisk): Promise<OpenedJournal> {
  const outcome = await openJournal(disk, { clock: systemClock, random: systemRandom })
  if (!outcome.ok) throw new Error(outcome.error.message)
  return outcome.value
}

function editAt(index: number, bytes: number): Entry {
  return { type: 'EntryNormal', term: 1, index, data: new Uint8Array(bytes).fill(index & 255) }
}

async function logBytes(disk: NodeDisk): Promise<number> {
  const files = (await disk.list('wal')).filter(({ name }) => name.includes('-'))
  return files.reduce((sum, file) => sum + file.size, 0)
}

async function rate(count: number, work: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await work()
  return Math.round((count / (performance.now() - started)) * 1000)
}

/** The middle one of the ratios of each round with its neighbour. */
function ratioOf(rates: readonly number[], bare: readonly number[]): number {
  return rounded(median(rates.map((rate, round) => rate / (bare[round] ?? Number.NaN))))
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
