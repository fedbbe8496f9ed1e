import { existsSync } from 'node:fs'
import { basename, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { filesUnder, referenceData, rewriteFile, runFile } from '../support/conformance-files.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const data = referenceData(root)
const own = fileURLToPath(new URL('scripts', import.meta.url))

/** Every mismatch with its place, so that one run shows them all. */
function mismatchesOf(file: string): readonly string[] {
  const report = runFile(file)
  if (report.unreadable !== null) return [`${report.unreadable.line}: ${report.unreadable.reason}`]
  return report.results
    .filter(({ passed }) => !passed)
    .map(({ case: each, actual, thrown }) => {
      const came = actual ?? `threw: ${thrown}`
      return `line ${each.directive.line}, expected:\n${each.expected}actual:\n${came}`
    })
}

if (existsSync(data)) {
  describe("the reference library's own data", () => {
    for (const file of filesUnder(data).filter((each) => each.endsWith('.txt'))) {
      test(`prints the same bytes for ${relative(data, file)}`, () => {
        expect(mismatchesOf(file)).toEqual([])
      })
    }
  })
} else {
  console.log(`${data}: the reference's data are not here; only our own scenarios run`)
}

describe('scenarios of our own', () => {
  for (const file of filesUnder(own)) {
    const claim = basename(file, '.txt').replaceAll('-', ' ')
    test(claim, () => {
      if (process.env.UPDATE === '1') rewriteFile(runFile(file))
      expect(mismatchesOf(file)).toEqual([])
    })
  }
})
