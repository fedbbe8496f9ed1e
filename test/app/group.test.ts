import { afterEach, expect, test } from 'vitest'
import { applied, Household, refusal, textOf, until, value, wait } from './support/devices.ts'

let house = new Household()
afterEach(async () => {
  await house.close()
  house = new Household()
})

test('three devices pair by code, and what one writes all have', async () => {
  const [a, b, c] = await house.group('Laptop', 'Desktop', 'NAS')
  if (a === undefined || b === undefined || c === undefined) throw new Error('three')
  const { id } = applied(await b.createNote({ body: 'from the desktop' }, wait))
  await until('all have it', async () => {
    const texts = await Promise.all([a, b, c].map((device) => textOf(device, id)))
    return texts.every((text) => text === 'from the desktop')
  })
  const status = await until('it is known to be on all', async () => {
    const seen = await c.status()
    return seen.sentence === 'All notes are on all 3 devices.' ? seen : null
  })
  expect(status.members.map(({ name }) => name).sort()).toEqual(['Desktop', 'Laptop', 'NAS'])
  expect(status.members.map(({ holds }) => holds)).toEqual([1, 1, 1])
  const { summary } = value(await c.readNote(id, { linearizable: true }))
  expect(summary.durability).toEqual({ state: 'all', holders: 3, members: 3 })
})

test('the leader closes, and writing goes on', async () => {
  const devices = await house.group('A', 'B', 'C')
  const [status] = await house.settled(devices)
  const leader = devices.find(({ id }) => id === status?.cluster.leaderId)
  if (leader === undefined) throw new Error('a leader')
  const [left, other] = devices.filter((device) => device !== leader)
  if (left === undefined || other === undefined) throw new Error('two left')
  const { id } = applied(await leader.createNote({ body: 'before' }, wait))
  await house.stop(leader)
  applied(await left.putText(id, { body: 'after', baseRev: null }, wait))
  await until('the other has it', async () => (await textOf(other, id)) === 'after')
  const seen = await until('who is missing is said', async () => {
    const { sentence } = await left.status()
    return sentence.startsWith('All notes are safe') ? sentence : null
  })
  expect(seen).toMatch(/^All notes are safe \(2 of 3\)\. . is asleep and will catch up later\.$/)
})

test('without a majority edits are kept here, and merge when the others return', async () => {
  const dirs = [await house.newDir(), await house.newDir(), await house.newDir()]
  const a = await house.start('A', dirs[0])
  const b = await house.start('B', dirs[1])
  await house.pair(a, b)
  await house.settled([a, b])
  const c = await house.start('C', dirs[2])
  await house.pair(a, c)
  await house.settled([a, b, c])
  const { id } = applied(await a.createNote({ body: 'one\ntwo\nthree\n' }, wait))
  await until('all have it', async () => {
    const texts = await Promise.all([a, b, c].map((device) => textOf(device, id)))
    return texts.every((text) => text === 'one\ntwo\nthree\n')
  })
  await house.stop(b)
  await house.stop(c)
  const alone = value(await a.putText(id, { body: 'ONE\ntwo\nthree\n', baseRev: 1 }, { ms: 0 }))
  expect(alone.state).toBe('saved')
  const note = value(await a.readNote(id, { linearizable: false }))
  expect(note).toMatchObject({ body: 'one\ntwo\nthree\n', draft: 'ONE\ntwo\nthree\n', pending: 1 })
  expect(note.summary.durability.state).toBe('saved')
  await until('no leader any more', async () => (await a.status()).cluster.leaderId === null)
  const { sentence, outbox } = await a.status()
  expect(sentence).toBe(
    'B and C are asleep. Your edits are kept here (1 so far) and will be shared when one of them wakes.',
  )
  expect(outbox.pending).toBe(1)
  expect(refusal(await a.readNote(id, { linearizable: true }))).toMatchObject({
    kind: 'unavailable',
  })
  await house.stop(a)
  const b2 = await house.start('B', dirs[1])
  const c2 = await house.start('C', dirs[2])
  applied(await b2.putText(id, { body: 'one\ntwo\nTHREE\n', baseRev: null }, wait))
  const a2 = await house.start('A', dirs[0])
  await until('all have both edits', async () => {
    const texts = await Promise.all([a2, b2, c2].map((device) => textOf(device, id)))
    return texts.every((text) => text === 'ONE\ntwo\nTHREE\n')
  })
})

test('a wrong code is refused, the third burns it; a right one is spent once', async () => {
  const a = await house.start('A')
  const b = await house.start('B')
  const { code, address } = value(await b.openPairing())
  const wrong = code === '000000' ? '000001' : '000000'
  const ask = (digits: string) => a.addDevice({ ref: null, address, code: digits, bring: false })
  for (let tries = 0; tries < 3; tries += 1) {
    expect(refusal(await ask(wrong))).toMatchObject({ kind: 'wrong-code' })
  }
  expect(refusal(await ask(code ?? ''))).toMatchObject({ kind: 'code-burnt' })
  expect((await b.pairing()).state).toBe('burnt')
  await house.pair(a, b)
  expect(refusal(await ask(code ?? ''))).toMatchObject({ kind: 'code-expired' })
})

test('a newcomer with notes brings them along, or keeps its code', async () => {
  const a = await house.start('A')
  const b = await house.start('B')
  const { id: mine } = applied(await a.createNote({ body: 'of A' }, wait))
  const { id: theirs } = applied(await b.createNote({ title: 'T', body: 'of B' }, wait))
  const { id: trashed } = applied(await b.createNote({ body: 'thrown away' }, wait))
  applied(await b.trashNote(trashed, wait))
  const { code, address } = value(await b.openPairing())
  const ask = { ref: null, address, code: code ?? '' }
  expect(refusal(await a.addDevice({ ...ask, bring: false }))).toMatchObject({
    kind: 'newcomer-has-notes',
  })
  const { deviceId } = value(await a.addDevice({ ...ask, bring: true }))
  await until('joined', () => b.id === deviceId)
  for (const device of [a, b]) {
    await until('both notes are on both', async () => {
      const texts = [await textOf(device, mine), await textOf(device, theirs)]
      return texts.join() === 'of A,of B'
    })
  }
  const { summary } = value(await a.readNote(theirs, { linearizable: true }))
  expect(summary).toMatchObject({ title: 'T', trashed: false })
  const thrown = await until('the trash came along', async () => {
    const read = await a.readNote(trashed, { linearizable: false })
    return read.ok && read.value.summary.trashed ? read.value : null
  })
  expect(thrown.body).toBe('thrown away')
})

test('windows stay open while their device joins, and go on under the group', async () => {
  const a = await house.start('A')
  const b = await house.start('B')
  const { id } = applied(await b.createNote({ body: 'typed' }, wait))
  const opened = value(await b.openNote(id, 'w'))
  const steps: unknown[] = []
  b.hear((event) => event.name === 'note' && steps.push(event))
  await house.pair(a, b, true)
  expect(b.pull(id, opened.version)).toEqual({ id, version: opened.version, updates: [] })
  const push = { id, version: opened.version, updates: [{ client: 'w1', changes: [5, [0, '!']] }] }
  value(await b.push({ ...push, updates: [{ client: 'w1', changes: [5, [0, '!']] }] }, 'w'))
  await until('the other has it', async () => (await textOf(a, id)) === 'typed!')
  expect(steps).toHaveLength(1)
})

test('a removed device is cut off, falls silent and stays readable', async () => {
  const [a, b, c] = await house.group('A', 'B', 'C')
  if (a === undefined || b === undefined || c === undefined) throw new Error('three')
  const { id } = applied(await a.createNote({ body: 'shared' }, wait))
  await until('it is everywhere', async () => (await textOf(c, id)) === 'shared')
  const gone = c.id
  value(await b.removeDevice(gone))
  const { members } = await b.status()
  expect(members.find((member) => member.id === gone)?.removed).toBe(true)
  await until('it knows', async () => (await c.status()).device.role === 'removed')
  const { sentence } = await c.status()
  expect(sentence).toBe('B removed this device. Its notes stay readable here.')
  expect(await textOf(c, id)).toBe('shared')
  expect(refusal(await c.putText(id, { body: 'no', baseRev: null }, wait))).toMatchObject({
    kind: 'removed',
  })
  applied(await a.putText(id, { body: 'without C', baseRev: null }, wait))
  await until('B has it', async () => (await textOf(b, id)) === 'without C')
  expect(await textOf(c, id)).toBe('shared')
})

test('a removed device that slept is told at its first contact, and remembers after a restart', async () => {
  const dir = await house.newDir()
  const [a, b] = await house.group('A', 'B')
  if (a === undefined || b === undefined) throw new Error('two')
  const c = await house.start('C', dir)
  await house.pair(a, c)
  await house.settled([a, b, c])
  const gone = c.id
  await house.stop(c)
  value(await a.removeDevice(gone))
  const back = await house.start('C', dir)
  await until('it is told', async () => (await back.status()).device.role === 'removed')
  await house.stop(back)
  const again = await house.start('C', dir)
  expect((await again.status()).device.role).toBe('removed')
  await house.pair(a, again, true)
  expect(again.id).not.toBe(gone)
  await house.settled([a, b, again])
})

test('the leader removes itself: it hands over first', async () => {
  const devices = await house.group('A', 'B', 'C')
  const [status] = await house.settled(devices)
  const leader = devices.find(({ id }) => id === status?.cluster.leaderId)
  if (leader === undefined) throw new Error('a leader')
  const left = devices.filter((device) => device !== leader)
  value(await leader.removeDevice(leader.id))
  expect((await leader.status()).device.role).toBe('removed')
  await house.settled(left)
})

test('leadership goes where it is asked to go', async () => {
  const devices = await house.group('A', 'B', 'C')
  const [status] = await house.settled(devices)
  const next = devices.find(({ id }) => id !== status?.cluster.leaderId)
  const asking = devices.find((device) => device !== next)
  if (next === undefined || asking === undefined) throw new Error('two')
  value(await asking.lead(next.id))
  expect((await asking.status()).cluster.leaderId).toBe(next.id)
  expect(refusal(await asking.lead('12345'))).toMatchObject({ kind: 'unknown-device' })
})

test('a name is known to all, and kept', async () => {
  const [a, b] = await house.group('A', 'B')
  if (a === undefined || b === undefined) throw new Error('two')
  value(await a.renameDevice(b.id, 'Study'))
  await until('B knows its name', async () => (await b.status()).device.name === 'Study')
  const names = (await b.status()).members.map(({ name }) => name)
  expect(names.sort()).toEqual(['A', 'Study'])
})

test('a fourth device stays a copy, and is promoted when a voter leaves', async () => {
  const devices = await house.group('A', 'B', 'C', 'D')
  const [a, b] = devices
  if (a === undefined || b === undefined) throw new Error('four')
  const roles = (await a.status()).members.map(({ role }) => role)
  expect(roles.filter((role) => role === 'learner')).toHaveLength(1)
  value(await a.removeDevice(b.id))
  await house.settled(devices.filter((device) => device !== b))
})
