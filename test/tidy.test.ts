/** The rules of the house that no compiler and no linter keeps: who imports whom, and what a file may be. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

interface Rule {
  /** Rooms, or single files of a room. */
  readonly rooms: readonly string[]
  /** Packages by name; `node:*` is all of Node. */
  readonly packages: readonly string[]
}

const base = ['src-shared/base']
const raftFloor = [...base, 'src-main/raft']
const stores = [...base, 'src-shared/notes', 'src-main/journal/disk.ts']
const windowFloor = ['src-shared', 'src-renderer/ui', 'src-renderer/bridge.ts']
const windowPackages = ['react', 'react-dom', 'lucide-react', '@tanstack/react-virtual']
const belowShells = [
  'raft',
  'replica',
  'journal',
  'net',
  'identity',
  'store',
  'outbox',
  'host',
].map((room) => `src-main/${room}`)

/** Everybody may import from the own room. The most specific entry counts. */
const rules: Readonly<Record<string, Rule>> = {
  'src-shared/base': { rooms: [], packages: [] },
  'src-shared/notes': { rooms: [...base, 'src-shared/members'], packages: ['@noble/hashes'] },
  'src-shared/notes/text.ts': {
    rooms: [...base, 'src-shared/notes'],
    packages: ['@codemirror/state'],
  },
  'src-shared/members': { rooms: base, packages: [] },
  'src-shared/ipc': {
    rooms: [...base, 'src-shared/notes', 'src-shared/members'],
    packages: [],
  },
  'src-main/raft': { rooms: base, packages: [] },
  'src-main/raft/wire': { rooms: raftFloor, packages: ['@bufbuild/protobuf'] },
  'src-main/replica': { rooms: raftFloor, packages: [] },
  'src-main/journal': {
    rooms: [...raftFloor, 'src-main/replica/ports.ts'],
    packages: ['node:zlib'],
  },
  'src-main/net': {
    rooms: [
      ...raftFloor,
      'src-shared/members',
      'src-main/replica/ports.ts',
      'src-main/identity',
      'src-main/journal/disk.ts',
    ],
    packages: [
      'ws',
      'bonjour-service',
      'node:tls',
      'node:http',
      'node:https',
      'node:net',
      'node:crypto',
      '@noble/hashes',
      'node:stream',
      'node:zlib',
    ],
  },
  'src-main/identity': {
    rooms: [
      ...raftFloor,
      'src-shared/members',
      'src-main/journal/disk.ts',
      'src-main/replica/ports.ts',
    ],
    packages: ['@noble/curves', '@noble/hashes'],
  },
  'src-main/store': { rooms: stores, packages: ['lowdb', 'node:zlib'] },
  'src-main/outbox': { rooms: stores, packages: ['node:zlib'] },
  'src-main/host': {
    rooms: [...base, 'src-main/journal/disk.ts', 'src-main/replica/ports.ts'],
    packages: ['node:*'],
  },
  'src-main/app': {
    rooms: ['src-shared', ...belowShells],
    packages: ['zod', 'yazl', 'yauzl', 'node:*'],
  },
  'src-main/serve': {
    rooms: [
      'src-shared/base',
      'src-shared/ipc',
      'src-main/app',
      'src-main/host',
      'src-main/replica/ports.ts',
    ],
    packages: ['hono', '@hono/node-server', 'ws', 'zod', 'node:*'],
  },
  'src-main/shell': {
    rooms: ['src-shared/base', 'src-shared/ipc', 'src-main/app', 'src-main/serve/assets.ts'],
    packages: ['electron', 'node:*'],
  },
  'src-main/launch': {
    rooms: ['src-main/serve', 'src-main/journal', 'src-main/host', 'src-main/app', ...base],
    packages: ['vite', 'node:*'],
  },
  'src-renderer': {
    rooms: ['src-shared', 'src-renderer'],
    packages: [...windowPackages, '@codemirror/*', '@fontsource-variable/*'],
  },
  'src-renderer/ui': { rooms: ['src-shared/base'], packages: windowPackages },
  'src-renderer/bridge.ts': {
    rooms: ['src-shared', 'src-renderer/ui', 'src-renderer/socket-bridge.ts'],
    packages: [],
  },
  'src-renderer/notes': {
    rooms: windowFloor,
    packages: [...windowPackages, '@codemirror/*', '@lezer/*'],
  },
  'src-renderer/devices': { rooms: windowFloor, packages: windowPackages },
  'src-renderer/status': { rooms: windowFloor, packages: windowPackages },
}

const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'src-*', 'test'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.tsx?$/.test(file) && existsSync(join(root, file)))
const sources = tracked.filter((file) => file.startsWith('src-') && !file.endsWith('.config.ts'))

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

/** Specifiers of every import and re-export, static and dynamic. */
function importsOf(file: string): string[] {
  const found = read(file).matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g,
  )
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

function lies(file: string, room: string): boolean {
  return file === room || file.startsWith(`${room}/`)
}

function ruleFor(file: string): [string, Rule] {
  const rooms = Object.keys(rules).filter((room) => lies(file, room))
  const room = rooms.sort((a, b) => b.length - a.length)[0]
  if (room === undefined) throw new Error(`${file} is in no room of the house`)
  return [room, rules[room] as Rule]
}

function allowsPackage(rule: Rule, name: string): boolean {
  return rule.packages.some((allowed) =>
    allowed.endsWith('*')
      ? name.startsWith(allowed.slice(0, -1))
      : name === allowed || name.startsWith(`${allowed}/`),
  )
}

test('every file of the source imports only what its room may import', () => {
  const broken: string[] = []
  for (const file of sources) {
    const [room, rule] = ruleFor(file)
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('.')) {
        const target = relative(root, resolve(root, dirname(file), specifier))
        const allowed = [room, ...rule.rooms].some((other) => lies(target, other))
        if (!allowed) broken.push(`${file} imports ${target}`)
      } else if (!allowsPackage(rule, specifier)) {
        broken.push(`${file} imports the package ${specifier}`)
      }
    }
  }
  expect(broken).toEqual([])
})

test('every import of a file of ours names its ending and exists', () => {
  const broken: string[] = []
  for (const file of tracked) {
    for (const specifier of importsOf(file)) {
      if (!specifier.startsWith('.')) continue
      const target = resolve(root, dirname(file), specifier.replace(/\?.*$/, ''))
      if (!existsSync(target) || !/\.\w+$/.test(specifier)) broken.push(`${file}: ${specifier}`)
    }
  }
  expect(broken).toEqual([])
})

test('electron is imported by the shell and by nobody else', () => {
  const others = tracked.filter((file) => !file.startsWith('src-main/shell/'))
  const importing = others.filter(
    (file) =>
      importsOf(file).some((name) => name === 'electron') &&
      !/import type [^\n]*'electron'/.test(read(file)),
  )
  expect(importing).toEqual([])
})

test('a source file over 300 lines says at its top why it is one idea', () => {
  const silent = sources.filter((file) => {
    const text = read(file)
    return text.split('\n').length > 301 && !text.trimStart().startsWith('/**')
  })
  expect(silent).toEqual([])
})

test('files are named in kebab-case and for the one thing inside', () => {
  const vague = /(^|\/)(utils?|helpers?|types?|common|misc|manager)\.tsx?$/
  const odd = tracked.filter((file) => {
    const name = file.split('/').at(-1) ?? ''
    return vague.test(file) || !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.tsx?$/.test(name)
  })
  expect(odd).toEqual([])
})

test('nothing is left open, skipped or looked away from', () => {
  const broken: string[] = []
  // Written in halves, so that this file does not find itself.
  const words = [
    ['TO', 'DO'],
    ['FIX', 'ME'],
    ['@ts-', 'ignore'],
    ['@ts-', 'nocheck'],
    ['test.', 'skip('],
    ['test.', 'only('],
  ]
  for (const file of tracked) {
    const text = read(file)
    for (const halves of words)
      if (text.includes(halves.join(''))) broken.push(`${file}: ${halves.join('')}`)
  }
  expect(broken).toEqual([])
})

test('time, dice and the disk are touched in the host room, the shells and nowhere else below them', () => {
  const pure = sources.filter((file) =>
    /^src-(shared|main\/(raft|replica|journal|net|identity|store|outbox))\//.test(file),
  )
  const impure =
    /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bset(Timeout|Interval|Immediate)\(|\bprocess\.hrtime/
  const broken = pure.filter((file) =>
    impure.test(read(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')),
  )
  expect(broken).toEqual([])
})
