import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toUtf8 } from '../../src-shared/base/utf8.ts'
import type { NoteCommand } from '../../src-shared/notes/command.ts'
import {
  commandVersion,
  decodeEntry,
  decodeLongForm,
  encodeCommand,
} from '../../src-shared/notes/command-codec.ts'
import type { Command } from '../../src-shared/notes/command-tuple.ts'
import {
  bodyBytesMax,
  commandBytesMax,
  entryBytesMax,
  partsMax,
  sectionsMax,
} from '../../src-shared/notes/limits.ts'
import { changesOf, text } from './arbitraries.ts'
import { at, change, create, noteId, one } from './commands.ts'

function entriesOf(command: Command): readonly Uint8Array[] {
  const encoded = encodeCommand(command)
  if (!encoded.ok) throw new Error(encoded.error.kind)
  return encoded.value
}

/** Through the bytes and back, in parts or whole. */
function through(command: Command): Command {
  const parts: Uint8Array[] = []
  for (const entry of entriesOf(command)) {
    const decoded = decodeEntry(entry)
    if (!decoded.ok) throw new Error(decoded.error.kind)
    if (decoded.value.kind === 'command') return decoded.value.command
    parts.push(decoded.value.part.bytes)
  }
  const long = decodeLongForm(Buffer.concat(parts))
  if (!long.ok) throw new Error(long.error.kind)
  return long.value
}

const said = { noteId, client: one, seq: 7, at }
const tags = fc.array(text(2), { maxLength: 3 })

const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc
    .record({ title: fc.option(text(3)), body: text(), tags, pinned: fc.boolean() })
    .map((facts): NoteCommand => ({ kind: 'note.create', ...said, ...facts, origin: null })),
  text().map((path): NoteCommand => create({ origin: { path, bom: true } })),
  text()
    .chain(changesOf)
    .map((changes): NoteCommand => ({ kind: 'note.change', ...said, base: 3, changes })),
  fc.option(text()).map((title): NoteCommand => ({ kind: 'note.title', ...said, title })),
  fc.boolean().map((pinned): NoteCommand => ({ kind: 'note.pin', ...said, pinned })),
  fc
    .tuple(tags, tags)
    .map(([add, remove]): NoteCommand => ({ kind: 'note.tags', ...said, add, remove })),
  fc
    .constantFrom('note.trash' as const, 'note.restore' as const, 'note.purge' as const)
    .map((kind): NoteCommand => ({ kind, ...said })),
  text().map((name): Command => {
    return { kind: 'device.rename', id: '5', name, base: 9, client: one, at }
  }),
)

test('[C2] every command comes back equal', () => {
  fc.assert(
    fc.property(anyCommand, (command) => {
      expect(through(command)).toEqual(command)
    }),
    { numRuns: 1000 },
  )
})

test('a burst of typing makes an entry of under 150 bytes', () => {
  const burst = change({
    client: '9007199254740991',
    seq: 1234,
    base: 1234,
    changes: [20_000, [0, 'and then'], 20_000],
  })
  const [entry, ...more] = entriesOf(burst)
  expect(more).toEqual([])
  expect(entry?.length).toBeLessThan(150)
})

test('[C1] no entry carries more than its limit; what fits in one stays whole', () => {
  const short = entriesOf(create({ body: '' }))[0]?.length ?? 0
  const edge = entryBytesMax - (short - 1) // Without the byte of version.
  expect(entriesOf(create({ body: 'x'.repeat(edge) })).length).toBe(1)
  const split = entriesOf(create({ body: 'x'.repeat(edge + 1) }))
  expect(split.length).toBe(2)
  for (const entry of split) expect(entry.length).toBeLessThan(entryBytesMax + 200)
  expect(through(create({ body: 'x'.repeat(edge + 1) }))).toEqual(
    create({ body: 'x'.repeat(edge + 1) }),
  )
})

test('a body of 8 MiB passes whatever is in it, and takes no more than its bytes in the log', () => {
  for (const unit of ['\u0001', '漢', '😀']) {
    const bytes = toUtf8(unit).length
    const command = create({ body: unit.repeat(Math.floor(bodyBytesMax / bytes)) })
    const entries = entriesOf(command)
    expect(entries.length).toBeLessThanOrEqual(bodyBytesMax / entryBytesMax + 1)
    expect(through(command)).toEqual(command)
  }
})

test('a change of as many sections as there may be passes, with texts of every kind between them', () => {
  const changes = Array.from({ length: sectionsMax }, (_, i) =>
    i % 2 === 0 ? 12_345 : ([i % 3, `\r${i % 7 === 0 ? '😀' : ''}`, 'b'] as [number, ...string[]]),
  )
  const command = change({ changes })
  expect(entriesOf(command).length).toBeLessThanOrEqual(partsMax)
  expect(through(command)).toEqual(command)
})

test('a command longer than any buffer is refused before it leaves', () => {
  expect(encodeCommand(create({ body: 'x'.repeat(commandBytesMax) }))).toEqual({
    ok: false,
    error: { kind: 'too-long' },
  })
})

test('damaged bytes are refused, whatever they are, and a newer version is told apart', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const decoded = decodeEntry(bytes)
      if (decoded.ok) throw new Error('nothing made of dice is a command')
      const version = bytes[0] ?? 0
      expect(decoded.error.kind).toBe(version > commandVersion ? 'newer' : 'malformed')
    }),
    { numRuns: 2000 },
  )
})

test('a command with one bit turned is another command or none, never an exception', () => {
  const entry = entriesOf(change())[0] as Uint8Array
  for (let bit = 8; bit < entry.length * 8; bit++) {
    const turned = entry.slice()
    turned[bit >> 3] = (turned[bit >> 3] as number) ^ (1 << (bit & 7))
    expect(() => decodeEntry(turned)).not.toThrow()
  }
})

test('an entry of version 2 says so, however it goes on', () => {
  expect(decodeEntry(Uint8Array.of(2, 0x5b, 0x5d))).toEqual({
    ok: false,
    error: { kind: 'newer', version: 2 },
  })
})

test('tuples that are not commands are refused', () => {
  const good = ['change', noteId, one, 2, at, 1, [5]]
  const bad: unknown[] = [
    null,
    {},
    [],
    ['nothing', noteId, one, 2, at],
    good.with(1, 'A'.repeat(32)),
    good.with(2, '0'),
    good.with(3, 0),
    good.with(3, 1.5),
    good.with(4, 'yesterday'),
    good.with(5, -1),
    good.with(6, [-5]),
    [...good, 1],
    ['trash', noteId, one, 2, at, 1],
    ['title', noteId, one, 2, at, 5],
    ['tags', noteId, one, 2, at, ['a']],
    ['create', noteId, one, 1, at, null, 'b', [], false, ['path']],
    ['rename', '0', 'n', 1, one, at],
  ]
  const entry = (value: unknown) => Uint8Array.of(1, ...toUtf8(JSON.stringify(value)))
  expect(decodeEntry(entry(good)).ok).toBe(true)
  for (const value of bad) expect(decodeEntry(entry(value)).ok, JSON.stringify(value)).toBe(false)
})
