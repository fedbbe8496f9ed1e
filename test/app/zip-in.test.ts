import { expect, test } from 'vitest'
import {
  withZip,
  type ZipMember,
  zipBytesMax,
  zipEntriesMax,
  zipTextBytesMax,
} from '../../src-main/app/zip-in.ts'
import { DiskFailed } from '../../src-main/journal/disk.ts'
import { bodyBytesMax } from '../../src-shared/notes/limits.ts'
import { WatchedDisk } from '../support/watched-disk.ts'
import { type RawEntry, rawZip } from './raw-zip.ts'

const name = 'import.zip'

async function* inPieces(bytes: Uint8Array, pieceBytes = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

async function members(bytes: Uint8Array): Promise<ZipMember[]> {
  const disk = new WatchedDisk()
  const found: ZipMember[] = []
  const outcome = await withZip(disk, { name, bytes: inPieces(bytes, 60_000) }, async (each) => {
    for await (const member of each) found.push(member)
  })
  expect(disk.names()).toEqual([])
  if (!outcome.ok) throw new Error(outcome.error.message)
  return found
}

/** Paths and texts of what was taken, paths and reasons of what was not. */
async function told(entries: readonly RawEntry[]): Promise<[string, string][]> {
  const found = await members(rawZip(entries))
  return found.map((each) =>
    each.kind === 'file'
      ? [each.file.path, Buffer.from(each.file.bytes).toString()]
      : [each.path, each.reason],
  )
}

test('files come out in the order of the zip, packed or not; folders are not told', async () => {
  const entries = [
    { name: 'folder.md/', mode: 0o040755 },
    { name: 'folder.md/ä.md', data: 'stored' },
    { name: 'b.md', data: 'packed '.repeat(1_000), isPacked: true },
    { name: 'empty.md' },
  ]
  expect(await told(entries)).toEqual([
    ['folder.md/ä.md', 'stored'],
    ['b.md', 'packed '.repeat(1_000)],
    ['empty.md', ''],
  ])
})

test('an empty zip is a zip', async () => {
  expect(await members(rawZip([]))).toEqual([])
})

/** Names with which zips have written outside their folder. */
test.each([
  '../evil.md',
  '../../../../../../tmp/evil.md',
  'a/../../evil.md',
  '/evil.md',
  '//host/share/evil.md',
  'C:/evil.md',
  'C:evil.md',
  'c:\\evil.md',
  '..\\evil.md',
  '\\\\host\\share\\evil.md',
  'a/..\\..\\evil.md',
  'evil.md\0.png',
  '\x1b[2J.md',
])('%j is refused by name and the next file taken', async (evil) => {
  for (const system of [0, 3]) {
    const [refused, taken] = await told([
      { name: evil, data: 'evil', system },
      { name: 'good.md', data: 'good' },
    ])
    expect(refused?.[1]).toMatch(/^It/)
    expect(taken).toEqual(['good.md', 'good'])
  }
})

test('a backslash from Windows is a slash', async () => {
  expect(await told([{ name: 'a\\b.md', data: 'x', system: 0 }])).toEqual([['a/b.md', 'x']])
})

test('names without the flag are UTF-8 where they can be, else of the old code page', async () => {
  const entries = [
    { name: 'naïve.md', flags: 0 },
    { name: Uint8Array.from([0x81, 0x2e, 0x6d, 0x64]), flags: 0 },
  ]
  expect((await told(entries)).map(([path]) => path)).toEqual(['naïve.md', 'ü.md'])
})

test('a flagged name that is not UTF-8 is refused', async () => {
  const [told1] = await told([{ name: Uint8Array.from([0xe9, 0x2e, 0x6d, 0x64]) }])
  expect(told1?.[1]).toBe('Its name is not valid Unicode.')
})

test.each<[string, RawEntry, string]>([
  [
    'a symbolic link',
    { name: 'link.md', data: '/etc/passwd', mode: 0o120777 },
    'not a file but a link',
  ],
  ['a device', { name: 'device.md', mode: 0o020666 }, 'a device'],
  [
    'encrypted',
    { name: 'secret.md', data: 'x'.repeat(13), claims: { size: 1 }, flags: 0x801 },
    'encrypted',
  ],
  ['packed with bzip2', { name: 'b.md', data: 'x', claims: { method: 12 } }, 'not supported'],
  ['a wrong checksum', { name: 'c.md', data: 'x', claims: { crc: 1 } }, 'checksum'],
  ['not Markdown', { name: 'p.png', data: 'x' }, 'not Markdown'],
  [
    'more than it claims',
    { name: 'm.md', data: 'x'.repeat(5_000_000), isPacked: true, claims: { size: 10 } },
    'damaged',
  ],
  [
    'less than it claims',
    { name: 'l.md', data: 'x', isPacked: true, claims: { size: 10 } },
    'damaged',
  ],
  [
    'nonsense instead of packed bytes',
    { name: 'n.md', data: '\xff\xff\xff', claims: { method: 8 } },
    'damaged',
  ],
])('%s is refused by name, and the next file taken', async (_, entry, reason) => {
  const [refused, taken] = await told([entry, { name: 'good.md', data: 'good' }])
  expect(refused).toEqual([entry.name, expect.stringContaining(reason)])
  expect(taken).toEqual(['good.md', 'good'])
})

test('a file may be as long as a note with its mark, and not a byte longer', async () => {
  const data = Buffer.alloc(bodyBytesMax + 3, 0x61)
  const [fits] = await members(rawZip([{ name: 'a.md', data, isPacked: true }]))
  expect(fits?.kind).toBe('file')
  const [refused] = await told([{ name: 'a.md', claims: { size: bodyBytesMax + 4, method: 8 } }])
  expect(refused).toEqual(['a.md', 'It is longer than 8 MiB.'])
})

async function refusal(bytes: AsyncIterable<Uint8Array>, disk = new WatchedDisk()) {
  let isUsed = false
  const outcome = await withZip(disk, { name, bytes }, async () => {
    isUsed = true
  })
  expect(isUsed).toBe(outcome.ok)
  expect(disk.names()).toEqual([])
  return outcome.ok ? null : outcome.error
}

test('a zip with too many entries is refused as a whole, one with as many as may be is not', async () => {
  const entry = { name: 'a.png' }
  expect(await refusal(inPieces(rawZip([entry], zipEntriesMax), 1 << 20))).toBeNull()
  const error = await refusal(inPieces(rawZip([entry], zipEntriesMax + 1), 1 << 20))
  expect(error).toEqual({ kind: 'too-large', message: 'The zip holds more than 100,000 files.' })
})

test('a bomb is refused by what it claims, before anything is unpacked', async () => {
  const entry = { name: 'a.md', isPacked: true, claims: { size: bodyBytesMax } }
  expect(await refusal(inPieces(rawZip([entry], zipTextBytesMax / bodyBytesMax)))).toBeNull()
  const error = await refusal(inPieces(rawZip([entry], zipTextBytesMax / bodyBytesMax + 1)))
  expect(error).toEqual({
    kind: 'too-large',
    message: 'The files in the zip come to more than 1024 MiB.',
  })
})

test('more bytes than a zip may have are not waited for', async () => {
  const disk = new WatchedDisk()
  let written = 0
  disk.write = async (_, at, bytes) => {
    written = at + bytes.length
    return bytes.length
  }
  const piece = new Uint8Array(1 << 20)
  let isStopped = false
  async function* endless() {
    try {
      for (;;) yield piece
    } finally {
      isStopped = true
    }
  }
  const error = await refusal(endless(), disk)
  expect(error).toEqual({ kind: 'too-large', message: 'The zip is larger than 512 MiB.' })
  expect(written).toBe(zipBytesMax)
  expect(isStopped).toBe(true)
})

test('what is no zip, or half of one, is refused in words', async () => {
  const whole = rawZip([{ name: 'a.md', data: 'text' }])
  for (const bytes of [
    new Uint8Array(0),
    Buffer.from('# Not a zip'),
    whole.slice(0, -5),
    new Uint8Array(100),
  ]) {
    expect(await refusal(inPieces(bytes))).toMatchObject({ kind: 'not-a-zip' })
  }
})

test('no damage to a zip does worse than to refuse it or a file of it', async () => {
  const zip = rawZip([
    { name: 'a.md', data: 'text '.repeat(30), isPacked: true },
    { name: 'b.md', data: 'more' },
  ])
  for (let at = 0; at < zip.length; at++) {
    const bytes = zip.slice()
    bytes[at] = (bytes[at] as number) ^ 0xff
    const disk = new WatchedDisk()
    const found: ZipMember[] = []
    const outcome = await withZip(disk, { name, bytes: inPieces(bytes) }, async (each) => {
      for await (const member of each) found.push(member)
    })
    if (!outcome.ok) continue
    for (const each of found) {
      if (each.kind === 'file')
        expect(['text '.repeat(30), 'more']).toContain(Buffer.from(each.file.bytes).toString())
    }
  }
})

test('a disk that fails is not taken for a bad zip', async () => {
  const zip = rawZip([{ name: 'a.md', data: 'text' }])
  for (const verb of ['read', 'write'] as const) {
    const disk = new WatchedDisk()
    disk.fails = (called) => (called === verb ? 'broken' : null)
    const using = withZip(disk, { name, bytes: inPieces(zip) }, async () => undefined)
    await expect(using).rejects.toBeInstanceOf(DiskFailed)
  }
  const full = new WatchedDisk()
  full.freeBytes = 10
  const using = withZip(full, { name, bytes: inPieces(zip) }, async () => undefined)
  await expect(using).rejects.toMatchObject({ failure: 'full' })
  expect(full.names()).toEqual([])
})

test('a disk that fails while a file is read ends the import, and is not that file’s fault', async () => {
  const disk = new WatchedDisk()
  const zip = rawZip([{ name: 'a.md', data: 'text' }])
  const using = withZip(disk, { name, bytes: inPieces(zip) }, async (each) => {
    disk.fails = (called) => (called === 'read' ? 'broken' : null)
    for await (const _ of each);
  })
  await expect(using).rejects.toBeInstanceOf(DiskFailed)
})

test('leavings of an import that was killed do no harm', async () => {
  const disk = new WatchedDisk()
  disk.put(name, new Uint8Array(100_000))
  const zip = rawZip([{ name: 'a.md', data: 'text' }])
  const outcome = await withZip(disk, { name, bytes: inPieces(zip) }, async () => 'used')
  expect(outcome).toEqual({ ok: true, value: 'used' })
})
