import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyEntry } from '../../src-shared/notes/apply-entry.ts'
import { encodeCommand } from '../../src-shared/notes/command-codec.ts'
import { digestHex } from '../../src-shared/notes/digest.ts'
import { entryBytesMax } from '../../src-shared/notes/limits.ts'
import {
  deepDigest,
  encodeNote,
  encodeState,
  finishReading,
  readRecord,
  snapshotReader,
} from '../../src-shared/notes/snapshot-codec.ts'
import { freeze, type NotesState, putMembers } from '../../src-shared/notes/state.ts'
import { text } from './arbitraries.ts'
import { change, command, create, Log, noteId, one, two } from './commands.ts'

/** A state with something of everything. */
function fullState(body = 'hello'): NotesState {
  const log = new Log()
  log.apply(create({ body, origin: { path: 'a/b.md', bom: true }, tags: ['x'] }))
  log.apply(change({ changes: [...(body === '' ? [] : [body.length]), [0, '\r', '😀']] }))
  log.apply({ ...command('note.title', { seq: 1, title: 'T' }), client: two })
  log.apply(create({ noteId: 'b'.repeat(32) }))
  log.apply({ ...command('note.purge', { seq: 2 }), noteId: 'b'.repeat(32) })
  const long = encodeCommand(
    create({ noteId: 'c'.repeat(32), body: 'x'.repeat(3 * entryBytesMax) }),
  )
  if (!long.ok) throw new Error('too long')
  for (const entry of long.value.slice(0, 2)) {
    applyEntry(log.state, entry, { index: ++log.index, term: 1 })
  }
  const member = { id: one, name: 'Desk', addresses: ['h:1'], pin: 'f'.repeat(64), addedAt: 1 }
  const gone = { id: two, name: 'Old', addresses: [], pin: null, addedAt: 1, changedAt: 4 }
  const members = [
    { ...member, changedAt: 1, removedAt: null, removedBy: null },
    { ...gone, removedAt: 4, removedBy: one },
  ]
  putMembers(log.state, new Map(members.map((each) => [each.id, each])))
  return log.state
}

function read(records: Iterable<Uint8Array>) {
  const reading = snapshotReader()
  for (const bytes of records) {
    const outcome = readRecord(reading, bytes)
    if (!outcome.ok) return outcome
  }
  return finishReading(reading)
}

const bytesOf = (state: NotesState) => [...encodeState(freeze(state))].map((record) => record.bytes)

test('[S2] a state comes back equal, down to the digest, and makes the same bytes again', () => {
  fc.assert(
    fc.property(text(), (body) => {
      const state = fullState(body)
      const back = read(bytesOf(state))
      if (!back.ok) throw new Error(JSON.stringify(back.error))
      expect(back.value.notes).toEqual(state.notes)
      expect(back.value.purged).toEqual(state.purged)
      expect([...back.value.series.keys()]).toEqual([one])
      expect(back.value.members).toEqual(state.members)
      expect(digestHex(back.value.digest)).toBe(digestHex(state.digest))
      const [again, before] = [bytesOf(back.value), bytesOf(state)].map((all) => Buffer.concat(all))
      expect(again?.equals(before as Buffer)).toBe(true)
      expect(deepDigest(freeze(back.value))).toBe(deepDigest(freeze(state)))
    }),
    { numRuns: 50 },
  )
})

test('a snapshot is of its moment: what is applied while it is being read does not show', () => {
  const log = new Log()
  log.apply(create())
  const frozen = freeze(log.state)
  const records = encodeState(frozen)
  const head = records.next().value
  log.apply(change())
  log.apply(create({ noteId: 'd'.repeat(32) }))
  const back = read([head?.bytes as Uint8Array, ...[...records].map((record) => record.bytes)])
  if (!back.ok) throw new Error(JSON.stringify(back.error))
  expect([...back.value.notes.values()].map((note) => note.body)).toEqual(['hello'])
})

test('[S1] every record has its own key, and a note on its own makes the same record', () => {
  const state = fullState()
  const records = [...encodeState(freeze(state))]
  expect(records.map((record) => record.key)).toEqual([
    'head',
    'members',
    'purged',
    `note/${noteId}`,
    `series/${one}`,
  ])
  const note = state.notes.get(noteId)
  if (note === undefined) throw new Error('no note')
  expect(encodeNote(note)).toEqual(records[3])
})

test('a record that is missing, there twice, or not the one that was counted is noticed', () => {
  const whole = bytesOf(fullState())
  for (let at = 0; at < whole.length; at++) {
    expect(read(whole.toSpliced(at, 1)).ok, `without ${at}`).toBe(false)
    expect(read([...whole, whole[at] as Uint8Array]).ok, `${at} twice`).toBe(false)
  }
  const other = new Log()
  other.apply(create({ body: 'HELLO' }))
  const strange = encodeNote(other.note).bytes
  expect(read(whole.with(3, strange)).ok).toBe(false)
})

test('any byte that is wrong in a header is noticed or harmless, never an exception', () => {
  const whole = bytesOf(fullState())
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(), fc.nat(255), (at, place, byte) => {
      const record = (whole[at] as Uint8Array).slice()
      record[place % record.length] = byte
      expect(() => read(whole.with(at, record))).not.toThrow()
    }),
    { numRuns: 500 },
  )
})

test('a snapshot of a newer version says so', () => {
  const [head = new Uint8Array()] = bytesOf(fullState())
  const newer = head.slice()
  newer[0] = 2
  expect(readRecord(snapshotReader(), newer)).toEqual({
    ok: false,
    error: { kind: 'newer', version: 2 },
  })
})

test('texts are compared only by the deep digest: the running one trusts the chain', () => {
  const state = fullState()
  const note = state.notes.get(noteId)
  if (note === undefined) throw new Error('no note')
  const before = [digestHex(state.digest), deepDigest(freeze(state))]
  state.notes.set(noteId, { ...note, body: note.body.replace('h', 'H') })
  expect(digestHex(state.digest)).toBe(before[0])
  expect(deepDigest(freeze(state))).not.toBe(before[1])
})
