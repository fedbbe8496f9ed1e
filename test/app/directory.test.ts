import { readdir, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { type DeviceRefused, openDevice } from '../../src-main/app/device.ts'
import { applied, Household, refusal, wait } from './support/devices.ts'

let house = new Household()
afterEach(async () => {
  await house.close()
  house = new Household()
})

async function usedDir(): Promise<string> {
  const dir = await house.newDir()
  const device = await house.start('Laptop', dir)
  applied(await device.createNote({ body: 'words' }, wait))
  await house.stop(device)
  return dir
}

async function refused(dataDir: string): Promise<DeviceRefused> {
  const listen = { host: '127.0.0.1', port: 0 }
  return refusal(await openDevice({ dataDir, defaultName: 'x', listen, discovery: false }))
}

test('a log without its identity is refused, and nothing is changed', async () => {
  const dir = await usedDir()
  await rm(join(dir, 'identity'), { recursive: true })
  expect(await refused(dir)).toMatchObject({ kind: 'damaged' })
  expect(await readdir(dir)).not.toContain('identity')
})

test('an identity without its log never acts again: with notes left the directory is refused', async () => {
  const dir = await usedDir()
  await rm(join(dir, 'wal'), { recursive: true })
  const { kind, message } = await refused(dir)
  expect(kind).toBe('damaged')
  expect(message).toContain('wal is missing')
})

test('and with nothing left it starts anew under another id', async () => {
  const dir = await house.newDir()
  const first = await house.start('Laptop', dir)
  const before = first.id
  await house.stop(first)
  for (const name of ['wal', 'snap', 'notes', 'outbox']) {
    await rm(join(dir, name), { recursive: true, force: true })
  }
  const second = await house.start('Laptop', dir)
  expect(second.id).not.toBe(before)
  expect(await readdir(join(dir, 'old'))).toEqual([before])
})

test('a damaged log is refused with file and advice', async () => {
  const dir = await usedDir()
  const [segment] = (await readdir(join(dir, 'wal'))).filter((name) => name.endsWith('.wal'))
  const name = segment ?? (await readdir(join(dir, 'wal')))[0] ?? ''
  await writeFile(join(dir, 'wal', name), Buffer.alloc(4_096, 0xff))
  const { kind, message } = await refused(dir)
  expect(kind).toBe('damaged')
  expect(message).toContain(name)
})

test('settings of a newer version are refused by name', async () => {
  const dir = await usedDir()
  await writeFile(join(dir, 'settings.json'), '{"version":9}')
  expect(await refused(dir)).toMatchObject({ kind: 'newer' })
})

test('a directory that cannot be made is refused in words', async () => {
  const dir = await house.newDir()
  await writeFile(join(dir, 'file'), '')
  expect(await refused(join(dir, 'file', 'below'))).toMatchObject({ kind: 'disk' })
})

test('a port that is taken is refused, and the directory is let go of', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as AddressInfo
  const dir = await house.newDir()
  const listen = { host: '127.0.0.1', port }
  const outcome = await openDevice({ dataDir: dir, defaultName: 'x', listen, discovery: false })
  expect(refusal(outcome)).toMatchObject({ kind: 'listen' })
  await new Promise((resolve) => taken.close(resolve))
  await house.start('B', dir)
})
