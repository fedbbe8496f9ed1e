import { expect, test } from 'vitest'
import {
  parsePlacement,
  visiblePlacement,
  windowOptions,
} from '../../src-main/shell/window-options.ts'

test('a window is sandboxed and isolated, and has nothing of Node', () => {
  const { webPreferences } = windowOptions('/app/preload.cjs', null, false)
  expect(webPreferences).toEqual({
    preload: '/app/preload.cjs',
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: true,
  })
})

test('a window comes back where it was left', () => {
  const bounds = { x: 40, y: 50, width: 900, height: 700 }
  expect(windowOptions('p', { bounds, maximised: false }, true)).toMatchObject(bounds)
})

test('a place on a screen that is gone is forgotten', () => {
  const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }]
  const at = (x: number) => ({ bounds: { x, y: 0, width: 800, height: 600 }, maximised: false })
  expect(visiblePlacement(at(100), screens)).toEqual(at(100))
  expect(visiblePlacement(at(-799), screens)).toEqual(at(-799))
  expect(visiblePlacement(at(-800), screens)).toBe(null)
  expect(visiblePlacement(at(1920), screens)).toBe(null)
  expect(visiblePlacement(null, screens)).toBe(null)
})

test('what was remembered is read only when it is a placement', () => {
  const good = { bounds: { x: 0, y: 0, width: 800, height: 600 }, maximised: true }
  expect(parsePlacement(good)).toEqual(good)
  for (const bad of [
    null,
    7,
    {},
    { ...good, maximised: 'yes' },
    { ...good, bounds: { x: 0, y: 0, width: 800 } },
    { ...good, bounds: { x: 0.5, y: 0, width: 800, height: 600 } },
    { ...good, bounds: { x: 0, y: 0, width: 1, height: 1 } },
  ]) {
    expect(parsePlacement(bad)).toBe(null)
  }
})
