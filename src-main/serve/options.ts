import { isIP } from 'node:net'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'

/** What `npm run serve` was asked to do. Ports 0: any that is free. */
export interface ServeOptions {
  readonly dataDir: string
  /** Null: the name that the device already has, or this machine's. */
  readonly name: string | null
  readonly apiPort: number
  readonly peerPort: number
  /** Null: every address of this machine. */
  readonly peerHost: string | null
  readonly discovery: boolean
}

export const usage = [
  'npm run serve -- [--data-dir DIR] [--name NAME] [--api-port N] [--peer-port N]',
  '                 [--peer-host ADDRESS] [--no-discovery]',
].join('\n')

/** Reads the command line. `from` is the folder that relative paths are meant from. */
export function parseServeOptions(
  args: readonly string[],
  from: string,
  env: Readonly<Record<string, string | undefined>>,
): Outcome<ServeOptions, string> {
  let values: ReturnType<typeof parse>
  try {
    values = parse(args)
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
  }
  const apiPort = port(values['api-port'])
  const peerPort = port(values['peer-port'])
  if (apiPort === null) return fail(`--api-port takes a number from 0 to 65535\n${usage}`)
  if (peerPort === null) return fail(`--peer-port takes a number from 0 to 65535\n${usage}`)
  const wantedHost = values['peer-host'] ?? null
  if (wantedHost !== null && isIP(wantedHost) === 0) {
    return fail(`--peer-host takes an address of this machine, in digits\n${usage}`)
  }
  const dataDir = values['data-dir']
  return ok({
    dataDir:
      dataDir === undefined ? platformDataDir(process.platform, env) : resolve(from, dataDir),
    name: values.name ?? null,
    apiPort,
    peerPort,
    peerHost: wantedHost === null || everywhere.has(wantedHost) ? null : wantedHost,
    discovery: !values['no-discovery'],
  })
}

/** Where this platform keeps an application's data. */
export function platformDataDir(
  platform: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Quire')
  if (platform === 'win32') {
    return join(env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Quire')
  }
  return join(env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'Quire')
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      'data-dir': { type: 'string' },
      name: { type: 'string' },
      'api-port': { type: 'string' },
      'peer-port': { type: 'string' },
      'peer-host': { type: 'string' },
      'no-discovery': { type: 'boolean', default: false },
    },
  }).values
}

function port(text: string | undefined): number | null {
  if (text === undefined) return 0
  const number = Number(text)
  return /^[0-9]{1,5}$/.test(text) && number <= 65_535 ? number : null
}

/** Not addresses, but words for all of them. */
const everywhere: ReadonlySet<string> = new Set(['0.0.0.0', '::'])
