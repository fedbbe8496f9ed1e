import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { findChromium } from './support/chromium.ts'

/**
 * The end-to-end part of `npm test`: finds a Chromium or Chrome, gets the distribution's where it may, and runs the
 * Playwright tests. Further arguments are Playwright's.
 */

const root = fileURLToPath(new URL('../..', import.meta.url))
const playwright = fileURLToPath(
  new URL('../../node_modules/@playwright/test/cli.js', import.meta.url),
)

function run(command: string, args: readonly string[]): number {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  return status ?? 1
}

function isThere(): boolean {
  try {
    return findChromium() !== ''
  } catch {
    return false
  }
}

/** Only as root on Debian and its kin: elsewhere a test has no business installing anything. */
function install(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false
  console.log('No Chromium was found; installing the distribution’s (apt-get install chromium).')
  run('apt-get', ['update', '-qq'])
  return run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium']) === 0
}

if (!isThere() && !(install() && isThere())) {
  console.error(
    'The end-to-end tests need a Chromium or Chrome. On Debian or Ubuntu: sudo apt-get install chromium\n' +
      'One that is elsewhere can be named: QUIRE_CHROMIUM=/path/to/chromium',
  )
  process.exit(1)
}

const config = fileURLToPath(new URL('./playwright.config.ts', import.meta.url))
process.exitCode = run(process.execPath, [
  playwright,
  'test',
  '--config',
  config,
  ...process.argv.slice(2),
])
