import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { lockDirectory } from '../../src-main/host/directory-lock.ts'
import { NodeDisk } from '../../src-main/host/node-disk.ts'
import { entries, hardState, opened } from '../journal/support/opening.ts'

const root = mkdtempSync(join(tmpdir(), 'quire-doctor-'))
const segment = 'wal/0000000001-0000000000000001'
let made = 0

afterAll(() => rmSync(root, { recursive: true, force: true }))

async function closed(): Promise<string> {
  made += 1
  const path = join(root, String(made))
  await new NodeDisk(root).makeDir(String(made))
  const disk = new NodeDisk(path)
  const { journal } = await opened(disk)
  await journal.save(hardState(1, 5), entries(1, 5))
  await journal.close()
  await disk.close()
  return path
}

function doctor(...args: string[]): { status: number | null; said: string } {
  const script = join(import.meta.dirname, '../../src-main/launch/doctor.ts')
  const run = spawnSync(process.execPath, ['--import', 'tsx', script, ...args], {
    encoding: 'utf8',
  })
  return { status: run.status, said: run.stdout + run.stderr }
}

test('doctor calls a directory that was closed cleanly sound: 0', async () => {
  const { status, said } = doctor('--data-dir', await closed())
  expect(said).toContain('Sound')
  expect(status).toBe(0)
})

test('doctor finds a torn tail repairable, and repairs it: 1, then 0', async () => {
  const path = await closed()
  appendFileSync(join(path, segment), 'half a rec')
  const found = doctor('--data-dir', path)
  expect(found.said).toContain('never finished')
  expect(found.status).toBe(1)
  const repaired = doctor('--data-dir', path, '--repair')
  expect(repaired.said).toContain('Repaired')
  expect(repaired.status).toBe(1)
  expect(doctor('--data-dir', path).status).toBe(0)
})

test('doctor names damage by file, offset and entry index: 2, and repairs nothing then', async () => {
  const path = await closed()
  const bytes = readFileSync(join(path, segment))
  bytes[250] = (bytes[250] ?? 0) ^ 2
  writeFileSync(join(path, segment), bytes)
  const { status, said } = doctor('--data-dir', path, '--repair')
  expect(said).toMatch(new RegExp(`Damaged: ${segment}, offset \\d+, entry index \\d+`))
  expect(said).toContain('What to do')
  expect(status).toBe(2)
  expect(readFileSync(join(path, segment))).toEqual(bytes)
})

test('doctor examines nothing that is in use or not there: 3', async () => {
  const path = await closed()
  const locked = await lockDirectory(path)
  const { status, said } = doctor('--data-dir', path)
  expect(said).toContain(`process ${process.pid}`)
  expect(status).toBe(3)
  if (locked.ok) await locked.value.release()
  expect(doctor('--data-dir', join(root, 'nowhere')).status).toBe(3)
  expect(doctor().said).toContain('Usage')
})
