import { expect, test } from 'vitest'
import { diskRetryMs, flyingNotesMax, resendMs } from '../../src-main/app/courier.ts'
import { burstMs } from '../../src-main/app/documents.ts'
import { Desk, PaperLog, turns } from './support/desk.ts'
import { value } from './support/devices.ts'

const now = { ms: 0 }
const note = (body: string) => ({ title: null, body, tags: [], pinned: false, origin: null })

async function withNote(body: string): Promise<{ desk: Desk; log: PaperLog; id: string }> {
  const desk = await Desk.open('1')
  const log = new PaperLog()
  const { id } = value(await desk.writes.create(note(body), now))
  await turns()
  await desk.commit(log)
  return { desk, log, id }
}

test('nothing leaves before it is durable here', async () => {
  const desk = await Desk.open('1')
  let free: () => void = () => undefined
  const held = new Promise<null>((resolve) => {
    free = () => resolve(null)
  })
  desk.disk.fault = ({ verb }) => (verb === 'sync' ? held : null)
  const writing = desk.writes.create(note('words'), now)
  await turns()
  expect(desk.sent).toEqual([])
  free()
  value(await writing)
  await turns()
  expect(desk.takeSent()).toMatchObject([{ kind: 'note.create', body: 'words', seq: 1 }])
})

test('neither a tick nor a new leader lets out what the disk is still busy with', async () => {
  const { desk, log, id } = await withNote('one')
  desk.documents.openFor(id, 'w')
  value(await desk.writes.putText(id, { body: 'one two', baseRev: null }, now))
  await turns()
  await desk.commit(log)
  let free: () => void = () => undefined
  const held = new Promise<null>((resolve) => {
    free = () => resolve(null)
  })
  desk.disk.fault = ({ verb }) => (verb === 'sync' ? held : null)
  const writing = desk.writes.putText(id, { body: 'one two three', baseRev: null }, now)
  await turns()
  desk.clock.advance(resendMs)
  desk.courier.tick()
  desk.courier.led(true)
  expect(desk.sent).toEqual([])
  free()
  value(await writing)
  await turns()
  expect(desk.takeSent()).toMatchObject([{ kind: 'note.change', seq: 3 }])
})

test('the first keystroke leaves at once, those within 50 ms after it as one command', async () => {
  const { desk, log, id } = await withNote('')
  desk.clock.advance(1_000)
  const document = desk.documents.openFor(id, 'w')
  let version = document?.version ?? 0
  const type = (text: string, at: number): void => {
    const changes = at === 0 ? [[0, text]] : [at, [0, text]]
    const updates = [{ client: 'w', changes: changes as never }]
    version = value(desk.documents.push({ id, version, updates }, 'w')).version
  }
  type('a', 0)
  await turns()
  expect(desk.takeSent()).toMatchObject([{ kind: 'note.change', changes: [[0, 'a']] }])
  for (const [at, letter] of [...'bcd'].entries()) {
    desk.clock.advance(10)
    type(letter, at + 1)
    await turns()
  }
  expect(desk.sent).toEqual([])
  desk.clock.advance(burstMs)
  await turns()
  // The first command of a document travels alone until the group has counted it.
  expect(desk.sent).toEqual([])
  log.add(desk.sent[0] ?? new Uint8Array())
  expect(desk.steps).toHaveLength(4)
})

test('what a burst gathered is durable although it may not leave yet', async () => {
  const { desk, id } = await withNote('')
  const version = desk.documents.openFor(id, 'w')?.version ?? 0
  const push = (at: number, from: number) =>
    value(
      desk.documents.push(
        { id, version: from, updates: [{ client: 'w', changes: [...keep(at), [0, 'x']] }] },
        'w',
      ),
    ).version
  const second = push(0, version)
  push(1, second)
  desk.clock.advance(burstMs)
  await turns()
  const again = await Desk.open(
    '1',
    desk.disk.crash(() => false),
  )
  await again.learn(new PaperLog())
  expect(again.documents.get(id)?.text).toBe('xx')
})

function keep(length: number): number[] {
  return length === 0 ? [] : [length]
}

test('without an answer it is proposed again, and applied once', async () => {
  const desk = await Desk.open('1')
  const log = new PaperLog()
  const { id } = value(await desk.writes.create(note('once'), now))
  await turns()
  const first = desk.sent.splice(0)
  desk.clock.advance(resendMs)
  desk.courier.tick()
  for (const entry of first) log.add(entry)
  await desk.commit(log)
  expect(log.entries).toHaveLength(2)
  expect(desk.machine.state.notes.get(id)).toMatchObject({ rev: 1, body: 'once' })
  expect(desk.courier.sizes.commands).toBe(0)
})

test('without a leader it waits, and leaves when there is one', async () => {
  const desk = await Desk.open('1')
  desk.courier.led(false)
  value(await desk.writes.create(note('patient'), now))
  await turns()
  desk.courier.tick()
  expect(desk.sent).toEqual([])
  expect(desk.courier.sizes).toMatchObject({ commands: 1 })
  desk.courier.led(true)
  expect(desk.takeSent()).toHaveLength(1)
})

test('a leader that takes nothing is asked again at the next tick', async () => {
  const desk = await Desk.open('1')
  desk.isLed = false
  value(await desk.writes.create(note('refused'), now))
  await turns()
  expect(desk.sent).toEqual([])
  desk.isLed = true
  desk.courier.tick()
  expect(desk.takeSent()).toHaveLength(1)
})

test('a change over which another one went is mapped and proposed again', async () => {
  const { desk, log, id } = await withNote('middle')
  const other = await Desk.open('2')
  await other.learn(log)
  value(await desk.writes.putText(id, { body: 'middle end', baseRev: 1 }, now))
  value(await other.writes.putText(id, { body: 'start middle', baseRev: 1 }, now))
  await turns()
  await other.commit(log)
  await desk.commit(log)
  await desk.commit(log)
  await other.learn(log)
  for (const each of [desk, other]) {
    expect(each.machine.state.notes.get(id)).toMatchObject({ rev: 3, body: 'start middle end' })
  }
  expect(desk.courier.sizes.commands).toBe(0)
})

test('a full disk: nothing leaves, it is said, and it goes on by itself when there is space', async () => {
  const { desk, log, id } = await withNote('before')
  desk.disk.capacity = 0
  const refused = await desk.writes.putText(id, { body: 'after', baseRev: null }, now)
  expect(refused).toMatchObject({ ok: false, error: { kind: 'stopped' } })
  expect(desk.blocked).toEqual(['full'])
  expect(desk.sent).toEqual([])
  desk.clock.advance(diskRetryMs)
  desk.courier.tick()
  await turns()
  expect(desk.sent).toEqual([])
  desk.disk.capacity = Number.POSITIVE_INFINITY
  desk.clock.advance(diskRetryMs)
  desk.courier.tick()
  await turns()
  expect(desk.blocked).toEqual(['full', null])
  await desk.commit(log)
  expect(desk.machine.state.notes.get(id)?.body).toBe('after')
  expect(desk.failures).toEqual([])
})

test('a failed fsync is final: it is told once, and nothing leaves any more', async () => {
  const { desk, id } = await withNote('before')
  desk.disk.fault = ({ verb }) => (verb === 'sync' ? { kind: 'fail', failure: 'broken' } : null)
  const refused = await desk.writes.putText(id, { body: 'after', baseRev: null }, now)
  expect(refused.ok).toBe(false)
  expect(desk.failures.length).toBeGreaterThan(0)
  desk.disk.fault = () => null
  desk.clock.advance(diskRetryMs)
  desk.courier.tick()
  await turns()
  expect(desk.sent).toEqual([])
})

test('after a crash at any call of the disk, what was acknowledged is proposed again under its number', async () => {
  let done = false
  for (let calls = 1; !done; calls += 1) {
    const desk = await Desk.open('1')
    const base = desk.disk.calls
    desk.disk.fault = ({ number }) => (number - base >= calls ? { kind: 'cut' } : null)
    const written = await desk.writes.create(note('kept'), now)
    const again = await Desk.open(
      '1',
      desk.disk.crash(() => false),
    )
    await turns()
    const sent = again.takeSent()
    if (written.ok) {
      expect(sent).toMatchObject([{ kind: 'note.create', noteId: written.value.id, seq: 1 }])
      done = true
    } else expect(sent.length).toBeLessThanOrEqual(1)
  }
})

test(`at most ${flyingNotesMax} notes are on their way at once; the next follows when one has landed`, async () => {
  const desk = await Desk.open('1')
  const log = new PaperLog()
  const all = Array.from({ length: flyingNotesMax + 1 }, (_, n) =>
    desk.writes.create(note(String(n)), now),
  )
  await Promise.all(all)
  await turns()
  expect(desk.sent).toHaveLength(flyingNotesMax)
  const [first] = desk.sent.splice(0, 1)
  log.add(first ?? new Uint8Array())
  await desk.learn(log)
  expect(desk.sent).toHaveLength(flyingNotesMax)
})

test('words for a note that another device deleted for ever become a note of their own', async () => {
  const { desk, log, id } = await withNote('shared')
  const other = await Desk.open('2')
  await other.learn(log)
  desk.documents.openFor(id, 'w')
  value(await desk.writes.putText(id, { body: 'shared and mine', baseRev: 1 }, now))
  value(await other.writes.wish(id, { kind: 'purge' }, now))
  await turns()
  await other.commit(log)
  await desk.commit(log)
  await desk.commit(log)
  expect(desk.gaveUp).toHaveLength(1)
  const notes = [...desk.machine.state.notes.values()]
  expect(notes.map(({ body }) => body)).toEqual(['shared and mine'])
  expect(desk.courier.sizes.commands).toBe(0)
})

test('who waits is told when it is applied, or that it took too long', async () => {
  const desk = await Desk.open('1')
  const log = new PaperLog()
  const waiting = desk.writes.create(note('soon'), { ms: 5_000 })
  await turns()
  await desk.commit(log)
  expect(value(await waiting)).toMatchObject({ state: 'applied', rev: 1, index: 1 })
  const late = desk.writes.create(note('late'), { ms: 100 })
  await turns()
  desk.clock.advance(100)
  expect(value(await late)).toMatchObject({ state: 'saved', rev: 0 })
})
