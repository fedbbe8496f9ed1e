import { expect, test } from 'vitest'
import { advance } from '../../src-shared/notes/advance.ts'
import {
  draftOfDocument,
  inFlightMax,
  updatesLengthMax,
  updatesMax,
} from '../../src-shared/notes/document.ts'
import { answered, bury } from '../../src-shared/notes/giving-up.ts'
import { bodyBytesMax, tagsMax } from '../../src-shared/notes/limits.ts'
import { createDocument, openDocument } from '../../src-shared/notes/opening.ts'
import { markSent, proposals, resend } from '../../src-shared/notes/sending.ts'
import { replacing, splice } from '../../src-shared/notes/splice.ts'
import { missedSince, push } from '../../src-shared/notes/windows.ts'
import { wish } from '../../src-shared/notes/wishes.ts'
import { at, change, command, create, Log, noteId, one, two } from './commands.ts'
import { Desk } from './desk.ts'

function started(body = 'hello'): Log {
  const log = new Log()
  log.apply(create({ client: '1', body }))
  return log
}

/** A desk that the group has counted a command of, so that it may have several in flight. */
function settled(log: Log, client = one): Desk {
  return Desk.open(log, client).type('', '.').settle()
}

// ---- the queue ---------------------------------------------------------------------------------------------------

test('a burst is one command, its number the next of (client, note), its base the rev it meets', () => {
  const desk = Desk.open(started(), one).type('hello', ' w').type('hello w', 'orld')
  expect(desk.pending.commands).toMatchObject([
    { kind: 'note.change', seq: 1, base: 1, changes: [5, [0, ' world']] },
  ])
  expect(desk.text).toBe('hello world')
})

test('[Q2] what was sent is not composed with what is typed after it', () => {
  const desk = Desk.open(started(), one).type('hello', ' a')
  const [sent] = desk.send()
  desk.type(' a', 'b')
  expect(desk.pending.commands).toMatchObject([sent, { seq: 2, base: 2, changes: [7, [0, 'b']] }])
})

test('[Q1] metadata rides in the same queue and does not count as a revision', () => {
  const desk = Desk.open(started(), one)
    .type('hello', '!')
    .wish({ kind: 'title', title: 'T' })
    .type('hello!', '?')
  expect(desk.pending.commands.map((c) => [c.kind, c.seq, 'base' in c ? c.base : null])).toEqual([
    ['note.change', 1, 1],
    ['note.title', 2, null],
    ['note.change', 3, 2],
  ])
  desk.settle()
  expect(desk.log.note).toMatchObject({ body: 'hello!?', title: 'T', rev: 3 })
})

test('what was typed and deleted again before it left never becomes a command (siyuan#18906)', () => {
  const desk = Desk.open(started(), one).type('hello', 'x').type('hello', '', 1)
  expect(desk.pending.commands).toEqual([])
  desk.wish({ kind: 'title', title: 'T' }).type('hello', 'x').type('hello', '', 1)
  expect(desk.pending.commands).toMatchObject([{ kind: 'note.title', seq: 1 }])
})

test('an unsent change that comes to nothing goes, and what stands behind it moves up; a sent one stays', () => {
  const deletion = (client: string) => change({ client, seq: 1, base: 1, changes: [[5]] as never })
  const desk = Desk.open(started(), one).type('', '', 5).wish({ kind: 'title', title: 'T' })
  desk.apply([deletion(two)])
  expect(desk.pending.commands).toMatchObject([{ kind: 'note.title', seq: 1 }])
  desk.settle()
  const other = Desk.open(started(), one).type('', '', 5)
  other.send()
  other.wish({ kind: 'title', title: 'T' }).apply([deletion(two)])
  expect(other.pending.commands).toMatchObject([{ seq: 1, changes: [] }, { seq: 2 }])
  other.settle()
  expect([desk.log.note.title, other.log.note.title]).toEqual(['T', 'T'])
})

test('wishes that change nothing never become commands; one that is overtaken is replaced', () => {
  const desk = Desk.open(started(), one)
  const before = desk.document
  desk.wish({ kind: 'title', title: null }).wish({ kind: 'pin', pinned: false })
  desk.wish({ kind: 'tags', add: [], remove: ['x'] }).wish({ kind: 'restore' })
  expect(desk.document).toBe(before)
  desk.wish({ kind: 'title', title: 'A' }).wish({ kind: 'title', title: 'B' })
  expect(desk.pending.commands).toMatchObject([{ kind: 'note.title', seq: 1, title: 'B' }])
  desk.wish({ kind: 'tags', add: ['x'], remove: [] }).wish({ kind: 'tags', add: ['x'], remove: [] })
  expect(desk.pending.commands.length).toBe(2)
  expect(draftOfDocument(desk.document)).toMatchObject({ title: 'B', tags: ['x'] })
})

test('a new note takes in what is typed until its creation leaves', () => {
  const log = new Log()
  const desk = Desk.create(log, one, '# A').type('# A', 'bc')
  expect(desk.pending.commands).toMatchObject([{ kind: 'note.create', seq: 1, body: '# Abc' }])
  desk.send()
  desk.type('# Abc', 'd')
  expect(desk.pending.commands).toMatchObject([{ body: '# Abc' }, { kind: 'note.change', base: 1 }])
  desk.settle()
  expect(log.note.body).toBe('# Abcd')
})

test('a note deleted before its creation left leaves nothing behind', () => {
  const desk = Desk.create(new Log(), one, 'x').wish({ kind: 'purge' })
  expect(desk.pending.commands).toEqual([])
  expect(draftOfDocument(desk.document)).toBe(null)
  const typed = push(desk.document, desk.document.version, [], at)
  expect(typed).toMatchObject({ ok: false, error: { kind: 'refused' } })
})

test('a purge takes the place of everything that has not left yet, and ends the editing', () => {
  const desk = settled(started())
  desk.type('.', 'a').send()
  desk.type('.', 'b').wish({ kind: 'pin', pinned: true }).wish({ kind: 'purge' })
  expect(desk.pending.commands.map((c) => [c.kind, c.seq])).toEqual([
    ['note.change', 2],
    ['note.purge', 3],
  ])
  expect(() => desk.type('', 'x')).toThrow('refused')
  expect(wish(desk.document, { kind: 'trash' }, at).ok).toBe(false)
})

test('limits of what a person may do are refused at once', () => {
  const desk = Desk.open(started(), one)
  const tags = Array.from({ length: tagsMax }, (_, i) => `t${i}`)
  desk.wish({ kind: 'tags', add: tags, remove: [] })
  const more = wish(desk.document, { kind: 'tags', add: ['one more'], remove: [] }, at)
  expect(more).toMatchObject({ ok: false, error: { kind: 'refused' } })
  expect(wish(desk.document, { kind: 'title', title: 'a\nb' }, at).ok).toBe(false)
  const body = 'x'.repeat(bodyBytesMax)
  const opening = { noteId, client: one, version: 0 }
  const facts = { title: null, tags: [], pinned: false, origin: null, at }
  expect(createDocument(opening, { ...facts, body: `${body}x` }).ok).toBe(false)
  const full = createDocument(opening, { ...facts, body })
  if (!full.ok) throw new Error('it fits')
  const type = (text: string) =>
    push(full.value, 0, [{ client: 'w', changes: replacing(body.length, 0, 1, text) }], at)
  expect(type('y').ok).toBe(true)
  expect(type('yy')).toMatchObject({ ok: false, error: { kind: 'refused' } })
})

// ---- sending -----------------------------------------------------------------------------------------------------

test('[D1] nothing leaves before the outbox holds it as sent', () => {
  const desk = Desk.open(started(), one).type('hello', 'x')
  const marked = markSent(desk.document)
  expect(proposals(marked, desk.pending).commands).toEqual([])
  expect(proposals(marked, marked.pending).commands).toMatchObject([{ seq: 1 }])
})

test('a command is proposed once, and all of them again after `resend`', () => {
  const desk = settled(started()).type('.', 'a')
  expect(desk.send().length).toBe(1)
  desk.type('.a', 'b')
  expect(desk.send()).toMatchObject([{ seq: 3 }])
  expect(desk.send()).toEqual([])
  desk.document = resend(desk.document)
  expect(desk.send()).toMatchObject([{ seq: 2 }, { seq: 3 }])
})

test('no more than the named number is in flight, for one and for four', () => {
  for (const inFlight of [1, inFlightMax]) {
    const desk = settled(started())
    for (let typed = 0; typed < 6; typed++) {
      desk.type('.', 'x')
      desk.send(inFlight)
    }
    expect(desk.pending.sentCount).toBe(inFlight)
    expect(desk.pending.commands.length).toBe(inFlight + 1)
  }
})

test('a creation goes alone, and so does the first command after an opening', () => {
  const desk = Desk.create(new Log(), one, 'x')
  desk.send()
  desk.wish({ kind: 'pin', pinned: true })
  expect(desk.send()).toEqual([])
  const again = Desk.open(started(), one).type('', 'a')
  again.send()
  again.type('a', 'b')
  expect(again.send()).toEqual([])
  again.apply([again.pending.commands[0] as never])
  expect(again.send()).toMatchObject([{ seq: 2 }])
})

test('a mapped command is proposed in its new form as soon as the outbox knew its number as sent', () => {
  const log = started()
  const desk = settled(log).type('.', 'a')
  desk.send()
  const durable = desk.pending
  desk.apply([change({ client: two, seq: 1, base: log.note.rev, changes: [6, [0, '!']] })])
  const { commands } = proposals(desk.document, durable)
  expect(commands).toMatchObject([{ seq: 2, base: 3 }])
})

// ---- what the group decided --------------------------------------------------------------------------------------

test('[D4] a foreign change maps what is pending, and windows get it as it looks on the screen', () => {
  const log = started('one two')
  const desk = Desk.open(log, one).type('one', ' and a half')
  const before = desk.text
  desk.apply([change({ client: two, seq: 1, base: 1, changes: [7, [0, ' three']] })])
  expect(desk.text).toBe('one and a half two three')
  const [update] = missedSince(desk.document, desk.document.version - 1) ?? []
  expect(update?.client).toBe(two)
  expect(splice(before, update?.changes ?? [])).toBe(desk.text)
  expect(desk.pending).toMatchObject({ base: 2, baseText: 'one two three' })
})

test('at one place our own text stays with what we typed before it', () => {
  const log = started('')
  const desk = Desk.open(log, one).type('', 'ab')
  desk.apply([change({ client: two, seq: 1, base: 1, changes: [[0, 'XY']] })])
  expect(desk.text).toBe('abXY')
  desk.type('ab', 'c').settle()
  expect(log.note.body).toBe('abcXY')
})

test('stale: mapped when the foreign change came in, proposed again, applied once', () => {
  const log = started()
  const desk = Desk.open(log, one).type('hello', ' A')
  const first = desk.send()
  desk.apply([change({ client: two, seq: 1, base: 1, changes: [[0, 'B ', ''], 5] as never })])
  const second = desk.send()
  expect(second).toMatchObject([{ seq: 1, base: 2 }])
  expect(desk.apply(first)).toMatchObject([{ kind: 'stale' }])
  expect(desk.send()).toEqual([])
  expect(desk.apply(second)).toMatchObject([{ kind: 'applied' }])
  expect(desk.apply(second)).toMatchObject([{ kind: 'duplicate' }])
  expect(desk.pending.commands).toEqual([])
  expect(log.note.body).toBe('B \nhello A')
})

test('gap: everything is sent again from the first', () => {
  const desk = settled(started()).type('.', 'a')
  const lost = desk.send()
  desk.type('.a', 'b')
  expect(desk.apply(desk.send())).toMatchObject([{ kind: 'gap', expected: 2 }])
  expect(desk.send()).toMatchObject([...lost, { seq: 3 }])
})

test('of several that stand behind a lost one, one is enough to send all again', () => {
  const desk = settled(started())
  for (const letter of 'abcd') {
    desk.type('.', letter)
    desk.send()
  }
  const [, second, third, fourth] = desk.pending.commands
  desk.apply([second as never])
  expect(desk.send().length).toBe(4)
  desk.apply([third as never, fourth as never])
  expect(desk.send()).toEqual([])
})

test('a gap of a form that is out of date asks for nothing', () => {
  const log = started()
  const desk = settled(log).type('.', 'a')
  desk.send()
  desk.type('.a', 'b')
  const [late] = desk.send()
  desk.apply([change({ client: two, seq: 1, base: log.note.rev, changes: [6, [0, '!']] })])
  desk.send()
  desk.apply([late as never])
  expect(desk.send()).toEqual([])
})

test('an own command is confirmed by the note, whether or not its answer was seen', () => {
  const log = started()
  const desk = settled(log).type('.', 'a')
  for (const each of desk.send()) log.apply(each)
  desk.catchUp()
  expect(desk.pending).toMatchObject({ commands: [], base: 3, sentCount: 0 })
  expect(desk.text).toBe(log.note.body)
})

test('what was typed behind a command that is confirmed is still unsent, and composed on', () => {
  const log = started()
  const desk = settled(log).type('.', 'a')
  for (const each of desk.send()) log.apply(each)
  desk.type('.a', 'b').catchUp()
  expect(desk.pending).toMatchObject({ sentCount: 0, commands: [{ seq: 3, base: 3 }] })
  expect(desk.type('.ab', 'c').pending.commands.length).toBe(1)
})

test('a device that was away takes the ring in one step', () => {
  const log = started('start\n')
  const desk = Desk.open(log, one).type('start', ' mine')
  const other = Desk.open(log, two)
  for (let line = 0; line < 20; line++) other.type('\n', `${line}\n`).settle()
  const { version } = desk.document
  desk.catchUp()
  expect(desk.document.version).toBe(version + 1)
  expect(desk.text).toBe(log.note.body.replace('start', 'start mine'))
})

test('beyond the ring one bounded diff from the kept base leads on, and nothing typed is lost (rule 5)', () => {
  const log = started('one\ntwo\nthree\n')
  const desk = Desk.open(log, one).type('two', ' MINE')
  const other = Desk.open(log, two)
  other.type('one', 'x'.repeat(70_000)).settle()
  other.type('three', ' theirs').settle()
  expect(log.note.recent.length).toBeLessThan(2)
  desk.catchUp().settle()
  expect(log.note.body).toBe(`one${'x'.repeat(70_000)}\ntwo MINE\nthree theirs\n`)
})

test('beyond the ring an own command that arrived is not typed a second time', () => {
  const log = started('one\ntwo\n')
  const desk = settled(log).type('two', ' FIRST')
  for (const each of desk.send()) log.apply(each)
  desk.type(' FIRST', ' SECOND')
  Desk.open(log, two).type('one', 'x'.repeat(70_000)).settle()
  desk.catchUp()
  expect(desk.pending.commands).toMatchObject([{ seq: 3 }])
  desk.settle()
  expect(log.note.body).toBe(`.one${'x'.repeat(70_000)}\ntwo FIRST SECOND\n`)
})

test('a number that was used up without our knowing costs nothing but a new number', () => {
  // Power failed after the group confirmed seq 2 and before our disk knew: the outbox is empty, the note is old.
  const log = started()
  const desk = settled(log)
  const old = log.note
  desk.type('.', 'CONFIRMED').settle()
  const now = log.note
  log.state.notes.set(noteId, old)
  desk.restart(null).type('hello', ' AFTER')
  log.state.notes.set(noteId, now)
  const [wrong] = desk.send()
  expect(wrong?.seq).toBe(2)
  expect(log.apply(wrong as never).result.kind).toBe('duplicate')
  desk.catchUp()
  expect(desk.pending.commands).toMatchObject([{ seq: 3, base: 3 }])
  desk.settle()
  expect(log.note.body).toBe('.CONFIRMEDhello AFTER')
})

test('the same without a ring: what the group counted under our number was not this', () => {
  const log = started()
  const desk = settled(log)
  const old = log.note
  desk.type('.', 'CONFIRMED').settle()
  Desk.open(log, two).type('hello', 'x'.repeat(70_000)).settle()
  const now = log.note
  log.state.notes.set(noteId, old)
  desk.restart(null).type('hello', ' AFTER').send()
  log.state.notes.set(noteId, now)
  desk.catchUp().settle()
  expect(log.note.body).toContain('AFTER')
  expect(log.note.body).toContain('CONFIRMED')
})

test('a member that lost its cache keeps the newer text on the screen until the log is that far again', () => {
  const log = started()
  const desk = settled(log).type('.', 'mine')
  const old = { ...log.note, rev: 1, body: 'hello' }
  const before = desk.document
  expect(advance(before, old)).toBe(before)
  const lost = openDocument({ noteId, client: one, note: null, pending: desk.pending, version: 9 })
  expect(lost.text).toBe('.minehello')
  expect(advance(lost, log.note).text).toBe('.minehello')
})

test('a command mapped by another version of the app is taken as the group has it', () => {
  const log = started('one two')
  const desk = settled(log)
  desk.type('one', ' MINE').send()
  desk.type(' MINE', ' TAIL')
  const [sent] = desk.pending.commands
  if (sent?.kind !== 'note.change') throw new Error('a change')
  // The same command in another form than the outbox has: same seq, same time.
  log.apply({ ...sent, changes: [8, [0, ' MINE']] })
  desk.catchUp()
  expect(desk.pending.commands).toMatchObject([{ seq: 3 }])
  expect(desk.text).toContain('TAIL')
  desk.settle()
  expect(log.note.body.match(/MINE/g)?.length).toBe(1)
})

test('a note that is brought under an id that the group has already: equal text is nothing, different text is kept both', () => {
  const log = started('# List\nmilk\n')
  const same = Desk.create(log, one, '# List\nmilk\n').catchUp()
  expect(same.pending.commands).toEqual([])
  const other = Desk.create(log, two, '# List\nbread\n', { tags: ['x'], title: 'Shopping' })
  other.send()
  other.type('bread', ' and butter').catchUp().settle()
  expect(log.note).toMatchObject({
    body: '# List\nmilk\nbread and butter\n',
    tags: ['x'],
    title: 'Shopping',
  })
})

test('a creation that meets itself after a crash is ours', () => {
  const log = new Log()
  const desk = Desk.create(log, one, 'x')
  for (const each of desk.send()) log.apply(each)
  desk.restart()
  expect(desk.pending).toMatchObject({ commands: [], base: 1, baseText: 'x' })
})

// ---- giving up ---------------------------------------------------------------------------------------------------

test('an edit of a purged note becomes a new note with this device’s text (rule 9)', () => {
  const log = started('shared words')
  const desk = settled(log).wish({ kind: 'title', title: 'T' }).type('shared', ' MY')
  log.apply({ ...command('note.purge', { seq: 1 }), client: two })
  const rescued = bury(desk.document)
  expect(rescued).toMatchObject({
    base: 0,
    baseText: '',
    sentCount: 0,
    commands: [{ kind: 'note.create', seq: 1, client: one, body: '.shared MY words', title: 'T' }],
  })
  expect(rescued?.noteId).not.toBe(noteId)
  expect(bury(desk.document)?.noteId).toBe(rescued?.noteId)
})

test('nothing is made of a purged note that nobody typed into, or that this device wanted gone as well', () => {
  const log = started()
  expect(bury(Desk.open(log, one).document)).toBe(null)
  expect(bury(Desk.open(log, one).wish({ kind: 'pin', pinned: true }).document)).toBe(null)
  const both = Desk.open(log, one).type('', 'x')
  both.send()
  expect(bury(both.wish({ kind: 'purge' }).document)).toBe(null)
})

test('an edit that can never be applied becomes a note of its own, and the queue goes on', () => {
  const log = started()
  const desk = settled(log).type('.', ' KEPT')
  const [sent] = desk.send()
  desk.wish({ kind: 'title', title: 'T' }).type(' KEPT', ' TOO')
  const answer = answered(desk.document, sent as never, { kind: 'invalid', reason: 'too long' })
  expect(answer.refused).toBe('too long')
  expect(answer.rescued?.commands).toMatchObject([{ kind: 'note.create', body: '. KEPT TOOhello' }])
  expect(answer.document.text).toBe('.hello')
  expect(answer.document.pending.commands.map((c) => [c.kind, c.seq])).toEqual([
    ['note.tags', 2],
    ['note.title', 3],
  ])
  const shown = missedSince(answer.document, desk.document.version) ?? []
  expect(shown.map((u) => u.changes).reduce(splice, desk.text)).toBe('.hello')
  desk.document = answer.document
  desk.settle()
  expect(log.note).toMatchObject({ title: 'T', body: '.hello' })
})

test('an answer to a form that is out of date gives nothing up', () => {
  const desk = settled(started()).type('.', 'x')
  const [sent] = desk.send()
  const other = { ...sent, base: 77 } as never
  expect(answered(desk.document, other, { kind: 'invalid', reason: 'r' }).document).toBe(
    desk.document,
  )
  for (const kind of ['stale', 'duplicate', 'removed', 'no-note', 'applied'] as const) {
    expect(answered(desk.document, sent as never, { kind } as never).document).toBe(desk.document)
  }
})

test('words too many for one creation are rescued in several commands', () => {
  const log = started()
  const desk = Desk.open(log, one)
  const lengthMax = Math.floor(bodyBytesMax / 3)
  const text = `${'漢'.repeat(lengthMax - 1)}😀${'漢'.repeat(lengthMax)}` // A pair where the first piece ends.
  desk.document = { ...desk.type('', 'x').document, text }
  const rescued = bury(desk.document)
  if (rescued === null) throw new Error('words')
  expect(rescued.commands.length).toBe(3)
  const fresh = new Log()
  for (const each of rescued.commands) {
    expect(fresh.apply({ ...each, noteId }).result.kind).toBe('applied')
  }
  expect(fresh.note.body === text).toBe(true)
})

// ---- windows -----------------------------------------------------------------------------------------------------

test('a push whose answer was lost can be tried again: its own steps are among what it missed', () => {
  const desk = Desk.open(started(), one)
  const steps = [{ client: 'w1', changes: [5, [0, '!']] }]
  const pushed = push(desk.document, 0, steps, at)
  if (!pushed.ok) throw new Error('refused')
  const again = push(pushed.value, 0, steps, at)
  expect(again).toEqual({ ok: false, error: { kind: 'behind', missed: steps } })
})

test('a window that is behind gets what came between, in order; one that is too far behind opens again', () => {
  let { document } = Desk.open(started(''), one)
  for (let typed = 0; typed <= updatesMax; typed++) {
    const changes = replacing(document.text.length, 0, 0, 'x')
    const pushed = push(document, document.version, [{ client: 'w', changes }], at)
    if (!pushed.ok) throw new Error('refused')
    document = pushed.value
  }
  expect(missedSince(document, document.version)).toEqual([])
  expect(missedSince(document, 1)?.length).toBe(updatesMax)
  expect(missedSince(document, 0)).toBe(null)
  expect(missedSince(document, document.version + 1)).toBe(null)
  expect(push(document, 0, [], at)).toMatchObject({ error: { kind: 'reopen' } })
})

test('the steps that are kept for windows are bounded in text, too', () => {
  let { document } = Desk.open(started(''), one)
  const half = 'x'.repeat(updatesLengthMax / 2)
  for (const insert of [half, half.slice(1), 'y', 'z']) {
    const to = document.text.length
    const changes = replacing(to, 0, to, insert)
    const pushed = push(document, document.version, [{ client: 'w', changes }], at)
    if (!pushed.ok) throw new Error('refused')
    document = pushed.value
  }
  expect(document.updates.length).toBe(3)
  expect(missedSince(document, 1)?.length).toBe(3)
  expect(missedSince(document, 0)).toBe(null)
})

test('steps that do not fit are refused whole, and nothing changes', () => {
  const { document } = Desk.open(started('a😀'), one)
  const bad: unknown[] = [[2, [1]], [9], 'x', [3, [0, '\ud83d']], [[1, 'b'], 1]]
  for (const changes of bad) {
    const good = { client: 'w', changes: [3, [0, 'ok']] }
    const pushed = push(document, 0, [good, { client: 'w', changes }], at)
    expect(pushed, JSON.stringify(changes)).toMatchObject({ ok: false, error: { kind: 'refused' } })
  }
})

test('an idle step counts for the window and is no command', () => {
  const { document } = Desk.open(started(), one)
  const pushed = push(document, 0, [{ client: 'w', changes: [5] }], at)
  expect(pushed).toMatchObject({ ok: true, value: { version: 1, pending: { commands: [] } } })
})
