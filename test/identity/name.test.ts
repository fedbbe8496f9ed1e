import { expect, test } from 'vitest'
import { cleanName, nameUnitsMax } from '../../src-main/identity/name.ts'

test('what others call themselves cannot move the cursor, hide or turn the writing direction', () => {
  expect(cleanName('  Anna’s\tThinkPad \n')).toBe('Anna’s ThinkPad')
  expect(cleanName('safe\u202Etxt.exe')).toBe('safe txt.exe')
  expect(cleanName('a\u0000\u001b[31mb\u200b\u2028c\ufeff')).toBe('a [31mb c')
  expect(cleanName('\u202e\u200f')).toBe('')
  expect(cleanName('书房 🖥️')).toBe('书房 🖥️')
})

test('a name has at most 64 units and never half a character', () => {
  expect(cleanName('x'.repeat(nameUnitsMax))).toHaveLength(nameUnitsMax)
  expect(cleanName('x'.repeat(nameUnitsMax + 1))).toHaveLength(nameUnitsMax)
  const cut = cleanName(`${'x'.repeat(nameUnitsMax - 1)}😀`)
  expect(cut).toBe('x'.repeat(nameUnitsMax - 1))
})
