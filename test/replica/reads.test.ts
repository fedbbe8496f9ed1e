import { expect, test } from 'vitest'
import { Reads, readRetryTicks } from '../../src-main/replica/reads.ts'

function world(applied = 0) {
  const asked: Uint8Array[] = []
  const reads = new Reads(new Uint8Array([7]), applied, (context) => asked.push(context))
  const answer = (round: number, index: number): void => {
    const context = asked[round]
    if (context === undefined) throw new Error(`round ${round} was never asked for`)
    reads.confirm(context, index)
  }
  return { asked, reads, answer }
}

test('a read is answered when the confirmed index is applied, and not before', async () => {
  const { reads, answer } = world(3)
  let done = false
  const read = reads.read(10).then((outcome) => {
    done = true
    return outcome
  })
  answer(0, 5)
  reads.applied(4)
  await Promise.resolve()
  expect(done).toBe(false)
  reads.applied(6)
  expect(await read).toEqual({ ok: true, value: 6 })
})

test('a confirmed index that is applied already answers at once', async () => {
  const { reads, answer } = world(9)
  const read = reads.read(10)
  answer(0, 5)
  expect(await read).toEqual({ ok: true, value: 9 })
})

test('who asks while a round is out is not answered by it: it began too early for them', async () => {
  const { asked, reads, answer } = world(5)
  const first = reads.read(10)
  let late = false
  const second = reads.read(10).then((outcome) => {
    late = true
    return outcome
  })
  expect(asked).toHaveLength(1)
  answer(0, 5)
  await first
  expect(late).toBe(false)
  expect(asked).toHaveLength(2)
  answer(1, 5)
  expect(await second).toEqual({ ok: true, value: 5 })
})

test('a round without an answer is asked again under another context, and the old answer then counts for nothing (etcd#20418)', async () => {
  const { asked, reads, answer } = world(5)
  let done = false
  const read = reads.read(100).then((outcome) => {
    done = true
    return outcome
  })
  for (let n = 0; n < readRetryTicks; n++) reads.tick()
  expect(asked).toHaveLength(2)
  expect(asked[0]).not.toEqual(asked[1])
  answer(0, 5)
  await Promise.resolve()
  expect(done).toBe(false)
  answer(1, 5)
  expect((await read).ok).toBe(true)
})

test('two lives of one process never share a context', () => {
  const asked: Uint8Array[] = []
  for (const nonce of [1, 2]) {
    void new Reads(new Uint8Array([nonce]), 0, (context) => asked.push(context)).read(1)
  }
  expect(asked[0]).not.toEqual(asked[1])
})

test('a read that nobody confirms is refused after its ticks, and when the member stops', async () => {
  const { reads } = world()
  const late = reads.read(2)
  reads.tick()
  reads.tick()
  expect(await late).toEqual({ ok: false, error: { kind: 'no-majority' } })
  const stopped = reads.read(2)
  reads.stop()
  expect(await stopped).toEqual({ ok: false, error: { kind: 'stopped' } })
})
