import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type FileReport,
  filesUnder,
  referenceData,
  rewriteFile,
  runFile,
} from './conformance-files.ts'

/**
 * Runs datadriven files: those that are named, else the reference's and our own. `UPDATE=1`
 * rewrites what is named, else our own.
 */
function main(): void {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const own = resolve(root, 'test/raft/scripts')
  const named = process.argv.slice(2)
  const from = process.env.INIT_CWD ?? process.cwd()
  const paths = named.length > 0 ? named.map((path) => resolve(from, path)) : defaults(root, own)
  const missing = paths.find((path) => !existsSync(path))
  if (missing !== undefined) {
    console.error(`${missing}: there is no such file or directory`)
    console.log('0 passed, 1 failed')
    process.exitCode = 1
    return
  }
  const isUpdate = process.env.UPDATE === '1'
  let passed = 0
  let failed = 0
  for (const file of paths.flatMap(filesUnder)) {
    let report = runFile(file)
    const mayRewrite = named.length > 0 || file.startsWith(own)
    if (isUpdate && mayRewrite) report = rewritten(report)
    show(report)
    const failures = report.results.filter((result) => !result.passed).length
    passed += report.results.length - failures
    failed += failures + (report.unreadable === null ? 0 : 1)
  }
  console.log(`${passed} passed, ${failed} failed`)
  if (failed > 0) process.exitCode = 1
}

/**
 * The report on the file as it is now: what was only printed differently is expected from here on.
 */
function rewritten(report: FileReport): FileReport {
  if (report.unreadable !== null) return report
  rewriteFile(report)
  return runFile(report.file)
}

function defaults(root: string, own: string): readonly string[] {
  const data = referenceData(root)
  if (existsSync(data)) return [data, own]
  console.log(`${data}: the reference's data are not here; only our own scripts run`)
  return [own]
}

function show({ file, results, unreadable }: FileReport): void {
  if (unreadable !== null) console.log(`${file}:${unreadable.line}: ${unreadable.reason}`)
  for (const { case: each, actual, thrown, passed } of results) {
    if (passed) continue
    console.log(`${file}:${each.directive.line}: ${each.directive.command}`)
    console.log(`expected:\n${each.expected}`)
    console.log(actual === null ? `threw: ${thrown}\n` : `actual:\n${actual}`)
  }
}

main()
