import { expect, test } from 'vitest'
import { belowCommonFolder, withoutHidden } from '../../../src-renderer/notes/chosen-files.ts'
import { fileName } from '../../../src-renderer/notes/drag-out.ts'
import {
  batches,
  type ChosenFile,
  createImports,
  importBatchBytes,
  importBatchFiles,
  importFileBytesMax,
} from '../../../src-renderer/notes/imports.ts'
import { ok } from '../../../src-shared/base/outcome.ts'
import type { Calls } from '../../../src-shared/ipc/contract.ts'

const file = (path: string, bytes: number | string = 1): ChosenFile => ({
  path,
  file: new Blob([typeof bytes === 'string' ? bytes : new Uint8Array(bytes)]),
})

test('a batch holds at most so many files and so many bytes, and no file is left out', () => {
  const small = Array.from({ length: importBatchFiles + 1 }, (_, at) => file(`${at}.md`))
  expect(batches(small).map((batch) => batch.length)).toEqual([importBatchFiles, 1])
  const half = importBatchBytes / 2
  const large = [file('a', half), file('b', half), file('c', 1), file('d', importBatchBytes + 1)]
  expect(batches(large).map((batch) => batch.map(({ path }) => path))).toEqual([
    ['a', 'b'],
    ['c'],
    ['d'],
  ])
  expect(batches([])).toEqual([])
})

test('the bytes arrive as they are, and what is too large is refused by name without being sent', async () => {
  const asked: Calls['files/import']['ask'][] = []
  const imports = createImports({
    call: (async (_: string, ask: Calls['files/import']['ask']) => {
      asked.push(ask)
      return ok({ imported: ask.files.length, unchanged: 0, refused: [] })
    }) as never,
  })
  await imports.take([file('a.md', '\ufeffä\r\n'), file('b.md', importFileBytesMax + 1)])
  expect(
    asked.flatMap(({ files }) =>
      files.map(({ bytes }) => Buffer.from(bytes, 'base64').toString('utf8')),
    ),
  ).toEqual(['\ufeffä\r\n'])
  expect(imports.get()).toEqual({
    kind: 'done',
    stopped: null,
    report: { imported: 1, unchanged: 0, refused: [{ path: 'b.md', reason: 'larger than 8 MiB' }] },
  })
})

test('an import that is stopped keeps what is done and says so', async () => {
  const imports = createImports({
    call: (async () => {
      imports.cancel()
      return ok({ imported: importBatchFiles, unchanged: 0, refused: [] })
    }) as never,
  })
  await imports.take(Array.from({ length: importBatchFiles * 3 }, (_, at) => file(`${at}.md`)))
  expect(imports.get()).toMatchObject({ kind: 'done', report: { imported: importBatchFiles } })
  expect(imports.get()).toMatchObject({ stopped: expect.stringContaining('Stopped') })
})

test('paths start below the one folder that was chosen; hidden things are left out', () => {
  const chosen = [file('notes/a.md'), file('notes/sub/b.md'), file('notes/.git/config')]
  const taken = withoutHidden(belowCommonFolder(chosen))
  expect(taken.map(({ path }) => path)).toEqual(['a.md', 'sub/b.md'])
  const two = [file('x/a.md'), file('y/b.md')]
  expect(belowCommonFolder(two).map(({ path }) => path)).toEqual(['x/a.md', 'y/b.md'])
})

test('a title becomes a file name on every system', () => {
  expect(fileName('Plan: A/B?')).toBe('Plan A B.md')
  expect(fileName('../../etc/passwd')).toBe('etc passwd.md')
  expect(fileName('\u202e\n')).toBe('Note.md')
  expect(fileName('x'.repeat(500))).toHaveLength(103)
})
