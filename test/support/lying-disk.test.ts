import { expect, test } from 'vitest'
import { diskContract } from './contracts/disk.ts'
import { flipBit, LyingDisk } from './lying-disk.ts'

diskContract('the lying disk', async () => new LyingDisk())

const nothing = (): boolean => false
const everything = (): boolean => true
const sevens = (length: number): Uint8Array => new Uint8Array(length).fill(7)

async function withFile(): Promise<LyingDisk> {
  const disk = new LyingDisk()
  await disk.write('a', 0, sevens(1000))
  await disk.sync('a')
  await disk.syncDir('')
  return disk
}

test('what was not synced is lost at a crash', async () => {
  const disk = await withFile()
  await disk.write('a', 0, new Uint8Array(1000))
  expect(disk.crash(nothing).files().get('a')).toEqual(Buffer.from(sevens(1000)))
  expect(disk.crash(everything).files().get('a')).toEqual(Buffer.alloc(1000))
})

test('a write is torn at the borders of its sectors', async () => {
  const disk = await withFile()
  await disk.write('a', 0, new Uint8Array(1000))
  expect(disk.pending).toBe(2)
  const torn = disk
    .crash((n) => n === 1)
    .files()
    .get('a')
  expect(torn?.[511]).toBe(7)
  expect(torn?.[512]).toBe(0)
})

test('a file may have grown without its bytes', async () => {
  const disk = await withFile()
  await disk.write('a', 1000, sevens(24))
  const grown = disk
    .crash((n) => n === 0)
    .files()
    .get('a')
  expect(grown?.length).toBe(1024)
  expect(grown?.[1001]).toBe(0)
})

test('a name is lost without a sync of its directory', async () => {
  const disk = await withFile()
  await disk.write('b', 0, sevens(3))
  await disk.sync('b')
  expect([...disk.crash(nothing).files().keys()]).toEqual(['a'])
  await disk.rename('b', 'a')
  expect(disk.crash(nothing).files().get('a')?.length).toBe(1000)
  await disk.syncDir('')
  expect([...disk.crash(nothing).files()]).toEqual([['a', Buffer.from(sevens(3))]])
})

test('a removed name comes back without a sync of its directory', async () => {
  const disk = await withFile()
  await disk.remove('a')
  expect([...disk.crash(nothing).files().keys()]).toEqual(['a'])
  expect([...disk.crash(everything).files().keys()]).toEqual([])
})

test('a directory that was not synced into its parent takes its files along', async () => {
  const disk = new LyingDisk()
  await disk.makeDir('dir')
  await disk.write('dir/a', 0, sevens(3))
  await disk.sync('dir/a')
  await disk.syncDir('dir')
  expect(disk.crash(nothing).files().size).toBe(0)
  await disk.syncDir('')
  expect(disk.crash(nothing).files().size).toBe(1)
})

test('a failed sync has dropped its bytes, and the next one succeeds', async () => {
  const disk = await withFile()
  await disk.write('a', 0, new Uint8Array(1000))
  disk.fault = () => ({ kind: 'fail', failure: 'broken' })
  await expect(disk.sync('a')).rejects.toThrow('sync fails')
  disk.fault = () => null
  await disk.sync('a')
  expect(disk.crash(everything).files().get('a')?.[0]).toBe(7)
})

test('the last bytes of a full disk are taken, then it says that it is full', async () => {
  const disk = await withFile()
  disk.capacity = 1010
  expect(await disk.write('a', 1000, sevens(20))).toBe(10)
  await expect(disk.write('a', 1010, sevens(1))).rejects.toMatchObject({ failure: 'full' })
  expect(await disk.write('a', 500, sevens(20))).toBe(20)
})

test('after the power is cut nothing answers', async () => {
  const disk = await withFile()
  disk.fault = () => ({ kind: 'cut' })
  await expect(disk.read('a', 0, 1)).rejects.toThrow('the power is cut')
  disk.fault = () => null
  await expect(disk.list('')).rejects.toThrow('the power is cut')
})

test('a bit flips at rest', async () => {
  const disk = await withFile()
  flipBit(disk, 'a', 8 * 10 + 1)
  expect(disk.files().get('a')?.[10]).toBe(5)
})
