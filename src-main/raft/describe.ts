import type { ConfChangeV2 } from './entry.ts'

/** A change as the log shows it: `transition:… changes:{type:… node_id:…} context:"…"`. */
export function describeConfChange({ transition, changes, context }: ConfChangeV2): string {
  let text = `transition:${transition}`
  for (const { type, nodeId } of changes) text += ` changes:{type:${type} node_id:${nodeId}}`
  if (context !== null && context.length > 0) text += ` context:${quote(context)}`
  return text
}

const escapes: ReadonlyMap<number, string> = new Map([
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
])

/** Bytes in quotes: UTF-8 as it is, what controls or is no UTF-8 as an escape. */
function quote(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const letter = letterAt(bytes, at)
    const byte = bytes[at] ?? 0
    if (letter === null || byte < 0x20 || byte === 0x7f || escapes.has(byte)) {
      text += escapes.get(byte) ?? `\\x${byte.toString(16).padStart(2, '0')}`
      at++
    } else {
      const { code, length } = letter
      const isControl = code >= 0x80 && code <= 0x9f
      text += isControl ? `\\u${code.toString(16).padStart(4, '0')}` : String.fromCodePoint(code)
      at += length
    }
  }
  return `"${text}"`
}

/** The UTF-8 letter that starts here; null when none does. */
function letterAt(bytes: Uint8Array, at: number): { code: number; length: number } | null {
  const lead = bytes[at] ?? 0
  if (lead < 0x80) return { code: lead, length: 1 }
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
  let code = lead & (0xff >> (length + 1))
  for (let next = at + 1; next < at + length; next++) {
    const byte = bytes[next] ?? 0
    if ((byte & 0xc0) !== 0x80) return null
    code = code * 0x40 + (byte & 0x3f)
  }
  const isOverlong = code < (length === 2 ? 0x80 : length === 3 ? 0x800 : 0x1_0000)
  const isSurrogate = code >= 0xd800 && code <= 0xdfff
  return isOverlong || isSurrogate || code > 0x10_ffff ? null : { code, length }
}
