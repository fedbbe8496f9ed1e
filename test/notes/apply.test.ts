import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NoteCommand } from '../../src-shared/notes/command.ts'
import { digestHex } from '../../src-shared/notes/digest.ts'
import {
  bodyBytesMax,
  mergedBodyBytesMax,
  mergedTagsMax,
  pathLengthMax,
  recentChangesMax,
  recentLengthMax,
  tagLengthMax,
  tagsMax,
  titleLengthMax,
} from '../../src-shared/notes/limits.ts'
import { invert, splice } from '../../src-shared/notes/splice.ts'
import { changesOf, text } from './arbitraries.ts'
import { at, change, command, create, Log, noteId, one, two } from './commands.ts'

test('a creation makes revision 1, a change the next', () => {
  const log = new Log()
  expect(log.apply(create()).result).toEqual({ kind: 'applied', rev: 1, index: 1 })
  expect(log.apply(change()).result).toEqual({ kind: 'applied', rev: 2, index: 2 })
  expect(log.note).toMatchObject({ rev: 2, index: 2, body: 'hello world', updatedAt: at })
})

test('[A1] exactly the next seq of (client, note) is applied, a repeat answers what it got', () => {
  const log = new Log()
  log.apply(create())
  expect(log.apply(change({ seq: 3 })).result).toEqual({ kind: 'gap', expected: 2 })
  expect(log.apply(change()).result).toMatchObject({ kind: 'applied', rev: 2 })
  expect(log.apply(change()).result).toEqual({ kind: 'duplicate', rev: 2, index: 3 })
  expect(log.apply(create()).result).toEqual({ kind: 'duplicate', rev: 2, index: 3 })
  expect(log.note.body).toBe('hello world')
})

test('[A1] seqs count for each client by itself', () => {
  const log = new Log()
  log.apply(create())
  expect(log.apply(change({ client: two })).result).toEqual({ kind: 'gap', expected: 1 })
  expect(log.apply(change({ client: two, seq: 1 })).result).toMatchObject({ kind: 'applied' })
})

test('[A2] a change is applied to its own revision only, whoever comes second is stale and nothing is overwritten (joplin#10117, logseq#10019)', () => {
  const log = new Log()
  log.apply(create())
  log.apply(change())
  const stale = change({ client: two, seq: 1, base: 1, changes: [[5, 'HELLO']] })
  expect(log.apply(stale).result).toEqual({ kind: 'stale', rev: 2 })
  expect(log.apply({ ...stale, base: 3 }).result).toEqual({ kind: 'stale', rev: 2 })
  expect(log.note.body).toBe('hello world')
  expect(log.note.seqs[two]).toBe(undefined)
})

test('a change that does not fit is refused and counted as nothing', () => {
  const log = new Log()
  log.apply(create({ body: 'a😀' }))
  for (const changes of [[4], [2, [1]], [2, [0, 'x'], 1], [[9, 'x']]] as const) {
    const { result } = log.apply(change({ changes }))
    expect(result.kind, JSON.stringify(changes)).toBe('invalid')
  }
  expect(log.apply(change({ changes: [1, [2, '😎']] })).result.kind).toBe('applied')
  expect(log.note.body).toBe('a😎')
})

test('a second creation of a note is refused and changes nothing', () => {
  const log = new Log()
  log.apply(create())
  const second = log.apply(create({ client: two, body: 'other' }))
  expect(second.result).toEqual({ kind: 'invalid', reason: 'the note exists' })
  expect(log.note.body).toBe('hello')
})

test('a command about a note that nobody created', () => {
  const log = new Log()
  expect(log.apply(change({ seq: 1 })).result).toEqual({ kind: 'no-note' })
  expect(log.apply(change({ seq: 2 })).result).toEqual({ kind: 'gap', expected: 1 })
  expect(log.apply(create({ seq: 2 })).result).toEqual({ kind: 'gap', expected: 1 })
})

test('[A3] a purged note never comes back, not even by its own creation arriving again (syncthing#2900)', () => {
  const log = new Log()
  log.apply(create())
  const purge = command('note.purge', { seq: 2 })
  expect(log.apply(purge)).toEqual({
    result: { kind: 'applied', rev: 1, index: 2 },
    note: null,
    change: null,
  })
  expect(log.apply(purge).result).toEqual({ kind: 'duplicate', rev: 0, index: 2 })
  expect(log.apply(create()).result).toEqual({ kind: 'no-note' })
  expect(log.apply(create({ client: two })).result).toEqual({ kind: 'no-note' })
  expect(log.apply(change({ client: two, seq: 1 })).result).toEqual({ kind: 'no-note' })
  expect(log.state.notes.size).toBe(0)
})

test('a trashed note takes edits, and comes back with them', () => {
  const log = new Log()
  log.apply(create())
  log.apply(command('note.trash', { seq: 2 }))
  expect(log.note.trashed).toBe(true)
  log.apply(change({ client: two, seq: 1 }))
  log.apply(command('note.restore', { seq: 3 }))
  expect(log.note).toMatchObject({ trashed: false, body: 'hello world' })
})

test('of two titles the one later in the log stays, whatever the clocks say (logseq#10019: order by index, never by clock)', () => {
  const log = new Log()
  log.apply(create())
  log.apply(
    command('note.title', { seq: 2, title: 'first', at: '2030-01-01T00:00:00.000Z' } as never),
  )
  const later = { ...command('note.title', { seq: 1, title: 'second' }), client: two }
  log.apply({ ...later, at: '2001-01-01T00:00:00.000Z' })
  expect(log.note.title).toBe('second')
})

test('tags that two devices add at once are both kept, sorted, without copies (standardnotes#3307)', () => {
  const log = new Log()
  log.apply(create({ tags: ['b', 'a', 'b'] }))
  expect(log.note.tags).toEqual(['a', 'b'])
  log.apply(command('note.tags', { seq: 2, add: ['z', 'a'], remove: ['b'] }))
  log.apply({ ...command('note.tags', { seq: 1, add: ['c'], remove: [] }), client: two })
  expect(log.note.tags).toEqual(['a', 'c', 'z'])
})

test('a command that changes nothing is counted and leaves the note otherwise as it was (siyuan#18906: rename storms)', () => {
  const log = new Log()
  log.apply(create({ title: 'T' }))
  const before = log.note
  const said = [
    command('note.title', { seq: 2, title: 'T' }),
    command('note.pin', { seq: 3, pinned: false }),
    command('note.tags', { seq: 4, add: [], remove: ['x'] }),
    command('note.restore', { seq: 5 }),
  ]
  for (const each of said) expect(log.apply(each).result.kind).toBe('applied')
  expect(log.note).toEqual({ ...before, seqs: { [one]: { seq: 5, at, rev: 1, index: 5 } } })
})

test('the commands of a removed device are refused', () => {
  const log = new Log()
  log.apply(create())
  const gone = { name: 'Old', addresses: [], pin: null, addedAt: 1, changedAt: 2, removedAt: 2 }
  log.state.members = new Map([[two, { id: two, ...gone, removedBy: one }]])
  expect(log.apply(change({ client: two, seq: 1 })).result).toEqual({ kind: 'removed' })
  expect(log.apply(change()).result.kind).toBe('applied')
})

test('[A4] the ring is bounded in number and in text, and has no gap', () => {
  const log = new Log()
  log.apply(create({ body: '' }))
  const type = (seq: number, insert: string) => {
    const { rev, body } = log.note
    log.apply(
      change({ seq, base: rev, changes: [...(body === '' ? [] : [body.length]), [0, insert]] }),
    )
  }
  for (let seq = 2; seq <= recentChangesMax + 1; seq++) type(seq, 'x')
  expect(log.note.recent.length).toBe(recentChangesMax)
  type(recentChangesMax + 2, 'y')
  expect(log.note.recent.length).toBe(recentChangesMax)
  expect(log.note.recent.map((c) => c.rev)).toEqual(
    Array.from({ length: recentChangesMax }, (_, i) => log.note.rev - recentChangesMax + 1 + i),
  )
  // Two sections and the text: exactly the limit fits, one unit more does not.
  type(recentChangesMax + 3, 'z'.repeat(recentLengthMax - 2))
  expect(log.note.recent.length).toBe(1)
  type(recentChangesMax + 4, 'z'.repeat(recentLengthMax - 1))
  expect(log.note.recent.length).toBe(0)
})

test('the ring leads from the newest text back to every one that it remembers', () => {
  fc.assert(
    fc.property(text(), fc.infiniteStream(fc.nat(1000)), (body, dice) => {
      const log = new Log()
      log.apply(create({ body }))
      const texts = [body]
      for (let seq = 2; seq < 8; seq++) {
        const changes = fc.sample(changesOf(log.note.body), {
          numRuns: 1,
          seed: dice.next().value,
        })[0]
        log.apply(change({ seq, base: log.note.rev, changes: changes ?? [] }))
        texts.push(log.note.body)
      }
      let back = log.note.body
      for (const applied of log.note.recent.toReversed()) {
        back = splice(back, invert(applied.changes, applied.removed))
        expect(back).toBe(texts[applied.rev - 2])
      }
    }),
    { numRuns: 50 },
  )
})

test('limits, each at its edge', () => {
  const fits = (make: NoteCommand, before: readonly NoteCommand[] = []) => {
    const log = new Log()
    for (const each of before) log.apply(each)
    return log.apply(make).result.kind
  }
  const there = [create()]
  const title = (length: number) => command('note.title', { seq: 2, title: 't'.repeat(length) })
  expect(fits(title(titleLengthMax), there)).toBe('applied')
  expect(fits(title(titleLengthMax + 1), there)).toBe('invalid')
  expect(fits(command('note.title', { seq: 2, title: '' }), there)).toBe('invalid')
  expect(fits(command('note.title', { seq: 2, title: 'a\nb' }), there)).toBe('invalid')
  expect(fits(command('note.title', { seq: 2, title: '\ud800' }), there)).toBe('invalid')
  const tags = (add: readonly string[]) => command('note.tags', { seq: 2, add, remove: [] })
  expect(fits(tags(['t'.repeat(tagLengthMax)]), there)).toBe('applied')
  expect(fits(tags(['t'.repeat(tagLengthMax + 1)]), there)).toBe('invalid')
  for (const bad of ['', ' a', 'a ', 'a\tb']) expect(fits(tags([bad]), there)).toBe('invalid')
  const many = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `t${from + i}`)
  expect(fits(tags(many(tagsMax)), there)).toBe('applied')
  expect(fits(tags(many(tagsMax + 1)), there)).toBe('invalid')
  const path = (length: number) => create({ origin: { path: 'p'.repeat(length), bom: false } })
  expect(fits(path(pathLengthMax))).toBe('applied')
  expect(fits(path(pathLengthMax + 1))).toBe('invalid')
})

test('a body is bounded in bytes, not in units', () => {
  const log = new Log()
  const fits = 'é'.repeat(bodyBytesMax / 2)
  expect(log.apply(create({ body: `${fits}a` })).result.kind).toBe('invalid')
  expect(log.apply(create({ body: fits })).result.kind).toBe('applied')
  const big = 'x'.repeat(bodyBytesMax)
  expect(log.apply(change({ changes: [fits.length, [0, `${big}x`]] })).result.kind).toBe('invalid')
  expect(log.apply(change({ changes: [fits.length, [0, big]] })).result.kind).toBe('applied')
})

test('what merges into one note may exceed what one device may type, up to a limit; shrinking is always allowed', () => {
  const log = new Log()
  const piece = 'x'.repeat(bodyBytesMax)
  log.apply(create({ body: piece }))
  let seq = 2
  while (log.note.body.length < mergedBodyBytesMax) {
    log.apply(
      change({ seq: seq++, base: log.note.rev, changes: [log.note.body.length, [0, piece]] }),
    )
  }
  const { rev, body } = log.note
  expect(body.length).toBe(mergedBodyBytesMax)
  expect(log.apply(change({ seq, base: rev, changes: [body.length, [0, 'y']] })).result.kind).toBe(
    'invalid',
  )
  expect(log.apply(change({ seq, base: rev, changes: [[1], body.length - 1] })).result.kind).toBe(
    'applied',
  )
})

test('tags of several devices unite beyond what one may give, up to a limit', () => {
  const log = new Log()
  log.apply(create())
  const tags = (seq: number, count: number) =>
    command('note.tags', {
      seq,
      add: Array.from({ length: count }, (_, i) => `t${seq * tagsMax + i}`),
      remove: [],
    })
  let seq = 2
  while (log.note.tags.length < mergedTagsMax) log.apply(tags(seq++, tagsMax))
  expect(log.apply(tags(seq, 1)).result.kind).toBe('invalid')
  expect(log.note.tags.length).toBe(mergedTagsMax)
})

test('the chain hangs on every command that changed the note, in its place', () => {
  const chains = new Set<string>()
  for (const body of ['a', 'b']) {
    for (const skipped of [0, 1]) {
      const log = new Log()
      log.index += skipped
      log.apply(create({ body }))
      chains.add(log.note.chain)
      log.apply(command('note.title', { seq: 2, title: 't' }))
      chains.add(log.note.chain)
    }
  }
  expect(chains.size).toBe(8)
  for (const chain of chains) expect(chain).toMatch(/^[0-9a-f]{64}$/)
})

test('the digest of a state depends on what is in it, not on the order it came in', () => {
  const other = 'b'.repeat(32)
  const build = (ids: readonly string[]) => {
    const log = new Log()
    for (const id of ids) {
      log.index = id === noteId ? 0 : 1
      log.apply(create({ noteId: id }))
    }
    return digestHex(log.state.digest)
  }
  expect(build([noteId, other])).toBe(build([other, noteId]))
  expect(build([noteId])).not.toBe(build([other]))
})

test('a purge leaves the digest of a state that never held the text', () => {
  const log = new Log()
  log.apply(create())
  log.apply(command('note.purge', { seq: 2 }))
  const same = new Log()
  same.apply(create({ body: 'something else' }))
  same.apply(command('note.purge', { seq: 2 }))
  expect(digestHex(log.state.digest)).toBe(digestHex(same.state.digest))
})
