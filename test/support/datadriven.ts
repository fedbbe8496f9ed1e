import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'

/** `key`, `key=value` or `key=(v1,v2)`; a bare key has no values, `key=` has one empty value. */
export interface Argument {
  readonly key: string
  readonly values: readonly string[]
}

export interface Directive {
  readonly command: string
  readonly args: readonly Argument[]
  readonly input: string
  /** Counted from 1. */
  readonly line: number
}

export interface Case {
  readonly directive: Directive
  readonly expected: string
  /**
   * The lines that a rewrite replaces, separator included: from here up to, not including, the
   * next.
   */
  readonly outputFrom: number
  readonly outputTo: number
}

export interface ParseFailure {
  readonly line: number
  readonly reason: string
}

export type Handler = (directive: Directive) => string

/** `actual` is null for a case that threw, and for those after it in its file. */
export interface Result {
  readonly case: Case
  readonly actual: string | null
  readonly thrown: string | null
  readonly passed: boolean
}

const separator = '----'

export function parseCases(text: string): Outcome<readonly Case[], ParseFailure> {
  const lines = linesOf(text)
  const cases: Case[] = []
  const open: string[] = []
  let at = 0
  while (at < lines.length) {
    const start = at
    let line = (lines[at++] ?? '').trim()
    if (line === '' || line.startsWith('#')) continue
    while (line.endsWith('\\') && at < lines.length) {
      line = `${line.slice(0, -1)} ${(lines[at++] ?? '').trim()}`
    }
    const parsed = parseDirective(line)
    if (!parsed.ok) return fail({ line: start + 1, reason: parsed.error })
    const { command, args } = parsed.value
    if (command === 'subtest') {
      const refused = nest(open, args)
      if (refused !== null) return fail({ line: start + 1, reason: refused })
      continue
    }
    const inputFrom = at
    while (at < lines.length && lines[at] !== separator) at++
    const input = lines.slice(inputFrom, at).join('\n').trim()
    const outputFrom = at
    const output = readExpected(lines, at)
    if (!output.ok) return output
    at = output.value.next
    const directive = { command, args, input, line: start + 1 }
    cases.push({ directive, expected: output.value.text, outputFrom, outputTo: at })
  }
  const unclosed = open.at(-1)
  if (unclosed !== undefined) {
    return fail({ line: lines.length, reason: `the file ends inside of subtest ${unclosed}` })
  }
  return ok(cases)
}

/**
 * Runs one file's cases against one environment. After a mismatch it goes on with the actual state.
 */
export function runCases(cases: readonly Case[], handler: Handler): readonly Result[] {
  const results: Result[] = []
  let broken: string | null = null
  for (const each of cases) {
    if (broken !== null) {
      results.push({ case: each, actual: null, thrown: broken, passed: false })
      continue
    }
    try {
      const output = handler(each.directive)
      const actual = output === '' || output.endsWith('\n') ? output : `${output}\n`
      results.push({ case: each, actual, thrown: null, passed: actual === each.expected })
    } catch (thrown) {
      const text = thrown instanceof Error ? thrown.message : String(thrown)
      results.push({ case: each, actual: null, thrown: text, passed: false })
      broken = `not run: line ${each.directive.line} threw (${text})`
    }
  }
  return results
}

/**
 * The file with the actual output in place of the expected one; all else byte for byte as it was.
 */
export function rewrite(text: string, results: readonly Result[]): string {
  const lines = linesOf(text)
  const written: string[] = []
  let at = 0
  for (const { case: each, actual } of results) {
    written.push(...lines.slice(at, each.outputFrom))
    at = each.outputTo
    if (actual === null) {
      written.push(...lines.slice(each.outputFrom, at))
      continue
    }
    const output = linesOf(actual)
    const isDouble = output.some((line) => line.trim() === '')
    if (isDouble) written.push(separator, separator, ...output, separator, separator, '')
    else written.push(separator, ...output, '')
  }
  written.push(...lines.slice(at))
  while (written.length > 0 && written.at(-1)?.trim() === '') written.pop()
  return written.length === 0 ? '' : `${written.join('\n')}\n`
}

interface Output {
  readonly text: string
  readonly next: number
}

function readExpected(lines: readonly string[], from: number): Outcome<Output, ParseFailure> {
  let at = from
  if (at === lines.length) return ok({ text: '', next: at })
  at++
  return lines[at] === separator ? readDouble(lines, at + 1) : ok(readSingle(lines, at))
}

function readSingle(lines: readonly string[], from: number): Output {
  let at = from
  while (at < lines.length && lines[at]?.trim() !== '') at++
  const text = terminated(lines.slice(from, at))
  return { text, next: Math.min(at + 1, lines.length) }
}

function readDouble(lines: readonly string[], from: number): Outcome<Output, ParseFailure> {
  let at = from
  while (at < lines.length && !(lines[at] === separator && lines[at + 1] === separator)) at++
  const text = terminated(lines.slice(from, at))
  const after = at + 2
  if (after < lines.length && lines[after]?.trim() !== '') {
    return fail({ line: after + 1, reason: 'a double separator must be followed by a blank line' })
  }
  return ok({ text, next: Math.min(after + 1, lines.length) })
}

/** `subtest <name>` opens and `subtest end [<name>]` closes; the environment stays the same. */
function nest(open: string[], args: readonly Argument[]): string | null {
  const name = args[0]?.key
  if (name === undefined) return 'a subtest needs a name'
  if (name !== 'end') {
    if (args.length !== 1) return 'a subtest has one name'
    open.push(name)
    return null
  }
  const innermost = open.pop()
  if (innermost === undefined) return 'a subtest ends that never began'
  const named = args[1]?.key
  if (named !== undefined && named !== innermost) return `${named} ends inside of ${innermost}`
  return null
}

export function parseDirective(
  line: string,
): Outcome<{ readonly command: string; readonly args: readonly Argument[] }, string> {
  const whole = line.trim()
  const command = /^[^ ]*/.exec(whole)?.[0] ?? ''
  const args: Argument[] = []
  let at = skipBlanks(whole, command.length)
  while (at < whole.length) {
    const parsed = parseArgument(whole, at)
    if (parsed === null) return fail(`cannot parse the directive at column ${at + 1}: ${whole}`)
    args.push(parsed.argument)
    at = skipBlanks(whole, parsed.next)
  }
  return ok({ command, args })
}

function parseArgument(line: string, from: number): { argument: Argument; next: number } | null {
  const end = indexOfAny(line, ' =', from)
  const key = line.slice(from, end)
  if (key === '') return null
  if (line[end] !== '=') return { argument: { key, values: [] }, next: end }
  if (line[end + 1] !== '(') {
    const next = indexOfAny(line, ' ', end + 1)
    return { argument: { key, values: [line.slice(end + 1, next)] }, next }
  }
  return parseList(line, end + 2, key)
}

function parseList(
  line: string,
  from: number,
  key: string,
): { argument: Argument; next: number } | null {
  const values: string[] = []
  let depth = 1
  let start = from
  for (let at = from; at < line.length; at++) {
    const letter = line[at]
    if (letter === '(') depth++
    if (letter === ')') depth--
    if (depth === 0) {
      values.push(line.slice(start, at))
      return { argument: { key, values }, next: at + 1 }
    }
    if (letter === ',' && depth === 1) {
      values.push(line.slice(start, at))
      start = skipBlanks(line, at + 1)
      at = start - 1
    }
  }
  return null
}

function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function terminated(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

function skipBlanks(line: string, from: number): number {
  let at = from
  while (line[at] === ' ' || line[at] === '\t') at++
  return at
}

function indexOfAny(line: string, letters: string, from: number): number {
  let at = from
  while (at < line.length && !letters.includes(line[at] ?? '')) at++
  return at
}
