import type { EditorView } from '@codemirror/view'
import { createContext, useContext } from 'react'
import type { NoteId } from '../../src-shared/base/ids.ts'
import type { WindowBridge } from '../bridge.ts'
import type { Notices } from '../ui/announce.ts'
import { createStore, type Readable, type Store } from '../ui/store.ts'
import { rowsOf } from './browse.ts'
import { type BrowseStore, createBrowseStore } from './browse-store.ts'
import { editorExtensions } from './editor-setup.ts'
import { createImports, type Imports } from './imports.ts'
import { createNotesStore, type NotesStore, type Refused } from './notes-store.ts'
import type { NoteSession } from './session.ts'
import { createSessions, type Sessions } from './sessions.ts'

/** The feature as one thing: what is known, what is looked at, what is open, and what can be done. */
export interface Notes {
  readonly store: NotesStore
  readonly browse: BrowseStore
  readonly sessions: Sessions
  readonly imports: Imports
  readonly notices: Notices
  /** The note, or the fresh page, in the editor. */
  readonly session: Readable<NoteSession | null>
  /** The editor while it is on the screen. */
  readonly editor: Store<EditorView | null>
  /** An address that was clicked and waits for a yes. */
  readonly link: Store<string | null>
  /** What one wants to do with the open note and must confirm, or edit, first. */
  readonly asked: Store<'purge' | 'empty-trash' | 'title' | 'tags' | 'saved' | null>
  openLink(url: URL): void
  open(id: NoteId, focus?: 'text'): void
  newNote(): void
  trash(id: NoteId): Promise<void>
  restore(id: NoteId): Promise<void>
  purge(ids: readonly NoteId[]): Promise<void>
  togglePin(id: NoteId): Promise<void>
}

export function createNotes(bridge: WindowBridge, notices: Notices, nonce: string): Notes {
  const link = createStore<string | null>(null)
  const extensions = editorExtensions({ nonce, openLink: (address) => link.set(address) })
  const sessions = createSessions(bridge, extensions)
  const store = createNotesStore(bridge, (ids) => sessions.gone(ids))
  const browse = createBrowseStore(bridge)
  const session = followSession(browse, sessions)
  const editor = createStore<EditorView | null>(null)
  const say = (refused: Refused): boolean => {
    if (refused !== null) notices.say(refused)
    return refused === null
  }

  const notes: Notes = {
    store,
    browse,
    sessions,
    notices,
    session,
    editor,
    link,
    imports: createImports(bridge),
    asked: createStore<'purge' | 'empty-trash' | 'title' | 'tags' | 'saved' | null>(null),
    openLink: (url) => bridge.openLink(url),
    open: (id, focus) => {
      browse.open(id)
      if (focus === 'text') focusSoon(editor)
    },
    newNote: () => {
      const { filter } = browse.get()
      if (filter.kind === 'trash') browse.show({ kind: 'all' })
      browse.search('')
      browse.openDraft()
      focusSoon(editor)
    },
    trash: async (id) => {
      const next = neighbour(notes, id)
      if (!say(await store.trash([id]))) return
      if (browse.get().current === id) next === null ? browse.closeNote() : browse.open(next)
      notices.say('Moved to the trash.', {
        label: 'Undo',
        run: () => {
          void store.restore([id]).then((refused) => say(refused) && browse.open(id))
        },
      })
    },
    restore: async (id) => {
      if (say(await store.restore([id]))) notices.say('Restored.')
    },
    purge: async (ids) => {
      const next = ids.length === 1 && ids[0] !== undefined ? neighbour(notes, ids[0]) : null
      if (!say(await store.purge(ids))) return
      const { current } = browse.get()
      if (current !== null && ids.includes(current)) {
        next === null ? browse.closeNote() : browse.open(next)
      }
    },
    togglePin: async (id) => {
      const note = store.get().byId.get(id)
      if (note === undefined) return
      if (say(await store.edit({ id, pinned: !note.pinned }))) {
        notices.say(note.pinned ? 'Unpinned.' : 'Pinned to the top.')
      }
    },
  }
  let isFirst = true
  store.subscribe(() => {
    if (store.get().phase === 'loading') return
    openSomething(notes, isFirst)
    isFirst = false
  })
  return notes
}

/** What is open follows what is looked at; a draft that became a note keeps its session. */
function followSession(browse: BrowseStore, sessions: Sessions): Readable<NoteSession | null> {
  const session = createStore<NoteSession | null>(null)
  let drafts = 0
  const follow = (): void => {
    const { current, draft } = browse.get()
    if (current !== null) session.set(sessions.open(current))
    else if (draft === 0) session.set(null)
    else if (draft !== drafts || session.get() === null) {
      session.set(sessions.draft((id) => browse.draftBecame(id)))
    }
    drafts = draft
  }
  browse.subscribe(follow)
  follow()
  return session
}

/**
 * Once the first list is here, something is open: the note of last time, else the newest, and with no note at all a fresh
 * page. Later only an empty editor is filled: what was deleted elsewhere while it was open stays until one turns away.
 */
function openSomething({ store, browse, editor }: Notes, isFirst: boolean): void {
  const { byId } = store.get()
  const { current } = browse.get()
  if (isFirst && current !== null && !byId.has(current)) browse.closeNote()
  if (browse.get().current !== null || browse.get().draft > 0) return
  const first = rowsOf(byId, { kind: 'all' }, '', [])[0]
  if (first !== undefined) browse.open(first.note.id)
  else if (byId.size === 0) {
    browse.openDraft()
    focusSoon(editor)
  }
}

/** The note that takes the place of one that leaves the list: the one below it, else the one above. */
function neighbour({ store, browse }: Notes, id: NoteId): NoteId | null {
  const { filter, query, hits } = browse.get()
  const rows = rowsOf(store.get().byId, filter, query, hits)
  const at = rows.findIndex((row) => row.note.id === id)
  return (rows[at + 1] ?? rows[at - 1])?.note.id ?? null
}

/** The editor of a note that was just opened is on the screen with the next frames. */
function focusSoon(editor: Readable<EditorView | null>, tries = 20): void {
  requestAnimationFrame(() => {
    const view = editor.get()
    if (view === null || !view.dom.isConnected) {
      if (tries > 0) focusSoon(editor, tries - 1)
    } else {
      view.focus()
    }
  })
}

export const NotesContext = createContext<Notes | null>(null)

export function useNotes(): Notes {
  const notes = useContext(NotesContext)
  if (notes === null) throw new Error('there are no notes above this component')
  return notes
}
