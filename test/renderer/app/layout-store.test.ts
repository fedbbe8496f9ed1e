import { expect, test } from 'vitest'
import { type LayoutState, panesShown } from '../../../src-renderer/app/layout-store.ts'

const wide: LayoutState = {
  room: 'wide',
  sidebar: true,
  list: true,
  isListOver: false,
  pane: 'list',
  sidebarWidth: 240,
  listWidth: 300,
  screen: 'notes',
}

test('three panes where there is room, and those that were put away are not', () => {
  expect(panesShown(wide)).toEqual(['sidebar', 'list', 'main'])
  expect(panesShown({ ...wide, list: false })).toEqual(['sidebar', 'main'])
  expect(panesShown({ ...wide, sidebar: false, list: false })).toEqual(['main'])
})

test('in the middle the list comes over the note when it is asked for', () => {
  const middle: LayoutState = { ...wide, room: 'middle' }
  expect(panesShown(middle)).toEqual(['sidebar', 'main'])
  expect(panesShown({ ...middle, isListOver: true })).toEqual(['sidebar', 'list', 'main'])
})

test('where it is narrow there is one pane at a time', () => {
  const narrow: LayoutState = { ...wide, room: 'narrow', pane: 'sidebar' }
  expect(panesShown(narrow)).toEqual(['sidebar'])
})

test('the devices screen has no list beside it', () => {
  expect(panesShown({ ...wide, screen: 'devices' })).toEqual(['sidebar', 'main'])
})
