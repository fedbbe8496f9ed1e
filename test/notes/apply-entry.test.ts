import { expect, test } from 'vitest'
import { applyEntry, applyMembers } from '../../src-shared/notes/apply-entry.ts'
import type { NoteCommand } from '../../src-shared/notes/command.ts'
import { encodeCommand } from '../../src-shared/notes/command-codec.ts'
import type { Command } from '../../src-shared/notes/command-tuple.ts'
import { digestHex } from '../../src-shared/notes/digest.ts'
import { bodyBytesMax, entryBytesMax } from '../../src-shared/notes/limits.ts'
import { newState } from '../../src-shared/notes/state.ts'
import { at, change, create, noteId, one, two } from './commands.ts'

class Entries {
  readonly state = newState()
  index = 0

  apply(data: Uint8Array | null) {
    return applyEntry(this.state, data, { index: ++this.index, term: 3 })
  }

  all(entries: readonly Uint8Array[]) {
    return entries.map((entry) => this.apply(entry)).at(-1)
  }
}

function entriesOf(command: Command): readonly Uint8Array[] {
  const encoded = encodeCommand(command)
  if (!encoded.ok) throw new Error(encoded.error.kind)
  return encoded.value
}

const long = (overrides: Partial<Extract<NoteCommand, { kind: 'note.create' }>> = {}) =>
  create({ body: 'long '.repeat(entryBytesMax / 2), ...overrides })

test('a command in one entry is applied at its place in the log', () => {
  const log = new Entries()
  expect(log.apply(null)).toEqual({ kind: 'empty' })
  expect(log.apply(new Uint8Array())).toEqual({ kind: 'empty' })
  const applied = log.all(entriesOf(create()))
  expect(applied).toMatchObject({ kind: 'note', result: { kind: 'applied', rev: 1, index: 3 } })
})

test('a long command is applied with its last part, as if it had come in one', () => {
  const log = new Entries()
  const entries = entriesOf(long())
  expect(entries.length).toBe(3)
  for (const entry of entries.slice(0, -1)) {
    expect(log.apply(entry)).toEqual({ kind: 'part', client: one })
  }
  expect(log.state.notes.size).toBe(0)
  expect(log.apply(entries.at(-1) as Uint8Array)).toMatchObject({
    kind: 'note',
    result: { kind: 'applied', rev: 1, index: 3 },
  })
  expect(log.state.notes.get(noteId)?.body).toBe(long().body)
  expect(log.state.series.size).toBe(0)
})

test('8 MiB of text in parts arrive whole', () => {
  const log = new Entries()
  const body = '漢'.repeat(Math.floor(bodyBytesMax / 3))
  expect(log.all(entriesOf(create({ body })))).toMatchObject({ result: { kind: 'applied' } })
  expect(log.state.notes.get(noteId)?.body === body).toBe(true)
})

test('repeated parts are skipped, and a whole series that comes twice is a duplicate (cockroach#10602)', () => {
  const log = new Entries()
  const [a, b, c] = entriesOf(long()) as [Uint8Array, Uint8Array, Uint8Array]
  expect(log.all([a, a, b, a, b, c])).toMatchObject({ result: { kind: 'applied' } })
  expect(log.all([a, b, c])).toMatchObject({ result: { kind: 'duplicate' } })
})

test('where a part is missing nothing is applied, and the last part says so to its device', () => {
  const log = new Entries()
  const [a, b, c] = entriesOf(long()) as [Uint8Array, Uint8Array, Uint8Array]
  expect(log.all([a, c])).toEqual({ kind: 'torn', client: one, noteId, seq: 1 })
  expect(log.state.notes.size).toBe(0)
  expect(log.all([c])).toMatchObject({ kind: 'torn' })
  // Once again from the first.
  expect(log.all([a, b, c])).toMatchObject({ result: { kind: 'applied' } })
})

test('a new series drops one that was interrupted, and late parts of that one harm nothing', () => {
  const log = new Entries()
  const old = entriesOf(long({ body: 'old '.repeat(entryBytesMax) }))
  const [a, b, c] = entriesOf(long()) as [Uint8Array, Uint8Array, Uint8Array]
  log.all([old[0] as Uint8Array, old[1] as Uint8Array, a])
  expect(log.state.series.get(one)?.parts.length).toBe(1)
  log.all([old[2] as Uint8Array, b])
  expect(log.all([c])).toMatchObject({ result: { kind: 'applied' } })
  expect(log.state.notes.get(noteId)?.body).toBe(long().body)
})

test('two devices send long commands at once without getting mixed up', () => {
  const log = new Entries()
  const other = 'b'.repeat(32)
  const ones = entriesOf(long())
  const twos = entriesOf(
    long({ client: two, noteId: other, body: 'two '.repeat(entryBytesMax / 2) }),
  )
  ones.forEach((entry, at) => {
    log.apply(entry)
    log.apply(twos[at] as Uint8Array)
  })
  expect(log.state.notes.get(noteId)?.body).toBe(long().body)
  expect(log.state.notes.get(other)?.body.startsWith('two ')).toBe(true)
})

test('parts that belong together by name and not by content are one command of nobody', () => {
  const log = new Entries()
  const [a, b, c] = entriesOf(long()) as [Uint8Array, Uint8Array, Uint8Array]
  const forged = b.slice()
  forged[forged.length - 1] = 0x2e
  expect(log.all([a, forged, c])).toMatchObject({ kind: 'malformed' })
  expect(log.state.series.size).toBe(0)
})

test('a half-sent command is part of what devices compare', () => {
  const [one_, two_] = [new Entries(), new Entries()]
  one_.apply(entriesOf(long())[0] as Uint8Array)
  two_.apply(null)
  expect(digestHex(one_.state.digest)).not.toBe(digestHex(two_.state.digest))
})

test('a removed device takes its half-sent command with it, and its later parts are not kept', () => {
  const log = new Entries()
  const added = { added: [one, two], removed: [], kept: [] }
  const context = { id: two, name: 'Two', addresses: [], pin: null, by: one }
  applyMembers(log.state, added, context, ++log.index)
  const entries = entriesOf(long({ client: two }))
  log.apply(entries[0] as Uint8Array)
  const removed = { added: [], removed: [two], kept: [] }
  applyMembers(log.state, removed, { ...context, name: null, addresses: null }, ++log.index)
  expect(log.state.series.size).toBe(0)
  expect(log.all(entries)).toEqual({ kind: 'part', client: two })
  expect(log.state.series.size).toBe(0)
  expect(log.all(entriesOf(create({ client: two })))).toMatchObject({ result: { kind: 'removed' } })
})

test('damage is skipped by everyone alike; an entry of a newer version changes nothing and is told apart', () => {
  const log = new Entries()
  log.all(entriesOf(create()))
  const before = digestHex(log.state.digest)
  expect(log.apply(Uint8Array.of(1, 2, 3)).kind).toBe('malformed')
  expect(log.apply(Uint8Array.of(9, 2, 3))).toEqual({ kind: 'newer', version: 9 })
  expect(digestHex(log.state.digest)).toBe(before)
  expect(log.all(entriesOf(change()))).toMatchObject({ result: { kind: 'applied' } })
})

test('a device is renamed by whoever asks first; a repeat changes nothing any more', () => {
  const log = new Entries()
  const context = { id: one, name: 'One', addresses: [], pin: null, by: one }
  applyMembers(log.state, { added: [one], removed: [], kept: [] }, context, ++log.index)
  const rename = (name: string, base: number): Command => {
    return { kind: 'device.rename', id: one, name, base, client: one, at }
  }
  expect(log.all(entriesOf(rename('Desk', 1)))).toMatchObject({
    result: { kind: 'applied', index: 2 },
  })
  expect(log.all(entriesOf(rename('One', 2)))).toMatchObject({ result: { kind: 'applied' } })
  expect(log.all(entriesOf(rename('Desk', 1)))).toMatchObject({ result: { kind: 'stale' } })
  expect(log.state.members.get(one)?.name).toBe('One')
})
