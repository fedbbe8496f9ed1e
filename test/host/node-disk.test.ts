import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { diskFailure } from '../../src-main/host/disk-failure.ts'
import { NodeDisk } from '../../src-main/host/node-disk.ts'
import { openFilesMax } from '../../src-main/host/open-files.ts'
import { diskContract } from '../support/contracts/disk.ts'

const root = mkdtempSync(join(tmpdir(), 'quire-disk-'))
let made = 0
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function freshRoot(): Promise<string> {
  made += 1
  const path = join(root, String(made))
  await new NodeDisk(root).makeDir(String(made))
  return path
}

diskContract('the real disk', async () => new NodeDisk(await freshRoot()))

test('files are private to their owner', async () => {
  const path = await freshRoot()
  const disk = new NodeDisk(path)
  await disk.makeDir('dir')
  await disk.write('dir/file', 0, new Uint8Array(1))
  expect(statSync(join(path, 'dir')).mode & 0o777).toBe(0o700)
  expect(statSync(join(path, 'dir/file')).mode & 0o777).toBe(0o600)
})

test.each(['../outside', '/etc/passwd', 'a/../../b', 'a//b', './a', 'a\0b', 'a\\b'])(
  'a name that could leave the directory is refused: %j',
  async (name) => {
    const disk = new NodeDisk(await freshRoot())
    await expect(disk.write(name, 0, new Uint8Array(1))).rejects.toMatchObject({
      failure: 'broken',
    })
  },
)

test('no more files than the limit stay open', async () => {
  const path = await freshRoot()
  const disk = new NodeDisk(path)
  for (let n = 0; n < openFilesMax + 20; n++) await disk.write(`f${n}`, 0, new Uint8Array(1))
  const { readdirSync, readlinkSync } = await import('node:fs')
  const open = readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(path)
    } catch {
      return false
    }
  })
  expect(open.length).toBe(openFilesMax)
  await disk.close()
})

test.each([
  ['ENOENT', 'missing'],
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['EROFS', 'read-only'],
  ['EIO', 'broken'],
  ['EACCES', 'broken'],
])('%s of the system is %s', (code, failure) => {
  const cause = Object.assign(new Error('x'), { code, syscall: 'write' })
  expect(diskFailure('file', cause)).toMatchObject({ failure, file: 'file' })
})
