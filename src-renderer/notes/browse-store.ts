import type { NoteId } from '../../src-shared/base/ids.ts'
import type { SearchHit } from '../../src-shared/ipc/contract.ts'
import { LostConnection, type WindowBridge } from '../bridge.ts'
import { createStore, type Readable } from '../ui/store.ts'
import type { Filter } from './browse.ts'

export interface BrowseState {
  readonly filter: Filter
  readonly query: string
  /** Of the last search that was answered; texts that an older query found stay until the next answer. */
  readonly hits: readonly SearchHit[]
  /** The query that `hits` answer. */
  readonly answered: string
  /** The open note; null: a fresh page, or nothing yet. */
  readonly current: NoteId | null
  /** Counts fresh pages, so that each is one of its own; 0: none. */
  readonly draft: number
}

export interface BrowseStore extends Readable<BrowseState> {
  show(filter: Filter): void
  search(query: string): void
  open(id: NoteId): void
  /** A fresh page in the editor. */
  openDraft(): void
  /** The fresh page became a note; the editor stays as it is. */
  draftBecame(id: NoteId): void
  closeNote(): void
}

export const searchHitsMax = 200
const searchDelayMs = 90
const lastNoteKey = 'quire.note'

export function createBrowseStore(bridge: WindowBridge): BrowseStore {
  const store = createStore<BrowseState>({
    filter: { kind: 'all' },
    query: '',
    hits: [],
    answered: '',
    current: sessionStorage.getItem(lastNoteKey) ?? localStorage.getItem(lastNoteKey),
    draft: 0,
  })
  let timer: ReturnType<typeof setTimeout> | undefined

  const ask = async (query: string): Promise<void> => {
    const answered = await bridge.call('notes/search', { query, limit: searchHitsMax })
    if (store.get().query.trim() === query) store.merge({ hits: answered, answered: query })
  }
  const search = (query: string): void => {
    store.merge({ query })
    clearTimeout(timer)
    const wanted = query.trim()
    if (wanted === '') return store.merge({ hits: [], answered: '' })
    timer = setTimeout(() => {
      ask(wanted).catch((error: unknown) => {
        if (!(error instanceof LostConnection)) throw error // titles are still searched
      })
    }, searchDelayMs)
  }
  const remember = (id: NoteId | null): void => {
    for (const storage of [sessionStorage, localStorage]) {
      if (id === null) storage.removeItem(lastNoteKey)
      else storage.setItem(lastNoteKey, id)
    }
  }
  return {
    get: store.get,
    subscribe: store.subscribe,
    show: (filter) => store.merge({ filter }),
    search,
    open: (id) => {
      remember(id)
      store.merge({ current: id, draft: 0 })
    },
    openDraft: () => store.merge({ current: null, draft: store.get().draft + 1 }),
    draftBecame: (id) => {
      remember(id)
      store.merge({ current: id })
    },
    closeNote: () => {
      remember(null)
      store.merge({ current: null, draft: 0 })
    },
  }
}
