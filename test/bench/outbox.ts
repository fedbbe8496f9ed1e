import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NodeDisk } from '../../src-main/host/node-disk.ts'
import { type Outbox, openOutbox } from '../../src-main/outbox/outbox.ts'
import { noteId, pendingNote, typed } from '../outbox/examples.ts'

/** The outbox on a real disk, fsync on: how fast edits are safe, and what a burst in a long note costs. */
export async function benchOutbox(print: (line: object) => void): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'quire-bench-'))
  const disk = new NodeDisk(root)
  try {
    const opened = await openOutbox(disk, { dir: 'outbox' })
    if (!opened.ok) throw new Error(opened.error.kind)
    const { outbox } = opened.value
    for (const writers of [1, 64]) print(await puts(outbox, writers))
    print(await bursts(disk, outbox))
    await outbox.close()
    const began = performance.now()
    await openOutbox(disk, { dir: 'outbox' })
    print({ figure: 'ms to open', value: rounded(performance.now() - began) })
  } finally {
    await disk.close()
    rmSync(root, { recursive: true })
  }
}

async function puts(outbox: Outbox, writers: number): Promise<object> {
  const until = performance.now() + 2_000
  let count = 0
  const writer = async (id: string) => {
    for (let n = 1; performance.now() < until; n++) {
      const text = 'x'.repeat(256)
      await outbox.put(pendingNote(id, { base: n, commands: [typed(id, n, n, [n, [0, text]])] }))
      count += 1
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, n) => writer(noteId(n))))
  return { figure: 'puts per second', writers, value: Math.round(count / 2) }
}

/** Put, sent, dropped, as while one types online in two megabytes. */
async function bursts(disk: NodeDisk, outbox: Outbox): Promise<object> {
  const id = noteId(1_000)
  const half = 'Some words of a long note.\n'.repeat(37_000)
  let bytes = 0
  const write = disk.write.bind(disk)
  disk.write = (name, at, piece) => {
    bytes += piece.length
    return write(name, at, piece)
  }
  const costs: number[] = []
  for (let n = 1; n <= 500; n++) {
    const baseText = half + 'x'.repeat(n) + half
    const commands = [typed(id, n, n, [half.length + n, [0, 'x'], half.length])]
    const began = performance.now()
    await outbox.put(pendingNote(id, { base: n, baseText, commands }))
    costs.push(performance.now() - began)
    await outbox.put(pendingNote(id, { base: n, baseText, commands, sentCount: 1 }))
    await outbox.drop(id)
  }
  costs.sort((a, b) => a - b)
  return {
    figure: 'a burst in two megabytes',
    bytes: Math.round(bytes / 500),
    p50Ms: rounded(costs[250] ?? Number.NaN),
    p99Ms: rounded(costs[495] ?? Number.NaN),
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
