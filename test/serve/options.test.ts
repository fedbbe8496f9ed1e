import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseServeOptions, platformDataDir } from '../../src-main/serve/options.ts'

test('every option is read, relative folders from where the person stands', () => {
  const args =
    '--data-dir d --name NAS --api-port 81 --peer-port 82 --peer-host 127.0.0.2 --no-discovery'
  expect(parseServeOptions(args.split(' '), '/home/ann', {})).toEqual({
    ok: true,
    value: {
      dataDir: '/home/ann/d',
      name: 'NAS',
      apiPort: 81,
      peerPort: 82,
      peerHost: '127.0.0.2',
      discovery: false,
    },
  })
})

test('without options: the platform’s folder, free ports, every address of the machine', () => {
  const parsed = parseServeOptions([], '/', { XDG_CONFIG_HOME: '/cfg' })
  expect(parsed).toMatchObject({
    ok: true,
    value: { apiPort: 0, peerPort: 0, peerHost: null, name: null },
  })
})

test('what cannot be meant is refused with the reason and the usage', () => {
  for (const [args, reason] of [
    [['--api-port', '65536'], '--api-port'],
    [['--api-port', 'x'], '--api-port'],
    [['--peer-port', '-1'], '--peer-port'],
    [['--wrong'], '--wrong'],
    [['stray'], 'stray'],
    [['--peer-host', 'nas.local'], '--peer-host'],
    [['--peer-host', '192.0.2'], '--peer-host'],
  ] as const) {
    const parsed = parseServeOptions(args, '/', {})
    expect(parsed).toMatchObject({ ok: false, error: expect.stringContaining(reason) })
  }
  for (const host of ['192.0.2.1', '::1', '2001:db8::1']) {
    const parsed = parseServeOptions(['--peer-host', host], '/', {})
    expect(parsed).toMatchObject({ ok: true, value: { peerHost: host } })
  }
  for (const host of ['0.0.0.0', '::']) {
    const parsed = parseServeOptions(['--peer-host', host], '/', {})
    expect(parsed).toMatchObject({ ok: true, value: { peerHost: null } })
  }
  expect(parseServeOptions(['--api-port', '65535'], '/', {})).toMatchObject({ ok: true })
})

test('each platform has its own folder for an application’s data', () => {
  expect(platformDataDir('linux', {})).toBe(join(homedir(), '.config', 'Quire'))
  expect(platformDataDir('linux', { XDG_CONFIG_HOME: '/c' })).toBe(join('/c', 'Quire'))
  expect(platformDataDir('darwin', {})).toContain('Application Support')
  expect(platformDataDir('win32', { APPDATA: '/a' })).toBe(join('/a', 'Quire'))
})
