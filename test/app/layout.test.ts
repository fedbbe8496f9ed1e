import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { diskUnder } from '../../src-main/app/disk-under.ts'
import { type HostDisk, joiningDir, settleLayout, takeOver } from '../../src-main/app/layout.ts'
import { readSmallFile, replaceSmallFile } from '../../src-main/app/small-file.ts'
import { NodeDisk } from '../../src-main/host/node-disk.ts'
import type { Disk } from '../../src-main/journal/disk.ts'

const roots: string[] = []
afterAll(async () => {
  await Promise.all(roots.map((root) => rm(root, { recursive: true })))
})

async function newDisk(): Promise<NodeDisk> {
  const root = await mkdtemp(join(tmpdir(), 'quire-layout-'))
  roots.push(root)
  return new NodeDisk(root)
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = async (disk: Disk, name: string): Promise<string | null> => {
  const found = await readSmallFile(disk, name)
  return found === null ? null : new TextDecoder().decode(found)
}

/** The old membership has no snapshot directory, the new one no outbox: neither may inherit the other's. */
async function twoMemberships(disk: Disk): Promise<void> {
  for (const dir of ['wal', 'outbox']) {
    await disk.makeDir(dir)
    await replaceSmallFile(disk, `${dir}/file`, bytes(`old ${dir}`))
  }
  const joining = diskUnder(disk, joiningDir)
  for (const dir of ['wal', 'snap']) {
    await joining.makeDir(dir)
    await replaceSmallFile(joining, `${dir}/file`, bytes(`new ${dir}`))
  }
}

async function expectTakenOver(disk: Disk): Promise<void> {
  expect(await text(disk, 'wal/file')).toBe('new wal')
  expect(await text(disk, 'snap/file')).toBe('new snap')
  expect(await text(disk, 'outbox/file')).toBeNull()
  expect(await text(disk, 'old/7/wal/file')).toBe('old wal')
  expect(await text(disk, 'old/7/outbox/file')).toBe('old outbox')
  expect(await text(disk, 'old/7/snap/file')).toBeNull()
}

class Crash extends Error {}

/** Lets so many verbs through and then no more. */
function dyingDisk(disk: NodeDisk, verbs: number): HostDisk {
  let left = verbs
  const spend = <A extends unknown[], R>(verb: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      if (left === 0) throw new Crash()
      left -= 1
      return verb(...args)
    }
  }
  return {
    read: (name, from, to) => disk.read(name, from, to),
    list: (dir) => disk.list(dir),
    close: () => disk.close(),
    write: spend((name, at, data) => disk.write(name, at, data)),
    sync: spend((name) => disk.sync(name)),
    rename: spend((from, to) => disk.rename(from, to)),
    truncate: spend((name, size) => disk.truncate(name, size)),
    remove: spend((name) => disk.remove(name)),
    makeDir: spend((dir) => disk.makeDir(dir)),
    syncDir: spend((dir) => disk.syncDir(dir)),
  }
}

test('the joining membership takes over, the old one is set aside whole', async () => {
  const disk = await newDisk()
  await twoMemberships(disk)
  await takeOver(disk, '7')
  await expectTakenOver(disk)
})

test('killed between any two verbs, the next start has the old membership or the new one, never a mixture', async () => {
  let outcome: 'old' | 'new' = 'old'
  for (let verbs = 0; ; verbs += 1) {
    const disk = await newDisk()
    await twoMemberships(disk)
    const died = await takeOver(dyingDisk(disk, verbs), '7').then(
      () => false,
      (error: unknown) => error instanceof Crash,
    )
    await settleLayout(disk)
    const wal = await text(disk, 'wal/file')
    if (wal === 'old wal') {
      expect(outcome).toBe('old') // once the intention is durable there is no way back
      expect(await text(disk, 'outbox/file')).toBe('old outbox')
      expect(await text(disk, `${joiningDir}/wal/file`)).toBeNull()
    } else {
      outcome = 'new'
      await expectTakenOver(disk)
    }
    if (!died) break
  }
  expect(outcome).toBe('new')
})

test('a joining that never took over is forgotten at the next start', async () => {
  const disk = await newDisk()
  await twoMemberships(disk)
  await settleLayout(disk)
  expect(await text(disk, 'wal/file')).toBe('old wal')
  expect(await text(disk, `${joiningDir}/wal/file`)).toBeNull()
})

test('a small file is old or new after a kill at any verb, and never keeps a longer tail', async () => {
  for (let verbs = 0; ; verbs += 1) {
    const disk = await newDisk()
    await replaceSmallFile(disk, 'f', bytes('old and longer'))
    await replaceSmallFile(disk, 'f.new', bytes('a leftover that is longer than both of them'))
    const died = await replaceSmallFile(dyingDisk(disk, verbs), 'f', bytes('new')).then(
      () => false,
      () => true,
    )
    expect(['old and longer', 'new']).toContain(await text(disk, 'f'))
    if (!died) {
      expect(await text(disk, 'f')).toBe('new')
      break
    }
  }
})
