import type { NoteId } from '../../src-shared/base/ids.ts'
import type { NoteSummary, SearchHit } from '../../src-shared/ipc/contract.ts'

/** Which notes the list shows. */
export type Filter =
  | { readonly kind: 'all' }
  | { readonly kind: 'pinned' }
  | { readonly kind: 'trash' }
  | { readonly kind: 'tag'; readonly tag: string }

export interface Row {
  readonly note: NoteSummary
  /** Where the search found it in the text; null: in its title or tags, or there is no search. */
  readonly hit: SearchHit | null
}

export function sameFilter(a: Filter, b: Filter): boolean {
  return a.kind === b.kind && (a.kind !== 'tag' || (b.kind === 'tag' && a.tag === b.tag))
}

/** The rows in the order of the list: pinned first, then the last edited; with a search, titles first, then texts. */
export function rowsOf(
  byId: ReadonlyMap<NoteId, NoteSummary>,
  filter: Filter,
  query: string,
  hits: readonly SearchHit[],
): readonly Row[] {
  const inFilter = [...byId.values()].filter((note) => belongs(note, filter))
  const words = wordsOf(query)
  if (words.length === 0) return inFilter.sort(inOrder).map((note) => ({ note, hit: null }))
  const titled = inFilter.filter((note) => isTitled(note, words)).sort(inOrder)
  const seen = new Set(titled.map((note) => note.id))
  const found = hits.flatMap((hit) => {
    const note = byId.get(hit.id)
    return note === undefined || seen.has(hit.id) || !belongs(note, filter) ? [] : [{ note, hit }]
  })
  return [...titled.map((note) => ({ note, hit: null })), ...found]
}

export function belongs(note: NoteSummary, filter: Filter): boolean {
  switch (filter.kind) {
    case 'all':
      return !note.trashed
    case 'pinned':
      return !note.trashed && note.pinned
    case 'trash':
      return note.trashed
    case 'tag':
      return !note.trashed && note.tags.includes(filter.tag)
  }
}

export function wordsOf(query: string): readonly string[] {
  return query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
}

/** Every word, somewhere in the title or the tags. */
function isTitled(note: NoteSummary, words: readonly string[]): boolean {
  const title = `${note.title}\n${note.tags.join('\n')}`.toLowerCase()
  return words.every((word) => title.includes(word.replace(/^#/, '')))
}

function inOrder(a: NoteSummary, b: NoteSummary): number {
  if (a.pinned !== b.pinned) return a.pinned ? -1 : 1
  if (a.updatedAt !== b.updatedAt) return a.updatedAt < b.updatedAt ? 1 : -1
  return a.id < b.id ? -1 : 1
}

export interface Places {
  readonly all: number
  readonly pinned: number
  readonly trash: number
  /** By name. */
  readonly tags: readonly { readonly tag: string; readonly notes: number }[]
}

const placesKnown = new WeakMap<ReadonlyMap<NoteId, NoteSummary>, Places>()

/** How many notes lie where; counted once per state. */
export function placesOf(byId: ReadonlyMap<NoteId, NoteSummary>): Places {
  const known = placesKnown.get(byId)
  if (known !== undefined) return known
  let [all, pinned, trash] = [0, 0, 0]
  const tags = new Map<string, number>()
  for (const note of byId.values()) {
    if (note.trashed) {
      trash += 1
      continue
    }
    all += 1
    if (note.pinned) pinned += 1
    for (const tag of note.tags) tags.set(tag, (tags.get(tag) ?? 0) + 1)
  }
  const places: Places = {
    all,
    pinned,
    trash,
    tags: [...tags]
      .map(([tag, notes]) => ({ tag, notes }))
      .sort((a, b) => a.tag.localeCompare(b.tag, 'en', { sensitivity: 'base', numeric: true })),
  }
  placesKnown.set(byId, places)
  return places
}
