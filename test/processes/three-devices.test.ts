/**
 * Real input through real processes: every Markdown file that came with the dependencies, a file with a BOM and one that
 * is no text, on three devices; then what devices go through in a day.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Entry, fromBuffer } from 'yauzl'
import { ZipFile } from 'yazl'
import {
  type Group,
  leaderOf,
  type StatusBody,
  startGroup,
  until,
} from '../support/headless-device.ts'

const root = resolve(import.meta.dirname, '../../node_modules')

/** Path -> bytes. Linked folders are not followed: they would give one file several names. */
function markdownUnder(dir: string, found = new Map<string, Buffer>()): Map<string, Buffer> {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) markdownUnder(path, found)
    else if (entry.isFile() && /\.md$/i.test(entry.name))
      found.set(relative(root, path), readFileSync(path))
  }
  return found
}

function zipped(files: ReadonlyMap<string, Buffer>): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [path, bytes] of files) zip.addBuffer(bytes, path)
  zip.end()
  return new Promise((done, reject) => {
    const parts: Buffer[] = []
    zip.outputStream.on('data', (part: Buffer) => parts.push(part))
    zip.outputStream.on('end', () => done(Buffer.concat(parts)))
    zip.outputStream.on('error', reject)
  })
}

function unzipped(bytes: Buffer): Promise<Map<string, Buffer>> {
  return new Promise((done, reject) => {
    fromBuffer(bytes, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error)
      const files = new Map<string, Buffer>()
      zip.on('entry', (entry: Entry) => {
        zip.openReadStream(entry, (failed, stream) => {
          if (failed) return reject(failed)
          const parts: Buffer[] = []
          stream.on('data', (part: Buffer) => parts.push(part))
          stream.on('end', () => {
            files.set(entry.fileName, Buffer.concat(parts))
            zip.readEntry()
          })
        })
      })
      zip.on('end', () => done(files))
      zip.on('error', reject)
      zip.readEntry()
    })
  })
}

const documents = markdownUnder(root)
const bom = Buffer.from('\uFEFF# With a mark\r\nfirst\rsecond\nthird', 'utf8')
const noText = Buffer.from([0x23, 0x20, 0xff, 0xfe, 0x41])

let group: Group

beforeAll(async () => {
  expect(existsSync(resolve(root, '../dist/serve.js')), 'npm run build comes first').toBe(true)
  group = await startGroup(['Laptop', 'Desktop', 'NAS'])
}, 60_000)

afterAll(async () => {
  await group?.close()
})

interface ListedNote {
  readonly id: string
  readonly rev: number
  readonly title: string
}

async function allNotes(at: number): Promise<ListedNote[]> {
  const device = group.device(at)
  const answer = await device.call<{ notes: ListedNote[] }>('GET', '/v1/notes?limit=10000')
  return answer.body.notes
}

/** One hash over every note's id, rev and text, as this device has applied them. */
async function hashOf(at: number): Promise<string> {
  const hash = createHash('sha256')
  const notes = (await allNotes(at)).sort((a, b) => (a.id < b.id ? -1 : 1))
  for (const { id } of notes) {
    const { body } = await group
      .device(at)
      .call<{ rev: number; body: string }>('GET', `/v1/notes/${id}`)
    hash.update(JSON.stringify([id, body.rev, body.body]))
  }
  return hash.digest('hex')
}

async function sameOn(devices: readonly number[]): Promise<void> {
  const indexes = async (): Promise<number[]> =>
    Promise.all(
      devices.map(async (at) => {
        const { body } = await group.device(at).call<StatusBody>('GET', '/v1/status')
        return body.outbox.pending > 0 ? -1 : body.cluster.appliedIndex
      }),
    )
  await until('the devices to have applied the same', async () => {
    const [first, ...rest] = await indexes()
    return first !== -1 && rest.every((index) => index === first)
  })
  const hashes = await Promise.all(devices.map(hashOf))
  expect(new Set(hashes).size).toBe(1)
}

test('hundreds of real documents go in on one device and are the same on all three', async () => {
  const files = new Map([
    ...documents,
    ['own/bom.md', bom],
    ['own/no-text.md', noText],
    ['own/a.png', noText],
  ])
  expect(documents.size).toBeGreaterThan(200)
  const zip = await zipped(files)
  const answer = await group.device(1).call<{
    imported: number
    unchanged: number
    refused: { path: string; reason: string }[]
  }>('POST', '/v1/import', undefined, {
    body: new Uint8Array(zip),
    headers: {
      authorization: `Bearer ${group.device(1).apiFile().token}`,
      'content-type': 'application/zip',
    },
  })
  expect(answer.status).toBe(200)
  const refused = answer.body.refused.map(({ path }) => path)
  expect(refused).toContain('own/no-text.md')
  expect(refused).toContain('own/a.png')
  expect(answer.body.imported).toBe(files.size - refused.length)
  await sameOn([0, 1, 2])
}, 60_000)

test('what goes out is byte for byte what came in, from every device', async () => {
  for (const at of [0, 1, 2]) {
    const out = await unzipped(await group.device(at).bytes('/v1/export'))
    expect(out.get('own/bom.md')?.equals(bom)).toBe(true)
    const broken = [...documents].filter(([path, bytes]) => !out.get(path)?.equals(bytes))
    expect(broken.map(([path]) => path)).toEqual([])
  }
}, 60_000)

test('the same zip again changes nothing', async () => {
  const before = await hashOf(0)
  const answer = await group
    .device(0)
    .call<{ imported: number; unchanged: number }>('POST', '/v1/import', undefined, {
      body: new Uint8Array(await zipped(documents)),
      headers: {
        authorization: `Bearer ${group.device(0).apiFile().token}`,
        'content-type': 'application/zip',
      },
    })
  expect(answer.body).toMatchObject({ imported: 0, unchanged: documents.size })
  expect(await hashOf(0)).toBe(before)
}, 60_000)

test('killing the leader is healed within five seconds; it comes back and has everything', async () => {
  const leader = await leaderOf(group.devices)
  const at = group.devices.indexOf(leader)
  const others = [0, 1, 2].filter((other) => other !== at)
  const created = await leader.call<{ id: string; rev: number }>('POST', '/v1/notes', {
    body: 'before the kill',
  })
  expect(created.status).toBe(201)
  await leader.end('SIGKILL')

  const writer = group.device(others[0] ?? 0)
  const begun = performance.now()
  const path = `/v1/notes/${created.body.id}?wait=10000`
  const edited = await writer.call<{ rev: number }>('PUT', path, { body: 'after the kill' })
  expect(edited.status).toBe(200)
  expect(performance.now() - begun).toBeLessThan(5_000)
  const heir = await leaderOf(others.map((other) => group.device(other)))
  expect(heir).not.toBe(leader)

  await leader.start()
  await sameOn([0, 1, 2])
  const note = await leader.call<{ body: string }>('GET', `/v1/notes/${created.body.id}`)
  expect(note.body.body).toBe('after the kill')
}, 60_000)

test('every note that was in the zip is still byte for byte the same at the end', async () => {
  const out = await unzipped(await group.device(2).bytes('/v1/export'))
  const broken = [...documents].filter(([path, bytes]) => !out.get(path)?.equals(bytes))
  expect(broken.map(([path]) => path)).toEqual([])
}, 60_000)

test('a device that is asked to end ends cleanly, and takes its api.json away', async () => {
  const device = group.device(2)
  expect(await device.end('SIGTERM')).toBe(0)
  expect(existsSync(join(device.dataDir, 'api.json'))).toBe(false)
})
