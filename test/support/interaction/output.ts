import type { Logger } from '../../../src-main/raft/logger.ts'
import { indented } from '../describe.ts'
import { ScriptError } from './script-error.ts'

const levels = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL', 'NONE'] as const
const names: readonly string[] = levels
const quietest = levels.length - 1

/** What a case prints: the runner's own text and, above a level, the log lines of every member. */
export class Output implements Logger {
  #text = ''
  #level = 0

  get level(): string {
    return levels[this.#level] ?? 'NONE'
  }

  setLevel(name: string): void {
    const level = names.indexOf(name.toUpperCase())
    if (level === -1) throw new ScriptError(`log levels must be either of [${levels.join(' ')}]`)
    this.#level = level
  }

  write(text: string): void {
    if (this.#level < quietest) this.#text += text
  }

  /** Runs `call` with everything that is written meanwhile two blanks further in. */
  indent(call: () => void): void {
    const outer = this.#text
    this.#text = ''
    try {
      call()
    } finally {
      this.#text = outer + indented(this.#text)
    }
  }

  /** The text of one command, with the error that ended it; the next starts empty. */
  take(error: string | null): string {
    const isQuiet = this.#level === quietest
    if (error !== null) this.write(error)
    const text = this.#text
    this.#text = ''
    if (error !== null && isQuiet) return error
    return text === '' ? 'ok' : text
  }

  debug(line: string): void {
    this.#log(0, line)
  }

  info(line: string): void {
    this.#log(1, line)
  }

  warn(line: string): void {
    this.#log(2, line)
  }

  error(line: string): void {
    this.#log(3, line)
  }

  #log(level: number, line: string): void {
    if (level >= this.#level) this.write(`${levels[level]} ${line}\n`)
  }
}
