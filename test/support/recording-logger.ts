import type { Logger } from '../../src-main/raft/logger.ts'

/** Keeps what is said, `LEVEL text`. */
export class RecordingLogger implements Logger {
  readonly lines: string[] = []

  debug(line: string): void {
    this.lines.push(`DEBUG ${line}`)
  }

  info(line: string): void {
    this.lines.push(`INFO ${line}`)
  }

  warn(line: string): void {
    this.lines.push(`WARN ${line}`)
  }

  error(line: string): void {
    this.lines.push(`ERROR ${line}`)
  }

  /** Whether a line since the last `forget` holds this text. */
  said(text: string): boolean {
    return this.lines.some((line) => line.includes(text))
  }

  forget(): void {
    this.lines.length = 0
  }
}
