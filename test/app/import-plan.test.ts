import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ExportedNote, exportPaths } from '../../src-main/app/export-paths.ts'
import { planImport, shownPathLengthMax } from '../../src-main/app/import-plan.ts'
import { encodedMarkdown, type SourceFile } from '../../src-main/app/markdown-file.ts'
import { isWellFormed } from '../../src-shared/base/utf8.ts'
import { from, exampleNote as note } from './example-notes.ts'

function file(path: string, text: string): SourceFile {
  return { path, bytes: new TextEncoder().encode(text) }
}

/** The notes that there are once the plan is carried out. */
function carriedOut(
  files: readonly SourceFile[],
  existing: readonly ExportedNote[],
): ExportedNote[] {
  const plan = planImport(files, existing)
  const created = plan.creates.map(({ text, origin }, at) =>
    note(1_000 + existing.length + at, { body: text, origin }),
  )
  const texts = new Map(plan.changes.map(({ noteId, text }) => [noteId, text]))
  return [
    ...existing.map((each) => ({ ...each, body: texts.get(each.id) ?? each.body })),
    ...created,
  ]
}

function exported(notes: readonly ExportedNote[]): SourceFile[] {
  return exportPaths(notes).map(({ path, note: { body, origin } }) => ({
    path,
    bytes: encodedMarkdown(body, origin?.bom ?? false),
  }))
}

test('new files become notes, with their path and mark', () => {
  const plan = planImport([file('a/b.md', 'one'), file('c.md', '\ufefftwo')], [])
  expect(plan).toEqual({
    creates: [
      { kind: 'create', text: 'one', origin: { path: 'a/b.md', bom: false } },
      { kind: 'create', text: 'two', origin: { path: 'c.md', bom: true } },
    ],
    changes: [],
    unchanged: [],
    refused: [],
  })
})

test('same path and same text again: unchanged', () => {
  const existing = [note(1, { ...from('a.md'), body: 'same' })]
  const plan = planImport([file('./a.md', 'same')], existing)
  expect(plan.unchanged).toEqual([{ kind: 'unchanged', noteId: existing[0]?.id, path: 'a.md' }])
  expect([plan.creates, plan.changes]).toEqual([[], []])
})

test('same path and other text: a change of that note, not a second note', () => {
  const existing = [note(1, { ...from('a.md'), body: 'before' })]
  const { changes, creates } = planImport([file('a.md', 'after')], existing)
  expect(changes).toEqual([
    { kind: 'change', noteId: existing[0]?.id, path: 'a.md', text: 'after' },
  ])
  expect(creates).toEqual([])
})

test('a note of our own whose title is like the name of a file is not overwritten by it', () => {
  const existing = [note(1, { title: 'Shopping', body: 'mine' })]
  const plan = planImport([file('Shopping.md', 'theirs')], existing)
  expect(plan.changes).toEqual([])
  expect(plan.creates).toHaveLength(1)
  expect(planImport([file('Shopping.md', 'mine')], existing).unchanged).toHaveLength(1)
})

test('a path that comes twice is taken once and refused by name', () => {
  const plan = planImport([file('a.md', 'one'), file('a//a.md', 'x'), file('./a.md', 'two')], [])
  expect(plan.creates.map(({ text }) => text)).toEqual(['one', 'x'])
  expect(plan.refused).toEqual([
    { kind: 'refused', path: 'a.md', reason: 'It is there twice: the first one was taken.' },
  ])
})

test('what cannot be taken is named with its reason, and the rest is taken', () => {
  const undecodable = { path: 'latin.md', bytes: Uint8Array.from([0xe9]) }
  const files = [file('../up.md', ''), undecodable, file('good.md', 'x'), file('a.png', '')]
  const plan = planImport(files, [])
  expect(plan.creates).toHaveLength(1)
  expect(plan.refused.map(({ path }) => path)).toEqual(['../up.md', 'latin.md', 'a.png'])
  for (const { reason } of plan.refused) expect(reason).toMatch(/^It.*\.$/)
})

test('a refused path is shown only as far as it can be', () => {
  const path = `${'😀'.repeat(shownPathLengthMax)}\0`
  const shown = planImport([file(path, '')], []).refused[0]?.path ?? ''
  expect(shown.length).toBe(shownPathLengthMax + 1)
  expect(isWellFormed(shown)).toBe(true)
})

/** Paths of a real folder: no file in the place of a folder, none twice. */
const folder = fc.uniqueArray(
  fc.record({
    path: fc
      .tuple(
        fc.array(fc.constantFrom('a', 'A', 'b (2)', '日本', 'con', ' x '), { maxLength: 3 }),
        fc.constantFrom('one', 'One', 'one (2)', '.', 'ü', 'u\u0308', 'nul'),
        fc.constantFrom('.md', '.MD', '.markdown', '.mkd'),
      )
      .map(([folders, name, ending]) => [...folders, name + ending].join('/')),
    text: fc.string({
      unit: fc.constantFrom('x', '\n', '\r\n', '\r', '\ufeff', '---\n', '日', '😀'),
    }),
  }),
  { selector: ({ path }) => path, maxLength: 25 },
)

test('a folder that is imported and exported is the same, byte for byte', () => {
  fc.assert(
    fc.property(folder, fc.array(fc.constantFrom('one', 'One', 'a', '')), (parts, titles) => {
      const files = parts.map(({ path, text }) => file(path, text))
      const own = titles.map((title, at) => note(at, { title, body: `own ${at}` }))
      const out = exported(carriedOut(files, own))
      expect(out).toHaveLength(files.length + own.length)
      for (const each of files) expect(out).toContainEqual(each)
    }),
  )
})

test('what was exported is all unchanged when it is imported again', () => {
  fc.assert(
    fc.property(folder, fc.array(fc.constantFrom('one', 'One', 'a', '')), (parts, titles) => {
      const own = titles.map((title, at) => note(at, { title, body: `own ${at}` }))
      const notes = carriedOut(
        parts.map(({ path, text }) => file(path, text)),
        own,
      )
      const again = planImport(exported(notes), notes)
      expect(again.unchanged).toHaveLength(notes.length)
      expect([again.creates, again.changes, again.refused]).toEqual([[], [], []])
    }),
  )
})
