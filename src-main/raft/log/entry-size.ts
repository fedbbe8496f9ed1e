import type { Entry } from '../entry.ts'
import { encodedEntrySize } from '../wire/entry.ts'

/** Bytes on the wire: what the limits on a message and on what is applied at once count. */
export function encodedSize(entries: readonly Entry[]): number {
  let size = 0
  for (const entry of entries) size += encodedEntrySize(entry)
  return size
}

/** Bytes of data alone: what the limits on the uncommitted tail and on what is in flight count. */
export function payloadSize(entries: readonly Entry[]): number {
  let size = 0
  for (const entry of entries) size += entry.data?.length ?? 0
  return size
}

/** A stretch of an array: from one place up to, not including, another. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/**
 * How many of the stretch's entries, from its front, fit into `sizeMax` bytes on the wire: at least
 * one, if there is one, so that a large entry is never stuck. Looks no further than it must.
 */
export function countWithin(
  entries: readonly Entry[],
  { from, to }: Stretch,
  sizeMax: number,
): number {
  if (sizeMax === Number.POSITIVE_INFINITY) return to - from
  let size = 0
  for (let place = from; place < to; place++) {
    const entry = entries[place]
    if (entry !== undefined) size += encodedEntrySize(entry)
    if (size > sizeMax) return Math.max(1, place - from)
  }
  return to - from
}
