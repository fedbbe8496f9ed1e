import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Replay } from '../../src-main/outbox/replay.ts'
import { type Known, pendingUnits, type Update, updateTo } from '../../src-main/outbox/update.ts'
import type { NoteCommand } from '../../src-shared/notes/command.ts'
import type { PendingNote } from '../../src-shared/notes/pending.ts'
import { created, noteId, pendingNote, typed } from './examples.ts'

const id = noteId(1)
const long = 'All work and no play.\n'.repeat(300)

/** Texts that are often nearly the same, and halves of pairs. */
const text = fc
  .tuple(
    fc.nat(long.length),
    fc.string({ unit: fc.constantFrom('a', '"', '\\', '\ud83d', '日'), maxLength: 8 }),
  )
  .map(([at, inserted]) => long.slice(0, at) + inserted + long.slice(at))

const command: fc.Arbitrary<NoteCommand> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.nat(9), fc.array(text, { maxLength: 2 }))
    .map(([seq, base, lines]) => typed(id, seq, base, [base, [2, ...lines], 7])),
  text.map((body) => created(id, body)),
  fc.integer({ min: 1, max: 6 }).map((seq) => ({
    kind: 'note.title' as const,
    noteId: id,
    client: '7',
    seq,
    at: '2026-01-01T00:00:00.000Z',
    title: null,
  })),
)

/** Any list, one in which a seq stands twice among them: what is put is what comes back, wise or not. */
const pendings = fc.array(
  fc.record({
    noteId: fc.constant(id),
    base: fc.nat(3),
    baseText: fc.oneof(text, fc.constant(long)),
    commands: fc.array(command, { maxLength: 6 }),
    sentCount: fc.nat(2),
  }),
  { minLength: 1, maxLength: 8 },
)

test('whatever is put one after the other, reading the updates back gives the last', () => {
  fc.assert(
    fc.property(pendings, (states) => {
      const replay = new Replay()
      let known: Known | null = null
      for (const [at, pending] of states.entries()) {
        const update: Update | null = updateTo(pending, known)
        if (update !== null) replay.take(at + 1, JSON.parse(JSON.stringify(update)) as Update)
        else expect(pending).toEqual((known as Known | null)?.pending)
        const sequence: number = update === null ? ((known as Known | null)?.sequence ?? 0) : at + 1
        known = { text: pending.baseText, pending, sequence }
      }
      expect(replay.behind()).toEqual([])
      expect(replay.pending()).toEqual(states.slice(-1))
    }),
    { numRuns: 300 },
  )
})

test('a patch is written where it is much smaller, and the whole where it is not', () => {
  const known = (pending: PendingNote): Known => ({ text: pending.baseText, pending, sequence: 1 })
  const before = pendingNote(id, { baseText: long })
  expect(updateTo({ ...before, baseText: `${long}!` }, known(before))?.kind).toBe('patch')
  expect(updateTo({ ...before, baseText: long.toUpperCase() }, known(before))?.kind).toBe('whole')
  expect(updateTo(before, known(before))).toBeNull()
})

test('what is pending is never more than six bytes a unit', () => {
  fc.assert(
    fc.property(pendings, (states) => {
      for (const pending of states) {
        const bytes = Buffer.byteLength(JSON.stringify(pending)) - 200
        expect(bytes).toBeLessThanOrEqual(6 * pendingUnits(pending))
      }
    }),
  )
})
