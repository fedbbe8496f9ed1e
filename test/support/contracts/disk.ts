import { expect, test } from 'vitest'
import { type Disk, DiskFailed } from '../../../src-main/journal/disk.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (from: Uint8Array): string => new TextDecoder().decode(from)

/** What every Disk keeps to; run on the real one and on the lying one. */
export function diskContract(name: string, make: () => Promise<Disk>): void {
  const it = (claim: string, run: (disk: Disk) => Promise<void>): void => {
    test(`${name}: ${claim}`, async () => run(await make()))
  }

  it('what was written is read', async (disk) => {
    expect(await disk.write('a', 0, bytes('hello'))).toBe(5)
    expect(text(await disk.read('a', 0, 5))).toBe('hello')
    expect(text(await disk.read('a', 1, 3))).toBe('el')
  })

  it('a read at the end of the file is short, beyond it empty', async (disk) => {
    await disk.write('a', 0, bytes('hello'))
    expect(text(await disk.read('a', 3, 100))).toBe('lo')
    expect(await disk.read('a', 5, 10)).toHaveLength(0)
    expect(await disk.read('a', 50, 60)).toHaveLength(0)
    expect(await disk.read('a', 2, 2)).toHaveLength(0)
  })

  it('a write in the middle overwrites, one behind the end leaves zeros between', async (disk) => {
    await disk.write('a', 0, bytes('hello'))
    await disk.write('a', 1, bytes('ip'))
    await disk.write('a', 7, bytes('!'))
    expect(text(await disk.read('a', 0, 8))).toBe('hiplo\0\0!')
  })

  it('writes of no bytes make the file', async (disk) => {
    expect(await disk.write('a', 0, new Uint8Array(0))).toBe(0)
    expect(await disk.list('')).toEqual([{ name: 'a', size: 0 }])
  })

  it('a truncated file is shorter, and may grow with zeros', async (disk) => {
    await disk.write('a', 0, bytes('hello'))
    await disk.truncate('a', 2)
    expect(text(await disk.read('a', 0, 9))).toBe('he')
    await disk.truncate('a', 4)
    expect(text(await disk.read('a', 0, 9))).toBe('he\0\0')
  })

  it('a renamed file takes the place of the one before', async (disk) => {
    await disk.write('a', 0, bytes('new'))
    await disk.write('b', 0, bytes('old, and longer'))
    await disk.sync('a')
    await disk.rename('a', 'b')
    await disk.syncDir('')
    expect(text(await disk.read('b', 0, 99))).toBe('new')
    expect((await disk.list('')).map((entry) => entry.name)).toEqual(['b'])
    await disk.write('b', 0, bytes('N'))
    expect(text(await disk.read('b', 0, 99))).toBe('New')
  })

  it('a name that was removed and written again is a new file', async (disk) => {
    await disk.write('a', 0, bytes('long content'))
    await disk.remove('a')
    await disk.write('a', 0, bytes('x'))
    await disk.sync('a')
    expect(text(await disk.read('a', 0, 99))).toBe('x')
  })

  it('lists names in order with their sizes, directories with a slash', async (disk) => {
    await disk.makeDir('dir/deeper')
    await disk.write('dir/b', 0, bytes('12'))
    await disk.write('dir/a', 0, bytes('1'))
    await disk.write('dir/deeper/c', 0, bytes('123'))
    expect(await disk.list('dir')).toEqual([
      { name: 'a', size: 1 },
      { name: 'b', size: 2 },
      { name: 'deeper/', size: 0 },
    ])
    expect(await disk.list('')).toEqual([{ name: 'dir/', size: 0 }])
    expect(await disk.list('nowhere')).toEqual([])
  })

  it('makes a directory twice without complaint', async (disk) => {
    await disk.makeDir('dir')
    await disk.makeDir('dir')
    await disk.syncDir('')
    await disk.syncDir('dir')
  })

  it('says that a file is missing', async (disk) => {
    const missing = { name: 'DiskFailed', failure: 'missing', file: 'gone' }
    await expect(disk.read('gone', 0, 1)).rejects.toMatchObject(missing)
    await expect(disk.sync('gone')).rejects.toMatchObject(missing)
    await expect(disk.truncate('gone', 0)).rejects.toMatchObject(missing)
    await expect(disk.remove('gone')).rejects.toMatchObject(missing)
    await expect(disk.rename('gone', 'to')).rejects.toMatchObject(missing)
    await expect(disk.write('no/dir', 0, bytes('x'))).rejects.toBeInstanceOf(DiskFailed)
  })

  it('works on many files at once', async (disk) => {
    const names = Array.from({ length: 80 }, (_, n) => `file-${n}`)
    await Promise.all(names.map((name) => disk.write(name, 0, bytes(name))))
    await Promise.all(names.map((name) => disk.sync(name)))
    const read = await Promise.all(names.map((name) => disk.read(name, 0, 99)))
    expect(read.map(text)).toEqual(names)
  })
}
