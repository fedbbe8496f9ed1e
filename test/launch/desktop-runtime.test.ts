import { expect, test } from 'vitest'
import { findElectron } from '../../src-main/launch/desktop-runtime.ts'

function look(files: Record<string, string>, env: Record<string, string> = {}) {
  return {
    env,
    packageDir: '/m/electron',
    exists: (path: string) => path in files,
    read: (path: string) => files[path] ?? null,
  }
}

test('the runtime is where path.txt says, if the file is there', () => {
  const both = { '/m/electron/path.txt': 'electron\n', '/m/electron/dist/electron': '' }
  expect(findElectron(look(both))).toBe('/m/electron/dist/electron')
  expect(findElectron(look({ '/m/electron/path.txt': 'electron' }))).toBe(null)
  expect(findElectron(look({}))).toBe(null)
})

test('ELECTRON_OVERRIDE_DIST_PATH goes before the package', () => {
  const env = { ELECTRON_OVERRIDE_DIST_PATH: '/opt/electron' }
  expect(findElectron(look({ '/opt/electron/electron': '' }, env))).toBe('/opt/electron/electron')
  const named = { '/m/electron/path.txt': 'Electron.app', '/opt/electron/Electron.app': '' }
  expect(findElectron(look(named, env))).toBe('/opt/electron/Electron.app')
  expect(findElectron(look({}, env))).toBe(null)
})

test('without the npm package there is no runtime', () => {
  expect(findElectron({ ...look({}), packageDir: null })).toBe(null)
})
