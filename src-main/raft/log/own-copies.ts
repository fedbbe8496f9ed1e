import type { Entry } from '../entry.ts'

/**
 * The entries with data that nobody else holds: what came in may be a view of a buffer that is used
 * again, and would keep the whole of that buffer alive. One buffer for all, since they came
 * together.
 */
export function ownCopies(entries: readonly Entry[]): readonly Entry[] {
  let size = 0
  for (const { data } of entries) size += data?.length ?? 0
  const bytes = new Uint8Array(size)
  let at = 0
  return entries.map(({ type, term, index, data }) => {
    if (data === null) return { type, term, index, data }
    bytes.set(data, at)
    const own = bytes.subarray(at, at + data.length)
    at += data.length
    return { type, term, index, data: own }
  })
}
