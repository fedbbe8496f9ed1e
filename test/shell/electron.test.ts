/** The shell in a real Electron, where its runtime is on this machine; elsewhere one line says that it is not. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { _electron, type ElectronApplication } from '@playwright/test'
import { expect, test } from 'vitest'
import { findElectron } from '../../src-main/launch/desktop-runtime.ts'

const root = resolve(import.meta.dirname, '../..')
const runtime = findElectron({
  env: process.env,
  packageDir: dirname(createRequire(import.meta.url).resolve('electron/package.json')),
  exists: existsSync,
  read: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null),
})

async function withApp(use: (app: ElectronApplication) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'quire-electron-'))
  const app = await _electron.launch({
    executablePath: runtime ?? '',
    args: [join(root, 'dist/main.js'), `--user-data-dir=${folder}`],
  })
  try {
    await use(app)
  } finally {
    await app.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

if (runtime === null) {
  console.info(
    'electron: its runtime is not on this machine; the tests in a real window did not run',
  )
  test('without the runtime the shell’s tests are those of its rules and its data', () => {
    expect(existsSync(join(root, 'src-main/shell/main.ts'))).toBe(true)
  })
} else {
  test('the window opens on our own page, sandboxed, with the contract and nothing of Node', async () => {
    await withApp(async (app) => {
      const page = await app.firstWindow()
      expect(page.url()).toBe('quire://window/')
      await page.getByRole('textbox').first().waitFor()
      const seen = await page.evaluate(() => ({
        quire: Object.keys((globalThis as { quire?: object }).quire ?? {}).sort(),
        node: 'require' in globalThis || 'process' in globalThis,
      }))
      expect(seen.quire).toEqual(['call', 'export', 'hear', 'hearCommand', 'openLink'])
      expect(seen.node).toBe(false)
    })
  }, 60_000)

  test('the page cannot leave, and opens no other window', async () => {
    await withApp(async (app) => {
      const page = await app.firstWindow()
      await page.evaluate(() => {
        location.href = 'https://example.invalid/'
        window.open('https://example.invalid/')
      })
      expect(page.url()).toBe('quire://window/')
      expect(app.windows()).toHaveLength(1)
    })
  }, 60_000)
}
