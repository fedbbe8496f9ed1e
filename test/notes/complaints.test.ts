/** What people complain about in other notes apps, each as a scenario that must not be possible here. */
import { expect, test } from 'vitest'
import { bury } from '../../src-shared/notes/giving-up.ts'
import { create, Log, one, two } from './commands.ts'
import { Desk } from './desk.ts'

function shared(body: string, clients: readonly string[] = [one, two]): Desk[] {
  const log = new Log()
  log.apply(create({ client: '1', body }))
  return clients.map((client) => Desk.open(log, client))
}

/** All come back, in this order, each taking in what the others did; the text that all show in the end. */
function meet(desks: readonly Desk[]): string {
  for (const desk of desks) desk.settle()
  for (const desk of desks) desk.catchUp()
  const [text = '', ...others] = desks.map((desk) => desk.text)
  for (const other of others) expect(other).toBe(text)
  expect(desks[0]?.log.note.body).toBe(text)
  return text
}

test('two offline devices edit the same line: no character vanishes, both show the same (logseq/db-test#781)', () => {
  for (const order of [0, 1]) {
    const desks = shared('Milk and eggs\n')
    const [left, right] = desks as [Desk, Desk]
    left.type('Milk', ' (2 l)').type('eggs', ', bread')
    right.type('Milk and ', '12 ').type('eggs', ' from Ben')
    const text = meet(order === 0 ? desks : desks.toReversed())
    for (const word of ['Milk', '(2 l)', '12', 'eggs', 'bread', 'from Ben']) {
      expect(text.split(word).length, word).toBe(2)
    }
  }
})

test('text that is typed while a sync runs is kept (joplin#13531)', () => {
  const [here, there] = shared('start\n') as [Desk, Desk]
  there.type('start', ' theirs').settle()
  here.type('start', ' before')
  const leaving = here.send()
  here.type(' before', ' during')
  here.catchUp() // The other's change arrives in the middle of it.
  here.type(' during', ' after')
  here.apply(leaving)
  expect(meet([here, there])).toBe('start before during after theirs\n')
})

test('asleep for days while the other wrote on, then both edit: nobody’s additions are dropped (obsidian-livesync#994)', () => {
  const [awake, asleep] = shared('# Log\n') as [Desk, Desk]
  asleep.type('# Log\n', 'last words before sleep\n')
  for (let day = 1; day <= 30; day++) awake.type('# Log\n', `day ${day}\n`).settle()
  asleep.type('sleep\n', 'first words after\n')
  awake.type('day 30\n', 'one more\n')
  const text = meet([asleep, awake])
  for (let day = 1; day <= 30; day++) expect(text).toContain(`day ${day}\n`)
  for (const words of ['last words before sleep', 'first words after', 'one more']) {
    expect(text.split(words).length).toBe(2)
  }
})

test('edits made before the device has caught up do not overwrite what it has not seen (obsidian-livesync#122)', () => {
  const [early, other] = shared('list:\n') as [Desk, Desk]
  other.type('list:\n', 'theirs\n').settle()
  early.type('list:\n', 'appended at once\n').restart()
  const text = meet([early, other])
  expect(text).toContain('theirs')
  expect(text).toContain('appended at once')
})

test('checkboxes, front matter, lists and tables that both touched are neither doubled nor torn (logseq#10563)', () => {
  const body = '---\ntags: [a]\n---\n- [ ] one\n- [ ] two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n'
  const [left, right] = shared(body) as [Desk, Desk]
  left.type('- [', 'x', 1).type('tags: [a', ', left')
  right.type('- [ ] one\n- [', 'x', 1).type('| 1 | 2 |\n', '| 3 | 4 |\n')
  const text = meet([left, right])
  expect(text).toBe(
    '---\ntags: [a, left]\n---\n- [x] one\n- [x] two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n',
  )
})

test('letters do not disappear while one types fast under remote typing (anytype-ts#1361)', () => {
  const [here, there] = shared('\n---\n') as [Desk, Desk]
  let typed = ''
  for (const letter of 'the quick brown fox') {
    here.type(typed, letter)
    typed += letter
    here.apply(here.send())
    there.catchUp().type('---\n', '.').settle()
    here.catchUp()
    expect(here.text.startsWith(typed)).toBe(true)
  }
  expect(meet([here, there])).toBe(`${typed}\n---\n${'.'.repeat(typed.length)}`)
})

test('an older version never replaces a newer one: a tablet that was unused for days only adds (logseq#10019)', () => {
  const [desktop, tablet] = shared('v1\n') as [Desk, Desk]
  desktop.type('v1', ' and much more').settle()
  tablet.type('v1\n', 'one line\n')
  expect(meet([tablet, desktop])).toBe('v1 and much more\none line\n')
})

test('no second copy of a note ever signals a conflict (standardnotes/forum#1521: army of clones)', () => {
  const desks = shared('x\n', ['1001', '1002', '1003', '1004'])
  for (const desk of desks) desk.type('x', ` ${desk.client}`)
  meet(desks)
  expect(desks[0]?.log.state.notes.size).toBe(1)
})

test('renames from two sides make no conflict, and repeating one makes nothing at all (siyuan#18906)', () => {
  const [left, right] = shared('x') as [Desk, Desk]
  left.wish({ kind: 'title', title: 'Left' }).settle()
  right.wish({ kind: 'title', title: 'Right' }).settle()
  const { index } = right.log
  left.catchUp().wish({ kind: 'title', title: 'Right' })
  expect(left.pending.commands).toEqual([])
  expect(right.log.index).toBe(index)
  expect(right.log.note.title).toBe('Right')
})

test('deleting for ever on one device does not take the unsent words of another (joplin#883)', () => {
  const [gone, kept] = shared('draft\n') as [Desk, Desk]
  kept.type('draft', ' with words nobody else has')
  gone.wish({ kind: 'purge' })
  gone.apply(gone.send())
  const rescued = bury(kept.document)
  expect(rescued?.commands).toMatchObject([{ body: 'draft with words nobody else has\n' }])
})

test('an insertion in a paragraph that the other deletes survives the paragraph', () => {
  const [writer, deleter] = shared('keep\nold paragraph here\nkeep\n') as [Desk, Desk]
  writer.type('old paragraph', ' WITH NEW WORDS')
  deleter.type('keep\n', '', 'old paragraph here\n'.length)
  expect(meet([deleter, writer])).toBe('keep\n WITH NEW WORDSkeep\n')
})

test('10,000 edits made offline to one note merge with 10,000 made elsewhere, each of them once', () => {
  const [left, right] = shared(`${'.'.repeat(200)}\n${'.'.repeat(200)}`) as [Desk, Desk]
  for (let typed = 0; typed < 10_000; typed++) left.type('.', 'L')
  for (let typed = 0; typed < 10_000; typed++) right.type('\n', 'R')
  const text = meet([left, right])
  expect(text.split('L').length).toBe(10_001)
  expect(text.split('R').length).toBe(10_001)
})
