import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** The Chromium or Chrome of this machine; `QUIRE_CHROMIUM` names another. */
export function findChromium(): string {
  const named = process.env.QUIRE_CHROMIUM
  if (named !== undefined && named !== '') return named
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((dir) => names.map((name) => join(dir, name)))
  const found = [...onPath, ...places].find(isExecutable)
  if (found === undefined) {
    throw new Error(
      'No Chromium or Chrome was found. Install one, or name it: QUIRE_CHROMIUM=/path/to/chromium',
    )
  }
  return found
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
