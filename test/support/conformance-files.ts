import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { newConfChangeRunner } from './confchange-runner.ts'
import {
  type Case,
  type Handler,
  parseCases,
  type Result,
  rewrite,
  runCases,
} from './datadriven.ts'
import { interactionCommands, newInteractionRunner } from './interaction/runner.ts'
import { newQuorumRunner } from './quorum-runner.ts'

/** What came of one file: its cases, or why it has none. */
export interface FileReport {
  readonly file: string
  readonly results: readonly Result[]
  readonly unreadable: { readonly line: number; readonly reason: string } | null
}

/** Every `*.txt` under a directory, in order of name; a file stands for itself. */
export function filesUnder(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  const names = readdirSync(path).sort()
  return names.flatMap((name) => {
    const inner = join(path, name)
    const isWanted = name.endsWith('.txt') || statSync(inner).isDirectory()
    return isWanted ? filesUnder(inner) : []
  })
}

export function runFile(file: string): FileReport {
  const parsed = parseCases(readFileSync(file, 'utf8'))
  if (!parsed.ok) return { file, results: [], unreadable: parsed.error }
  return { file, results: runCases(parsed.value, handlerFor(parsed.value)), unreadable: null }
}

/** Puts what was printed in the place of what was expected. A case that threw stays as it is. */
export function rewriteFile({ file, results }: FileReport): void {
  const text = readFileSync(file, 'utf8')
  const rewritten = rewrite(text, results)
  if (rewritten !== text) writeFileSync(file, rewritten)
}

/** Where the reference's data are: what the environment says, else beside the project. */
export function referenceData(projectRoot: string): string {
  return process.env.QUIRE_RAFT_DATA ?? resolve(projectRoot, '../shared/raft')
}

const quorumCommands = new Set(['committed', 'vote'])
const confChangeCommands = new Set(['simple', 'enter-joint', 'leave-joint'])

/** The first command that only one kind of file has decides which kind this one is. */
function handlerFor(cases: readonly Case[]): Handler {
  for (const { directive } of cases) {
    if (quorumCommands.has(directive.command)) return newQuorumRunner()
    if (confChangeCommands.has(directive.command)) return newConfChangeRunner()
    if (interactionCommands.has(directive.command)) return newInteractionRunner()
  }
  return newInteractionRunner()
}
