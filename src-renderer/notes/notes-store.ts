import type { NoteId } from '../../src-shared/base/ids.ts'
import type { Outcome } from '../../src-shared/base/outcome.ts'
import type {
  CallName,
  Calls,
  Events,
  NoteEdit,
  NoteSummary,
  Refusal,
} from '../../src-shared/ipc/contract.ts'
import { inWords, LostConnection, type WindowBridge } from '../bridge.ts'
import { createStore, type Readable } from '../ui/store.ts'

export interface NotesState {
  /** `loading` until the first list is here. */
  readonly phase: 'loading' | 'ready'
  readonly byId: ReadonlyMap<NoteId, NoteSummary>
}

/** Null: done. Otherwise why not, in words. */
export type Refused = string | null

export interface NotesStore extends Readable<NotesState> {
  /** A note with this text; the answer is its id, or why not. */
  create(body: string): Promise<{ readonly id: NoteId } | string>
  edit(edit: NoteEdit): Promise<Refused>
  trash(ids: readonly NoteId[]): Promise<Refused>
  restore(ids: readonly NoteId[]): Promise<Refused>
  purge(ids: readonly NoteId[]): Promise<Refused>
}

export function createNotesStore(
  bridge: WindowBridge,
  onGone: (ids: readonly NoteId[]) => void,
): NotesStore {
  const store = createStore<NotesState>({ phase: 'loading', byId: new Map() })
  /** Events that came while a list was on its way: they may be newer than what it says. */
  let early: Events['notes'][] | null = null

  const take = (events: readonly Events['notes'][]): void => {
    const byId = new Map(store.get().byId)
    for (const { changed, gone } of events) {
      for (const note of changed) byId.set(note.id, note)
      for (const id of gone) byId.delete(id)
    }
    store.merge({ byId })
    const gone = events.flatMap((event) => event.gone)
    if (gone.length > 0) onGone(gone)
  }
  const gather = gathering(take)
  const load = async (): Promise<void> => {
    early = []
    const list = await bridge.call('notes/list', null)
    const before = store.get().byId
    store.set({ phase: 'ready', byId: new Map(list.map((note) => [note.id, note])) })
    const missedGone = [...before.keys()].filter((id) => !store.get().byId.has(id))
    if (missedGone.length > 0) onGone(missedGone)
    take(early)
    early = null
  }
  const follow = (): void => {
    if (bridge.connection.get().kind !== 'open') return
    load().catch((error: unknown) => {
      early = null
      if (!(error instanceof LostConnection)) throw error // the next connection loads again
    })
  }

  bridge.hear('notes', (event) => {
    if (early === null) gather(event)
    else early.push(event)
  })
  bridge.connection.subscribe(follow)
  follow()

  return {
    get: store.get,
    subscribe: store.subscribe,
    create: async (body) => {
      try {
        const created = await bridge.call('notes/create', { body })
        return created.ok ? created.value : created.error.message
      } catch (error) {
        return inWords(error)
      }
    },
    edit: (edit) => told(bridge, 'notes/edit', edit),
    trash: (ids) => told(bridge, 'notes/trash', { ids }),
    restore: (ids) => told(bridge, 'notes/restore', { ids }),
    purge: (ids) => told(bridge, 'notes/purge', { ids }),
  }
}

/** How often the list is drawn anew at most, in ms: an import tells of hundreds of notes, one by one. */
const gatherMs = 40

/** The first event goes through at once; those that follow close upon it go together. */
function gathering<E>(take: (events: readonly E[]) => void): (event: E) => void {
  let waiting: E[] | null = null
  const release = (): void => {
    const events = waiting ?? []
    waiting = null
    if (events.length === 0) return
    take(events)
    hold()
  }
  const hold = (): void => {
    waiting = []
    setTimeout(release, gatherMs)
  }
  return (event) => {
    if (waiting !== null) {
      waiting.push(event)
    } else {
      take([event])
      hold()
    }
  }
}

type Quiet = {
  [N in CallName]: Calls[N]['answer'] extends Outcome<null, Refusal> ? N : never
}[CallName]

async function told<N extends Quiet>(
  bridge: WindowBridge,
  name: N,
  ask: Calls[N]['ask'],
): Promise<Refused> {
  try {
    const answer: Outcome<null, Refusal> = await bridge.call(name, ask)
    return answer.ok ? null : answer.error.message
  } catch (error) {
    return inWords(error)
  }
}
