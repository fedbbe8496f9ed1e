import { moveLineDown, moveLineUp, redo, undo } from '@codemirror/commands'
import { openSearchPanel } from '@codemirror/search'
import type { EditorView } from '@codemirror/view'
import type { CommandId } from '../../src-shared/ipc/commands.ts'
import type { WindowBridge } from '../bridge.ts'
import { placesOf } from '../notes/browse.ts'
import type { ImportDoor } from '../notes/import-drop.tsx'
import { makeLink, toggleMark } from '../notes/markdown-keys.ts'
import type { Notes } from '../notes/notes.ts'
import type { Store } from '../ui/store.ts'
import type { Layout, Pane } from './layout-store.ts'
import { panesShown } from './layout-store.ts'

/** What lies over the panes. */
export type Over = 'switcher' | 'palette' | 'details' | 'appearance' | null

export interface Parts {
  readonly bridge: WindowBridge
  readonly notes: Notes
  readonly layout: Layout
  readonly over: Store<Over>
  readonly importDoor: { current: ImportDoor | null }
  readonly searchField: { current: HTMLInputElement | null }
}

type Acts = Readonly<Record<CommandId, () => void>>

/** What each command does: one table, for the keys, the palette, the buttons and the native menu. */
export function createActs(parts: Parts): Acts {
  const { notes, layout, over, importDoor, searchField } = parts
  const note = (act: (id: string) => void) => () => {
    const id = notes.session.get()?.id ?? null
    if (id !== null) act(id)
  }
  const editor = (act: (view: EditorView) => unknown) => () => {
    const view = notes.editor.get()
    if (view === null) return
    view.focus()
    act(view)
  }
  const show = (kind: 'all' | 'pinned' | 'trash') => () => {
    layout.show('notes')
    notes.browse.show({ kind })
    layout.reveal('list')
  }
  const ask = (what: 'purge' | 'title' | 'tags' | 'saved') =>
    note(() => {
      layout.show('notes')
      layout.reveal('main')
      notes.asked.set(what)
    })
  return {
    'note.new': () => {
      layout.show('notes')
      layout.reveal('main')
      notes.newNote()
    },
    'note.switch': () => over.set('switcher'),
    'app.commands': () => over.set('palette'),
    'files.import-files': () => importDoor.current?.files(),
    'files.import-folder': () => importDoor.current?.folder(),
    'files.export': () => void exportAll(parts),
    'edit.undo': () => (isInField() ? document.execCommand('undo') : editor(undo)()),
    'edit.redo': () => (isInField() ? document.execCommand('redo') : editor(redo)()),
    'find.here': editor(openSearchPanel),
    'find.all': () => {
      layout.show('notes')
      layout.reveal('list')
      // The field may have been hidden until now.
      requestAnimationFrame(() => searchField.current?.select())
    },
    'note.saved': ask('saved'),
    'note.title': ask('title'),
    'note.tags': ask('tags'),
    'note.pin': note((id) => void notes.togglePin(id)),
    'note.trash': note((id) => void notes.trash(id)),
    'note.restore': note((id) => void notes.restore(id)),
    'note.purge': ask('purge'),
    'trash.empty': () => {
      show('trash')()
      notes.asked.set('empty-trash')
    },
    'format.bold': editor(toggleMark('**')),
    'format.italic': editor(toggleMark('*')),
    'format.link': editor(makeLink),
    'line.up': editor(moveLineUp),
    'line.down': editor(moveLineDown),
    'view.sidebar': () => layout.toggleSidebar(),
    'view.list': () => layout.toggleList(),
    'view.editor': () => {
      layout.justMain()
      focusPane('main', notes)
    },
    'pane.next': () => cyclePane(parts, 1),
    'pane.previous': () => cyclePane(parts, -1),
    'show.all': show('all'),
    'show.pinned': show('pinned'),
    'show.trash': show('trash'),
    'look.appearance': () => over.set('appearance'),
    'devices.open': () => layout.show('devices'),
    'devices.add': () => {
      layout.show('devices')
      requestAnimationFrame(() => document.getElementById('address')?.focus())
    },
    'status.details': () => over.set('details'),
  }
}

/** Null: it can be run. Otherwise why not. */
export function whyNot(command: CommandId, { notes, layout }: Parts): string | null {
  const { byId } = notes.store.get()
  const note = byId.get(notes.session.get()?.id ?? '')
  const isNoteCommand =
    /^(note\.(saved|title|tags|pin|trash|restore|purge)|find\.here|edit\.|format\.|line\.)/
  if (isNoteCommand.test(command)) {
    if (layout.get().screen !== 'notes') return 'No note is on the screen.'
    if (note === undefined) return 'There is no note open.'
  }
  if (command === 'trash.empty' && placesOf(byId).trash === 0) return 'The trash is empty.'
  const needsTrashed = command === 'note.restore' || command === 'note.purge'
  if (needsTrashed && note?.trashed === false) return 'The note is not in the trash.'
  if (command === 'note.trash' && note?.trashed === true) return 'The note is in the trash already.'
  return null
}

async function exportAll({ bridge, notes }: Parts): Promise<void> {
  notes.notices.say('Exporting…')
  const exported = await bridge.exportAll()
  if (exported.kind === 'saved') notes.notices.say(`Exported as ${exported.name}.`)
  else if (exported.kind === 'failed') notes.notices.say(exported.message)
  else notes.notices.clear()
}

function isInField(): boolean {
  const focused = document.activeElement
  return focused instanceof HTMLInputElement || focused instanceof HTMLTextAreaElement
}

function cyclePane({ layout, notes }: Parts, step: number): void {
  const panes = panesShown(layout.get())
  const inside = document.activeElement?.closest<HTMLElement>('[data-pane]')?.dataset.pane
  const at = panes.indexOf(inside as Pane)
  const next = panes[(at + step + panes.length) % panes.length]
  if (next !== undefined) focusPane(next, notes)
}

function focusPane(pane: Pane, notes: Notes): void {
  const view = notes.editor.get()
  if (pane === 'main' && view !== null) return view.focus()
  const inside = {
    sidebar: '[aria-current="page"], .member, button',
    list: '[role="listbox"], input',
    main: '[tabindex="0"], button',
  }[pane]
  document.querySelector<HTMLElement>(`[data-pane="${pane}"] :is(${inside})`)?.focus()
}
