import type { NoteId } from '../../src-shared/base/ids.ts'

/** Where the cursor was and which text stood at the top, per note: this window's memory, never replicated. */
export interface KeptPlace {
  readonly anchor: number
  readonly head: number
  /** Position of the first line on the screen. */
  readonly top: number
}

export const keptPlacesMax = 100
const key = 'quire.places'

export function placeOf(id: NoteId, storage: Storage = localStorage): KeptPlace | null {
  return read(storage).find(([kept]) => kept === id)?.[1] ?? null
}

export function keepPlace(id: NoteId, place: KeptPlace, storage: Storage = localStorage): void {
  const others = read(storage).filter(([kept]) => kept !== id)
  const newest: Kept = [id, place]
  const places = [newest, ...others].slice(0, keptPlacesMax)
  storage.setItem(key, JSON.stringify(places))
}

type Kept = readonly [NoteId, KeptPlace]

function read(storage: Storage): readonly Kept[] {
  try {
    const kept: unknown = JSON.parse(storage.getItem(key) ?? '[]')
    return Array.isArray(kept) ? kept : []
  } catch {
    return [] // someone else's text: start afresh, nothing of worth is lost
  }
}
