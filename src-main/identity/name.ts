/** What fits a line of the devices screen; the log itself takes longer names. */
export const nameUnitsMax = 64

/**
 * A device's name as it may be shown: what others call themselves reaches our screen, so nothing in it may move the
 * cursor, turn the writing direction or hide. Empty when nothing is left.
 */
export function cleanName(name: string): string {
  const visible = name
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
  return cut(visible).trim()
}

/** At most 64 UTF-16 units, and never half a surrogate pair. */
function cut(text: string): string {
  let units = 0
  for (const character of text) {
    if (units + character.length > nameUnitsMax) return text.slice(0, units)
    units += character.length
  }
  return text
}
