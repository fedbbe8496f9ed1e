import { expect, test } from 'vitest'
import { type MachineEvents, SnapshotUnreadable, StateMachine } from '../../src-main/app/machine.ts'
import type { ConfChangeV2, Entry } from '../../src-main/raft/entry.ts'
import { emptyConfState } from '../../src-main/raft/log/memory-storage.ts'
import type { FrozenState, StateRecord } from '../../src-main/replica/ports.ts'
import { encodeMemberContext } from '../../src-shared/members/context.ts'
import type { NoteCommand } from '../../src-shared/notes/command.ts'
import { encodeCommand } from '../../src-shared/notes/command-codec.ts'
import { digestHex } from '../../src-shared/notes/digest.ts'

const at = '2030-01-01T00:00:00.000Z'
const id = (n: number): string => String(n).padStart(32, '0')

function entriesOf(command: NoteCommand): readonly Uint8Array[] {
  const encoded = encodeCommand(command)
  if (!encoded.ok) throw new Error(encoded.error.kind)
  return encoded.value
}

function create(n: number, body = `note ${n}`): NoteCommand {
  const said = { noteId: id(n), client: '7', seq: 1, at }
  return { kind: 'note.create', ...said, title: null, body, tags: [], pinned: false, origin: null }
}

class Bench {
  readonly told: string[] = []
  readonly machine: StateMachine
  #index = 0

  constructor() {
    const events: MachineEvents = {
      applied: (applied, index) => this.told.push(`${index} ${applied.kind}`),
      settled: () => undefined,
      members: ({ added, removed, kept }, _conf, index) =>
        this.told.push(`${index} +${added.join()} -${removed.join()} =${kept.join()}`),
      restored: ({ index }) => this.told.push(`${index} restored`),
      outdated: (version, index) => this.told.push(`${index} version ${version}`),
    }
    this.machine = new StateMachine(events)
  }

  entry(data: Uint8Array | null): Entry {
    this.#index += 1
    return { type: 'EntryNormal', term: 1, index: this.#index, data }
  }

  async run(...commands: NoteCommand[]): Promise<void> {
    const datas = commands.flatMap((command) => [...entriesOf(command)])
    await this.machine.apply(datas.map((data) => this.entry(data)))
  }

  async change(change: Partial<ConfChangeV2>): Promise<void> {
    const transition = 'ConfChangeTransitionAuto'
    const whole: ConfChangeV2 = { kind: 'v2', transition, changes: [], context: null, ...change }
    await this.machine.applyConfChange(this.entry(null), whole, emptyConfState)
  }

  get digest(): string {
    return digestHex(this.machine.state.digest)
  }
}

/** As the journal keeps them: later records replace earlier ones, null takes away. */
function laid(...parts: Iterable<StateRecord>[]): AsyncIterable<StateRecord> {
  const kept = new Map<string, Uint8Array>()
  for (const part of parts) {
    for (const { key, bytes } of part) {
      if (bytes === null) kept.delete(key)
      else kept.set(key, bytes)
    }
  }
  return (async function* () {
    for (const [key, bytes] of kept) yield { key, bytes }
  })()
}

async function restored(index: number, ...parts: Iterable<StateRecord>[]): Promise<Bench> {
  const bench = new Bench()
  const metadata = { index, term: 1, confState: emptyConfState }
  await bench.machine.restore(metadata, laid(...parts))
  return bench
}

test('a snapshot restores to the same state, whatever is applied while it is read', async () => {
  const bench = new Bench()
  await bench.run(create(1), create(2))
  const frozen: FrozenState = bench.machine.freeze()
  const before = bench.digest
  await bench.run(create(3))
  const copy = await restored(2, frozen.records(0))
  expect(copy.digest).toBe(before)
  expect(copy.machine.index).toBe(2)
  expect(copy.machine.state.notes.size).toBe(2)
})

test('what changed since an index, laid over the snapshot before, is the whole state', async () => {
  const bench = new Bench()
  const long = create(4, 'x'.repeat(200_000))
  const parts = entriesOf(long)
  await bench.run(create(1), create(2), create(3))
  await bench.machine.apply([bench.entry(parts[0] ?? null)]) // half-sent
  const first = [...bench.machine.freeze().records(0)]
  const since = bench.machine.index
  await bench.run({ kind: 'note.purge', noteId: id(2), client: '7', seq: 2, at })
  await bench.run({ kind: 'note.pin', noteId: id(1), client: '7', seq: 2, at, pinned: false })
  await bench.machine.apply(parts.slice(1).map((part) => bench.entry(part)))
  const later = [...bench.machine.freeze().records(since)]
  const keys = later.map(({ key, bytes }) => (bytes === null ? `-${key}` : key))
  expect(keys).not.toContain(`note/${id(3)}`)
  expect(keys).toContain(`-note/${id(2)}`)
  expect(keys).toContain('-series/7')
  const copy = await restored(bench.machine.index, first, later)
  expect(copy.digest).toBe(bench.digest)
})

test('a snapshot with a record lost or changed is refused, and nothing is taken from it', async () => {
  const bench = new Bench()
  await bench.run(create(1), create(2))
  const records = [...bench.machine.freeze().records(0)]
  const without = records.filter(({ key }) => key !== `note/${id(1)}`)
  await expect(restored(2, without)).rejects.toThrow(SnapshotUnreadable)
})

test('an entry of a newer version stops applying for ever, and nothing behind it is applied', async () => {
  const bench = new Bench()
  await bench.run(create(1))
  const newer = Uint8Array.of(99, 1, 2, 3)
  let isOver = false
  const applying = bench.machine
    .apply([bench.entry(newer), bench.entry(entriesOf(create(2))[0] ?? null)])
    .catch((error: Error) => error.name)
    .finally(() => {
      isOver = true
    })
  await new Promise((resume) => setImmediate(resume))
  expect(isOver).toBe(false)
  expect(bench.told.at(-1)).toBe('2 version 99')
  expect(bench.machine.state.notes.size).toBe(1)
  bench.machine.release()
  expect(await applying).toBe('Outdated')
})

test('what nobody can read is skipped by all alike', async () => {
  const bench = new Bench()
  const before = bench.digest
  await bench.machine.apply([bench.entry(Uint8Array.of(1, 2, 3)), bench.entry(null)])
  expect(bench.told).toEqual(['1 malformed', '2 empty'])
  expect(bench.digest).toBe(before)
})

test('configuration changes fill the table of members; a removal stays as a tombstone', async () => {
  const bench = new Bench()
  const context = encodeMemberContext({
    id: '5',
    name: 'Desk',
    addresses: ['127.0.0.1:9'],
    pin: null,
    by: '5',
  })
  await bench.change({ changes: [{ type: 'ConfChangeAddLearnerNode', nodeId: 5n }], context })
  await bench.change({ changes: [{ type: 'ConfChangeAddNode', nodeId: 5n }] })
  await bench.change({ changes: [{ type: 'ConfChangeRemoveNode', nodeId: 5n }] })
  await bench.change({})
  expect(bench.told).toEqual(['1 +5 - =', '2 + - =5', '3 + -5 =', '4 + - ='])
  expect(bench.machine.state.members.get('5')).toMatchObject({
    name: 'Desk',
    addresses: ['127.0.0.1:9'],
    addedAt: 1,
    removedAt: 3,
  })
})

test('entries are applied in order, each once', async () => {
  const bench = new Bench()
  await bench.run(create(1))
  const again: Entry = { type: 'EntryNormal', term: 1, index: 1, data: null }
  await expect(bench.machine.apply([again])).rejects.toThrow('in order, each once')
})
