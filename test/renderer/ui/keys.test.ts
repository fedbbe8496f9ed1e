import { expect, test } from 'vitest'
import { matches, shownKeys } from '../../../src-renderer/ui/keys.ts'
import { commands, isCommandId } from '../../../src-shared/ipc/commands.ts'

const pressed = (
  key: string,
  held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {},
) => ({
  key,
  code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : /^\d$/.test(key) ? `Digit${key}` : key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
})

test('an accelerator means Command on one system and Control on the others', () => {
  expect(matches('CmdOrCtrl+P', pressed('p', { ctrlKey: true }), false)).toBe(true)
  expect(matches('CmdOrCtrl+P', pressed('p', { metaKey: true }), true)).toBe(true)
  expect(matches('CmdOrCtrl+P', pressed('p', { metaKey: true }), false)).toBe(false)
  expect(matches('CmdOrCtrl+P', pressed('P', { ctrlKey: true, shiftKey: true }), false)).toBe(false)
  expect(matches('CmdOrCtrl+1', pressed('1', { ctrlKey: true }), false)).toBe(true)
  expect(matches('Shift+F6', pressed('F6', { shiftKey: true }), false)).toBe(true)
  expect(matches('F6', pressed('F6', { shiftKey: true }), false)).toBe(false)
})

test('keys are shown as each system writes them', () => {
  expect(shownKeys('CmdOrCtrl+Shift+F', false)).toBe('Ctrl-Shift-F')
  expect(shownKeys('CmdOrCtrl+Shift+F', true)).toBe('⇧⌘F')
})

test('no two commands share an id, a label or keys', () => {
  for (const field of ['id', 'label', 'accelerator'] as const) {
    const values = commands.map((command) => command[field]).filter((value) => value !== null)
    expect(new Set(values).size).toBe(values.length)
  }
  expect(isCommandId('note.new')).toBe(true)
  expect(isCommandId('note.nothing')).toBe(false)
})
