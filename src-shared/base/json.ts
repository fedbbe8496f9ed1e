import { fromUtf8, toUtf8 } from './utf8.ts'

/** Undefined, which JSON cannot say, when the bytes are not JSON in UTF-8. */
export function readJson(bytes: Uint8Array): unknown {
  const text = fromUtf8(bytes)
  if (text === null) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined // The parser says "not JSON" by throwing.
  }
}

export function writeJson(value: unknown): Uint8Array {
  return toUtf8(JSON.stringify(value))
}

export function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A whole number from 0 to 2^53 − 1. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

const isoPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/

/** ISO 8601 UTC with milliseconds, as Clock.wall gives it. Only the shape: wall times are shown, never computed with. */
export function isWallTime(value: unknown): value is string {
  return typeof value === 'string' && isoPattern.test(value)
}
