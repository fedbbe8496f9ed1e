/**
 * Where the core says what it does, in lines of ids and numbers. Whoever drives it decides which
 * levels are kept.
 */
export interface Logger {
  debug(line: string): void
  info(line: string): void
  warn(line: string): void
  error(line: string): void
}
