import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { type ExportedNote, exportPaths } from '../../src-main/app/export-paths.ts'
import { ImportPlanner, type ImportStep, planImport } from '../../src-main/app/import-plan.ts'
import { encodedMarkdown, isMarkdown, type SourceFile } from '../../src-main/app/markdown-file.ts'
import { withZip } from '../../src-main/app/zip-in.ts'
import { zipOfNotes } from '../../src-main/app/zip-out.ts'
import { WatchedDisk } from '../support/watched-disk.ts'
import { exampleNote as note } from './example-notes.ts'
import { rawZip } from './raw-zip.ts'

const root = join(import.meta.dirname, '../../node_modules')

/** Every Markdown file that came with our dependencies, and some of a kind that did not. */
function realFiles(): SourceFile[] {
  const files: SourceFile[] = []
  for (const each of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!each.isFile() || !isMarkdown(each.name)) continue
    const full = join(each.parentPath, each.name)
    files.push({ path: relative(root, full), bytes: readFileSync(full) })
  }
  const more: [string, string][] = [
    ['bom.md', '\ufeff# With a mark\r\n'],
    ['mixed ends.md', 'one\r\ntwo\nthree\rfour'],
    ['front.md', '---\ntitle: "kept: as text"\r\ntags: [a]\n---\n\n# Title'],
    ['empty.markdown', ''],
    ['深い/フォルダ/メモ.md', '# 日本語 😀\0\u2028'],
  ]
  return [...files, ...more.map(([path, text]) => ({ path, bytes: Buffer.from(text) }))]
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function imported(
  zip: AsyncIterable<Uint8Array>,
  existing: readonly ExportedNote[],
): Promise<ImportStep[]> {
  const planner = new ImportPlanner(existing)
  const steps: ImportStep[] = []
  const outcome = await withZip(
    new WatchedDisk(),
    { name: 'import.zip', bytes: zip },
    async (members) => {
      for await (const member of members) {
        steps.push(member.kind === 'file' ? planner.take(member.file) : member)
      }
    },
  )
  expect(outcome.ok).toBe(true)
  return steps
}

function notesOf(steps: readonly ImportStep[]): ExportedNote[] {
  return steps.flatMap((step, at) =>
    step.kind === 'create' ? [note(at, { body: step.text, origin: step.origin })] : [],
  )
}

test('hundreds of real files come back byte for byte, through a zip in and a zip out', async () => {
  const files = realFiles()
  expect(files.length).toBeGreaterThan(300)
  const undecodable = { name: 'latin-1.md', data: Uint8Array.from([0x63, 0xe9]) }
  const zip = rawZip([
    ...files.map(({ path, bytes }) => ({ name: path, data: bytes, isPacked: true })),
    undecodable,
  ])
  const steps = await imported(once(zip), [])
  expect(steps.filter(({ kind }) => kind === 'refused')).toEqual([
    { kind: 'refused', path: 'latin-1.md', reason: 'It is not valid UTF-8 text.' },
  ])
  const notes = notesOf(steps)
  expect(notes).toHaveLength(files.length)
  const out = new Map(
    exportPaths(notes).map(({ path, note: { body, origin } }) => [
      path,
      encodedMarkdown(body, origin?.bom ?? false),
    ]),
  )
  for (const { path, bytes } of files) {
    expect(Buffer.compare(out.get(path) ?? new Uint8Array(1), bytes), path).toBe(0)
  }
  const again = await imported(zipOfNotes(notes), notes)
  expect(again.filter(({ kind }) => kind !== 'unchanged')).toEqual([])
  expect(again).toHaveLength(files.length)
  // A folder picked in the window takes the same way.
  expect(planImport(files, notes).unchanged).toHaveLength(files.length)
})

test('a zip is made as it is read: one that nobody reads on costs nothing more', async () => {
  let made = 0
  const notes = Array.from({ length: 200 }, (_, n) => {
    const body = `${n}`.repeat(50_000)
    return Object.defineProperty(note(n), 'body', {
      get: () => {
        made += 1
        return body
      },
    })
  })
  const zip = zipOfNotes(notes)
  await zip.next()
  const titles = 200 // Their names were made of their texts.
  expect(made).toBeLessThan(titles + 20)
  await zip.return(undefined)
})

test('no notes make an empty zip, and a time before zips is no trouble', async () => {
  expect(await imported(zipOfNotes([]), [])).toEqual([])
  const old = [note(1, { updatedAt: '1970-01-01T00:00:00.000Z' }), note(2, { updatedAt: 'never' })]
  expect(await imported(zipOfNotes(old), [])).toHaveLength(2)
})
