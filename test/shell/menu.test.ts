import { expect, test } from 'vitest'
import { menuTemplate } from '../../src-main/shell/menu.ts'
import { commands } from '../../src-shared/ipc/commands.ts'

function items(platform: string) {
  const ran: string[] = []
  const menus = menuTemplate(platform, (id) => ran.push(id))
  const all = menus.flatMap((menu) => (Array.isArray(menu.submenu) ? menu.submenu : []))
  return { menus, all, ran }
}

test('every command of the window stands in the native menu once, by the same name and keys', () => {
  const { all } = items('linux')
  for (const command of commands) {
    const found = all.filter((item) => item.id === command.id)
    expect(found).toHaveLength(1)
    expect(found[0]?.label).toBe(command.label)
    expect(found[0]?.accelerator ?? null).toBe(command.accelerator)
  }
})

test('choosing an item runs its command', () => {
  const { all, ran } = items('linux')
  const item = all.find(({ id }) => id === 'note.new')
  item?.click?.(undefined as never, undefined, undefined as never)
  expect(ran).toEqual(['note.new'])
})

test('keys that mean something while typing are shown and left to the page', () => {
  const { all } = items('linux')
  expect(all.find(({ id }) => id === 'note.trash')?.registerAccelerator).toBe(false)
  expect(all.find(({ id }) => id === 'note.new')?.registerAccelerator).toBe(true)
})

test('macOS has its app menu, the others quit from File', () => {
  expect(items('darwin').menus[0]?.role).toBe('appMenu')
  expect(items('darwin').all.some(({ role }) => role === 'quit')).toBe(false)
  expect(items('linux').all.some(({ role }) => role === 'quit')).toBe(true)
})
