import type { Argument, Directive } from './datadriven.ts'

const largest = 2n ** 64n - 1n

/** The value of `key=value`; throws for a bare key and for a list of several. */
export function singleValue(argument: Argument): string {
  const [value, ...more] = argument.values
  if (value === undefined || more.length > 0) throw new Error(`${argument.key}: wants one value`)
  return value
}

/** The argument of this name, if the directive has it. The last one wins. */
export function argumentOf(directive: Directive, key: string): Argument | undefined {
  return directive.args.findLast((argument) => argument.key === key)
}

/** An unsigned 64-bit number in base 10. */
export function parseId(text: string): bigint {
  if (!/^[0-9]+$/.test(text)) throw new Error(`parsing "${text}": invalid syntax`)
  const value = BigInt(text)
  if (value > largest) throw new Error(`parsing "${text}": value out of range`)
  return value
}

/** An index or a count. */
export function parseIndex(text: string): number {
  const value = Number(parseId(text))
  if (!Number.isSafeInteger(value)) throw new Error(`parsing "${text}": above 2^53-1`)
  return value
}

/** A size limit: what no number here can reach is no limit. */
export function parseLimit(text: string): number {
  const value = Number(parseId(text))
  return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY
}

export function parseBoolean(text: string): boolean {
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true
  if (/^(0|f|F|false|FALSE|False)$/.test(text)) return false
  throw new Error(`parsing "${text}": not a boolean`)
}
