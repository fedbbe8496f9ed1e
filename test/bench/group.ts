/**
 * The whole program: three headless processes on loopback, fsync on, asked over the local API as a script would.
 * Figures are of this machine at this moment; the ratio is what travels.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join, relative, resolve } from 'node:path'
import { ZipFile } from 'yazl'
import {
  type Group,
  type HeadlessDevice,
  type StatusBody,
  startGroup,
  until,
} from '../support/headless-device.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 128 })
const documentsWanted = 500
const editBytes = 256
const seconds = 5

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}

/** As lean as node can ask: fetch costs more than what is measured. */
function ask(
  device: HeadlessDevice,
  method: string,
  path: string,
  body: unknown,
): Promise<unknown> {
  const { api, token } = access(device)
  const bytes = Buffer.from(JSON.stringify(body))
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': bytes.length,
  }
  return new Promise((settle, reject) => {
    const sent = request(`${api}${path}`, { method, agent, headers }, (answer) => {
      let text = ''
      answer.on('data', (part) => {
        text += part
      })
      answer.on('end', () => {
        if ((answer.statusCode ?? 500) < 300 && answer.statusCode !== 202) settle(JSON.parse(text))
        else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`))
      })
    })
    sent.on('error', reject)
    sent.end(bytes)
  })
}

const accesses = new Map<HeadlessDevice, { api: string; token: string }>()

function access(device: HeadlessDevice): { api: string; token: string } {
  const known = accesses.get(device) ?? device.apiFile()
  accesses.set(device, known)
  return known
}

async function leaderAmong(group: Group): Promise<HeadlessDevice> {
  const { body } = await group.device(0).call<StatusBody>('GET', '/v1/status')
  return (
    group.devices.find((device) => device.deviceId === body.cluster.leaderId) ?? group.device(0)
  )
}

function documents(): Map<string, Buffer> {
  const root = resolve(import.meta.dirname, '../../node_modules')
  const found = new Map<string, Buffer>()
  const visit = (dir: string): void => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      if (found.size >= documentsWanted) return
      const path = join(dir, entry.name)
      if (entry.isDirectory()) visit(path)
      else if (/\.md$/i.test(entry.name)) found.set(relative(root, path), readFileSync(path))
    }
  }
  visit(root)
  // Where fewer came with the dependencies, the same ones again under another name, with other text.
  const first = [...found]
  for (let n = 0; found.size < documentsWanted; n++) {
    const [path, bytes] = first[n % first.length] ?? ['x.md', Buffer.from('x')]
    found.set(`again-${n}/${path}`, Buffer.concat([bytes, Buffer.from(`\n${n}\n`)]))
  }
  return found
}

async function importing(group: Group): Promise<object> {
  const zip = new ZipFile()
  let bytes = 0
  for (const [path, content] of documents()) {
    zip.addBuffer(content, path)
    bytes += content.length
  }
  zip.end()
  const parts: Buffer[] = []
  for await (const part of zip.outputStream) parts.push(part as Buffer)
  const device = group.device(1)
  const begun = performance.now()
  const answer = await device.call<{ imported: number }>('POST', '/v1/import', undefined, {
    body: new Uint8Array(Buffer.concat(parts)),
    headers: {
      authorization: `Bearer ${device.apiFile().token}`,
      'content-type': 'application/zip',
    },
  })
  await until(
    'all devices to have them',
    async () => {
      const statuses = await Promise.all(
        group.devices.map((one) => one.call<StatusBody>('GET', '/v1/status')),
      )
      const indexes = statuses.map(({ body }) =>
        body.outbox.pending > 0 ? -1 : body.cluster.appliedIndex,
      )
      return indexes.every((index) => index > 0 && index === indexes[0])
    },
    60_000,
  )
  const ms = performance.now() - begun
  return {
    what: 'import into three devices',
    documents: answer.body.imported,
    bytes,
    seconds: rounded(ms / 1000),
  }
}

interface Target {
  readonly id: string
  rev: number
}

async function newNotes(device: HeadlessDevice, count: number): Promise<Target[]> {
  const targets: Target[] = []
  while (targets.length < count) {
    const batch = Math.min(64, count - targets.length)
    const made = await Promise.all(
      Array.from({ length: batch }, () => ask(device, 'POST', '/v1/notes', { body: '' })),
    )
    for (const note of made) targets.push({ id: (note as { id: string }).id, rev: 1 })
  }
  return targets
}

/** Replaces the note's 256 bytes by 256 others. */
async function edit(device: HeadlessDevice, target: Target): Promise<void> {
  const line = `${target.rev} `.padEnd(editBytes, 'x')
  const changes = target.rev === 1 ? [[0, line]] : [[editBytes, line]]
  const answer = await ask(device, 'PATCH', `/v1/notes/${target.id}`, {
    baseRev: target.rev,
    changes,
  })
  target.rev = (answer as { rev: number }).rev
}

async function oneWriter(device: HeadlessDevice, edits: number): Promise<number[]> {
  const [target] = await newNotes(device, 1)
  if (target === undefined) return []
  const times: number[] = []
  for (let n = 0; n < edits; n++) {
    const begun = performance.now()
    await edit(device, target)
    times.push(performance.now() - begun)
  }
  return times.sort((a, b) => a - b)
}

async function manyWriters(device: HeadlessDevice, writers: number): Promise<number> {
  const targets = await newNotes(device, writers)
  let commits = 0
  const end = performance.now() + seconds * 1000
  const begun = performance.now()
  await Promise.all(
    targets.map(async (target) => {
      while (performance.now() < end) {
        await edit(device, target)
        commits++
      }
    }),
  )
  return commits / ((performance.now() - begun) / 1000)
}

/** Prints a JSON line per figure. */
export async function benchGroup(print: (line: object) => void): Promise<void> {
  if (!existsSync(resolve(import.meta.dirname, '../../dist/serve.js')))
    throw new Error('npm run build comes first')
  const group = await startGroup(['Laptop', 'Desktop', 'NAS'])
  try {
    print(await importing(group))
    const leader = await leaderAmong(group)
    const follower = group.devices.find((device) => device !== leader) ?? leader
    for (const [where, device] of [
      ['leader', leader],
      ['follower', follower],
    ] as const) {
      await oneWriter(device, 50)
      const times = await oneWriter(device, 500)
      print({
        what: 'single writer, commit and apply',
        where,
        p50ms: rounded(quantile(times, 0.5)),
        p99ms: rounded(quantile(times, 0.99)),
      })
    }
    await manyWriters(leader, 64)
    print({
      what: '64 writers on different notes',
      where: 'leader',
      commitsPerSecond: Math.round(await manyWriters(leader, 64)),
      editBytes,
    })
    print(await growth(leader))
  } finally {
    await group.close()
    agent.destroy()
  }
}

/** The same edits with few notes and with many, in turns, so that the machine's moods fall on both. */
async function growth(leader: HeadlessDevice): Promise<object> {
  const small = await startGroup(['A', 'B', 'C'])
  try {
    const smallLeader = await leaderAmong(small)
    await newNotes(smallLeader, 100)
    const { body } = await leader.call<{ notes: unknown[] }>('GET', '/v1/notes?limit=10000')
    await newNotes(leader, 10_000 - body.notes.length)
    const few: number[] = []
    const many: number[] = []
    for (let round = 0; round < 5; round++) {
      few.push(...(await oneWriter(smallLeader, 100)))
      many.push(...(await oneWriter(leader, 100)))
    }
    const [a, b] = [few, many].map((times) =>
      quantile(
        times.sort((x, y) => x - y),
        0.5,
      ),
    )
    return {
      what: 'an edit with 10,000 notes against 100',
      p50ms100: rounded(a ?? 0),
      p50ms10000: rounded(b ?? 0),
      ratio: rounded((b ?? 0) / (a ?? 1)),
    }
  } finally {
    await small.close()
  }
}
