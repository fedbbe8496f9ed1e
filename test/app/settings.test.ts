import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readSettings, settingsFile, writeSettings } from '../../src-main/app/settings.ts'
import { appVersion } from '../../src-main/app/version.ts'
import { LyingDisk } from '../support/lying-disk.ts'

const settings = {
  name: 'Laptop',
  removals: [{ id: '7', index: 3, by: null }],
  peerPort: 4711,
}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('what was written is read, also after a crash', async () => {
  const disk = new LyingDisk()
  expect(await readSettings(disk)).toEqual({ ok: true, value: null })
  await writeSettings(disk, settings)
  const after = disk.crash(() => false)
  expect(await readSettings(after)).toEqual({ ok: true, value: settings })
})

test('a newer file is refused by name, a damaged one too', async () => {
  const disk = new LyingDisk()
  disk.tamper(settingsFile, bytes('{"version":2,"name":"x"}'))
  expect(await readSettings(disk)).toEqual({
    ok: false,
    error: { kind: 'newer', file: settingsFile, version: 2 },
  })
  for (const text of ['', '{', 'null', '{"version":1,"name":""}', '{"version":"1"}']) {
    disk.tamper(settingsFile, bytes(text))
    expect(await readSettings(disk)).toMatchObject({ ok: false, error: { kind: 'unreadable' } })
  }
})

test('the version that members tell each other is the package’s', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  expect(appVersion).toBe(version)
})
