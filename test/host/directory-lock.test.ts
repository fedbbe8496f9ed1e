import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, expect, test } from 'vitest'
import { lockDirectory } from '../../src-main/host/directory-lock.ts'

const root = mkdtempSync(join(tmpdir(), 'quire-lock-'))
const children: ChildProcess[] = []
let made = 0

afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

function fresh(): string {
  made += 1
  return join(root, String(made))
}

async function holdElsewhere(path: string): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'hold-lock.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const [line] = (await once(lines, 'line')) as [string]
  expect(JSON.parse(line)).toEqual({ held: child.pid })
  return child
}

test('a directory is locked once, named when it is in use, and free after its release', async () => {
  const path = fresh()
  const first = await lockDirectory(path)
  expect(first.ok).toBe(true)
  expect(await lockDirectory(path)).toEqual({
    ok: false,
    error: { kind: 'in-use', pid: process.pid },
  })
  if (first.ok) await first.value.release()
  const second = await lockDirectory(path)
  expect(second.ok).toBe(true)
  if (second.ok) await second.value.release()
})

test('the directory is made private', async () => {
  const path = fresh()
  const locked = await lockDirectory(path)
  expect(statSync(path).mode & 0o777).toBe(0o700)
  if (locked.ok) await locked.value.release()
})

test('[scenario 48] a sleeping process keeps its directory, a killed one leaves it', async () => {
  const path = fresh()
  const child = await holdElsewhere(path)
  const inUse = { ok: false, error: { kind: 'in-use', pid: child.pid } }
  expect(await lockDirectory(path)).toEqual(inUse)
  child.kill('SIGSTOP')
  expect(await lockDirectory(path)).toEqual(inUse)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const mine = await lockDirectory(path)
  expect(mine.ok).toBe(true)
  if (mine.ok) await mine.value.release()
})

test('another path to the same directory does not get around the lock', async () => {
  const path = fresh()
  const locked = await lockDirectory(path)
  const other = fresh()
  symlinkSync(path, other)
  expect((await lockDirectory(other)).ok).toBe(false)
  if (locked.ok) await locked.value.release()
})

test('a note left by a process that is gone, or whose number another one has now, locks nobody out', async () => {
  const path = fresh()
  const first = await lockDirectory(path)
  if (first.ok) await first.value.release()
  for (const note of ['999999999 gone\n', `${process.ppid} another-boot/1\n`, 'nonsense', '']) {
    writeFileSync(join(path, 'lock'), note)
    const locked = await lockDirectory(path)
    expect(locked.ok).toBe(true)
    if (locked.ok) await locked.value.release()
  }
})

test.runIf(process.platform === 'linux')(
  'a process that another network namespace hides is known by its note',
  async () => {
    const path = fresh()
    const { processMark } = await import('../../src-main/host/process-mark.ts')
    const first = await lockDirectory(path)
    if (first.ok) await first.value.release()
    writeFileSync(join(path, 'lock'), `${process.ppid} ${await processMark(process.ppid)}\n`)
    expect(await lockDirectory(path)).toEqual({
      ok: false,
      error: { kind: 'in-use', pid: process.ppid },
    })
  },
)
