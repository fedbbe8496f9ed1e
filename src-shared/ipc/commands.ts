/**
 * What a person can do by name: one table for the window's keys and palette and for the native menu, so that both say the
 * same words. Accelerators are written as Electron writes them; `CmdOrCtrl` is Command on macOS and Control elsewhere.
 */
export interface CommandEntry {
  readonly id: string
  readonly label: string
  readonly menu: 'file' | 'edit' | 'note' | 'format' | 'view' | 'devices'
  readonly accelerator: string | null
  /**
   * `not-typing`: the keys mean something else in a text field (Ctrl-Backspace deletes a word), so the native menu shows
   * them without claiming them (`registerAccelerator: false`). `editor`: the editor's own keymap answers, likewise.
   */
  readonly keys: 'everywhere' | 'not-typing' | 'editor'
  /** A browser tab keeps some keys to itself; there these work instead. */
  readonly inBrowser: string | null
}

type Keys = Partial<Pick<CommandEntry, 'keys' | 'inBrowser'>>

function entry<const Id extends string>(
  menu: CommandEntry['menu'],
  id: Id,
  label: string,
  accelerator: string | null = null,
  { keys = 'everywhere', inBrowser = null }: Keys = {},
): CommandEntry & { readonly id: Id } {
  return { id, label, menu, accelerator, keys, inBrowser }
}

/** In the order of the menus. */
export const commands = [
  entry('file', 'note.new', 'New note', 'CmdOrCtrl+N', { inBrowser: 'Alt+N' }),
  entry('file', 'note.switch', 'Go to note…', 'CmdOrCtrl+P'),
  entry('file', 'app.commands', 'Commands…', 'CmdOrCtrl+K'),
  entry('file', 'files.import-files', 'Import files…'),
  entry('file', 'files.import-folder', 'Import a folder…'),
  entry('file', 'files.export', 'Export all notes…'),

  entry('edit', 'edit.undo', 'Undo', 'CmdOrCtrl+Z', { keys: 'editor' }),
  entry('edit', 'edit.redo', 'Redo', 'CmdOrCtrl+Shift+Z', { keys: 'editor' }),
  entry('edit', 'find.here', 'Find in this note', 'CmdOrCtrl+F'),
  entry('edit', 'find.all', 'Search all notes', 'CmdOrCtrl+Shift+F'),

  entry('note', 'note.saved', 'Where is this note saved?', 'CmdOrCtrl+S'),
  entry('note', 'note.title', 'Rename this note'),
  entry('note', 'note.tags', 'Edit tags'),
  entry('note', 'note.pin', 'Pin or unpin', 'CmdOrCtrl+D'),
  entry('note', 'note.trash', 'Move to trash', 'CmdOrCtrl+Backspace', { keys: 'not-typing' }),
  entry('note', 'note.restore', 'Restore from trash'),
  entry('note', 'note.purge', 'Delete for ever…'),
  entry('note', 'trash.empty', 'Empty the trash…'),

  entry('format', 'format.bold', 'Bold', 'CmdOrCtrl+B', { keys: 'editor' }),
  entry('format', 'format.italic', 'Italic', 'CmdOrCtrl+I', { keys: 'editor' }),
  entry('format', 'format.link', 'Link', 'CmdOrCtrl+Shift+K', { keys: 'editor' }),
  entry('format', 'line.up', 'Move line up', 'Alt+Up', { keys: 'editor' }),
  entry('format', 'line.down', 'Move line down', 'Alt+Down', { keys: 'editor' }),

  entry('view', 'view.sidebar', 'Show or hide the sidebar', 'CmdOrCtrl+1'),
  entry('view', 'view.list', 'Show or hide the list', 'CmdOrCtrl+2'),
  entry('view', 'view.editor', 'Just the note', 'CmdOrCtrl+3'),
  entry('view', 'pane.next', 'Next pane', 'F6'),
  entry('view', 'pane.previous', 'Previous pane', 'Shift+F6'),
  entry('view', 'show.all', 'Show all notes'),
  entry('view', 'show.pinned', 'Show pinned notes'),
  entry('view', 'show.trash', 'Show the trash'),
  entry('view', 'look.appearance', 'Appearance…'),

  entry('devices', 'devices.open', 'Devices'),
  entry('devices', 'devices.add', 'Add a device…'),
  entry('devices', 'status.details', 'Details…'),
] as const satisfies readonly CommandEntry[]

export type CommandId = (typeof commands)[number]['id']

const ids: ReadonlySet<string> = new Set(commands.map((command) => command.id))

export function isCommandId(text: string): text is CommandId {
  return ids.has(text)
}
