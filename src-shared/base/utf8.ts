/**
 * Text to bytes and back. Every platform we run on has these two; the pure rooms are compiled without any platform's
 * names, so they are named here and nowhere else.
 */
declare const TextEncoder: new () => { encode(text: string): Uint8Array }
declare const TextDecoder: new (
  label: string,
  options: { fatal: boolean; ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string }

export function toUtf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Null when the bytes are not UTF-8. A leading U+FEFF is a character like any other. */
export function fromUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null // The platform says "not UTF-8" by throwing.
  }
}

/** Whether a well-formed text has at most so many bytes in UTF-8. Counts only when the length leaves room for doubt. */
export function fitsInBytes(text: string, bytesMax: number): boolean {
  if (text.length * 3 <= bytesMax) return true
  if (text.length > bytesMax) return false
  return utf8Length(text) <= bytesMax
}

/** UTF-8 bytes of a well-formed text. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) continue
    // A surrogate is half of a four-byte character: two bytes for each half.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2
  }
  return bytes
}

const loneSurrogate = /\p{Surrogate}/u

/** True when no half of a surrogate pair stands alone: only such a text survives the way through UTF-8. */
export function isWellFormed(text: string): boolean {
  return !loneSurrogate.test(text)
}
