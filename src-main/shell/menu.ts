import type { MenuItemConstructorOptions } from 'electron'
import { type CommandEntry, type CommandId, commands } from '../../src-shared/ipc/commands.ts'

const titles: readonly (readonly [CommandEntry['menu'], string])[] = [
  ['file', 'File'],
  ['edit', 'Edit'],
  ['note', 'Note'],
  ['format', 'Format'],
  ['view', 'View'],
  ['devices', 'Devices'],
]

/** The native menu says what the window's palette says, from the same table. */
export function menuTemplate(
  platform: string,
  run: (id: CommandId) => void,
): MenuItemConstructorOptions[] {
  const menus = titles.map(([menu, label]) => ({
    label,
    submenu: [
      ...commands.filter((command) => command.menu === menu).map((command) => item(command, run)),
      ...extras(menu, platform),
    ],
  }))
  const mac: MenuItemConstructorOptions[] = platform === 'darwin' ? [{ role: 'appMenu' }] : []
  return [...mac, ...menus, { role: 'windowMenu' }]
}

function item(
  command: CommandEntry & { readonly id: CommandId },
  run: (id: CommandId) => void,
): MenuItemConstructorOptions {
  return {
    id: command.id,
    label: command.label,
    ...(command.accelerator === null ? {} : { accelerator: command.accelerator }),
    // Where the keys mean something else while typing the menu shows them and leaves them to the page.
    registerAccelerator: command.keys === 'everywhere',
    click: () => run(command.id),
  }
}

function extras(menu: CommandEntry['menu'], platform: string): MenuItemConstructorOptions[] {
  if (menu === 'edit') {
    return [
      { type: 'separator' },
      { role: 'cut' },
      { role: 'copy' },
      { role: 'paste' },
      { role: 'selectAll' },
    ]
  }
  if (menu === 'view') return [{ type: 'separator' }, { role: 'togglefullscreen' }]
  if (menu === 'file' && platform !== 'darwin') return [{ type: 'separator' }, { role: 'quit' }]
  return []
}
