const escapes: ReadonlyMap<number, string> = new Map([
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0b, '\\v'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
])

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes as a double-quoted string: printable UTF-8 as it is, all else escaped. */
export function quote(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const letter = letterAt(bytes, at)
    if (letter === null) {
      text += `\\x${hex(bytes[at] ?? 0, 2)}`
      at++
    } else {
      text += escaped(letter.code)
      at += letter.length
    }
  }
  return `"${text}"`
}

function escaped(code: number): string {
  const known = escapes.get(code)
  if (known !== undefined) return known
  const letter = String.fromCodePoint(code)
  if (printable.test(letter)) return letter
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`
  return code < 0x1_0000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

function letterAt(bytes: Uint8Array, at: number): { code: number; length: number } | null {
  const lead = bytes[at] ?? 0
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  if (at + length > bytes.length) return null
  try {
    const code = decoder.decode(bytes.subarray(at, at + length)).codePointAt(0)
    return code === undefined ? null : { code, length }
  } catch {
    return null // not UTF-8: the byte stands for itself
  }
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
