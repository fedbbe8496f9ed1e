import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { judge, parseVectors } from './wire-vectors.ts'

const root = resolve(import.meta.dirname, '../..')

interface Count {
  passed: number
  failed: number
}

/** Checks vector files and prints what fails; the last line counts. Exit code 1 on any failure. */
function main(names: readonly string[]): number {
  const files = names.length > 0 ? names.map(fromWhereThePersonStands) : givenFiles()
  const count: Count = { passed: 0, failed: 0 }
  if (files.length === 0) console.log('no vectors here: name files, or set QUIRE_RAFT_DATA')
  for (const file of files) checkFile(file, count)
  console.log(`${count.passed} passed, ${count.failed} failed`)
  return count.failed === 0 ? 0 : 1
}

function checkFile(file: string, count: Count): void {
  const rows = existsSync(file) ? parseVectors(readFileSync(file, 'utf8')) : null
  if (rows === null || !rows.ok) {
    console.log(`${file}: ${rows === null ? 'there is no such file' : rows.error}`)
    count.failed++
    return
  }
  for (const row of rows.value) {
    const problem = judge(row)
    if (problem === null) count.passed++
    else {
      count.failed++
      console.log(`${file}: ${row.name}: ${problem}`)
    }
  }
}

function fromWhereThePersonStands(name: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), name)
}

function givenFiles(): readonly string[] {
  const data = process.env.QUIRE_RAFT_DATA ?? join(root, '../shared/raft')
  const files = ['vectors.json', 'decode_vectors.json'].map((name) => join(data, 'wire', name))
  return files.filter((file) => existsSync(file))
}

process.exitCode = main(process.argv.slice(2))
