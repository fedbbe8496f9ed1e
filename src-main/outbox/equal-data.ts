/** Whether two values would be the same JSON, the order of their keys aside. What is one object costs nothing. */
export function equalData(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && equalItems(a, b)
  }
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) &&
      equalData((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  )
}

function equalItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.every((item, at) => equalData(item, b[at]))
}
