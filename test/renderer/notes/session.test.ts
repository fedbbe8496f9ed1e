import { ChangeSet, type EditorState, Text, type Transaction } from '@codemirror/state'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LostConnection } from '../../../src-renderer/bridge.ts'
import { NoteSession, pushStepsMax } from '../../../src-renderer/notes/session.ts'
import { fail, ok } from '../../../src-shared/base/outcome.ts'
import type { Calls, Update, UpdatesFrom } from '../../../src-shared/ipc/contract.ts'

const id = 'a'.repeat(32)

/** The main process's side of one note, with every answer and event in the test's hands. */
class Authority {
  text = Text.of([''])
  since: number
  updates: Update[] = []
  /** Calls wait here until the test lets them go: a network of its own pace. */
  readonly waiting: (() => void)[] = []
  readonly pushes: UpdatesFrom[] = []
  refusal: { kind: string; message: string } | null = null
  isCut = false
  /** Takes what is sent, but its answer and event are lost on the way. */
  isMute = false
  readonly sessions: NoteSession[] = []

  constructor(text: string, since = 3) {
    this.text = Text.of(text.split('\n'))
    this.since = since
  }

  get version(): number {
    return this.since + this.updates.length
  }

  session(client: string, isDraft = false): NoteSession {
    const session = new NoteSession(
      {
        call: ((name: keyof Calls, ask: never) => this.call(name, ask)) as never,
        client,
        extensions: [],
        after: () => () => {},
        created: () => {},
      },
      isDraft ? null : id,
    )
    this.sessions.push(session)
    return session
  }

  call(name: keyof Calls, ask: unknown): Promise<unknown> {
    if (this.isCut) return Promise.reject(new LostConnection('cut'))
    return new Promise((resolve, reject) => {
      this.waiting.push(() => {
        if (this.isCut) return reject(new LostConnection('cut'))
        const answer = this.answer(name, ask)
        if (this.isMute) reject(new LostConnection('mute'))
        else resolve(answer)
      })
    })
  }

  answer(name: keyof Calls, ask: unknown): unknown {
    switch (name) {
      case 'notes/create':
        return ok({ id })
      case 'notes/open':
        return ok({ summary: { id }, version: this.version, text: this.text.toString() })
      case 'notes/pull': {
        const { version } = ask as { version: number }
        if (version < this.since || version > this.version) return null
        return { id, version, updates: this.updates.slice(version - this.since) }
      }
      case 'notes/push':
        return this.take(ask as UpdatesFrom)
      default:
        throw new Error(`the test does not answer ${name}`)
    }
  }

  take(push: UpdatesFrom) {
    this.pushes.push(push)
    if (this.refusal !== null) return fail(this.refusal)
    if (push.version !== this.version) {
      const updates = this.updates.slice(push.version - this.since)
      return fail({ kind: 'behind', missed: { id, version: push.version, updates } })
    }
    this.apply(push.updates)
    return ok({ version: this.version })
  }

  apply(updates: readonly Update[]): void {
    const { version } = this
    for (const update of updates) {
      this.text = ChangeSet.fromJSON(update.changes).apply(this.text)
      this.updates.push(update)
    }
    if (this.isMute) return
    for (const session of this.sessions) session.receive({ id, version, updates })
  }

  elsewhere(from: number, to: number, insert: string): void {
    const changes = ChangeSet.of({ from, to, insert }, this.text.length)
    this.apply([{ client: 'other-device', changes: changes.toJSON() }])
  }

  /** Lets everything that waits go, until nothing does. */
  async settle(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      const waiting = this.waiting.splice(0)
      if (waiting.length === 0) return
      for (const go of waiting) go()
    }
  }
}

/** A view without a screen. */
class View {
  composing = false
  state: EditorState
  readonly session: NoteSession
  constructor(session: NoteSession) {
    this.session = session
    this.state = session.state
    session.attach(this)
  }
  dispatch(transaction: Transaction): void {
    this.state = transaction.state
    this.session.took(transaction.state, [transaction])
  }
  type(at: number, insert: string): void {
    this.dispatch(this.state.update({ changes: { from: at, insert }, userEvent: 'input.type' }))
  }
  get text(): string {
    return this.state.doc.toString()
  }
}

async function openView(authority: Authority, client = 'window-1'): Promise<View> {
  const session = authority.session(client)
  void session.resume()
  await authority.settle()
  return new View(session)
}

test('what is typed shows at once, and reaches the main process as steps', async () => {
  const authority = new Authority('milk')
  const view = await openView(authority)
  view.type(4, ' and eggs')
  expect(view.text).toBe('milk and eggs')
  expect(authority.text.toString()).toBe('milk')
  await authority.settle()
  expect(authority.text.toString()).toBe('milk and eggs')
  expect(view.session.status.get().unsent).toBe(0)
})

test('what is typed while a push is on its way goes with the next one, and nothing goes twice', async () => {
  const authority = new Authority('')
  const view = await openView(authority)
  for (const [at, letter] of [...'hello'].entries()) view.type(at, letter)
  await authority.settle()
  expect(authority.text.toString()).toBe('hello')
  expect(authority.pushes.map(({ updates }) => updates.length)).toEqual([1, 4])
})

test('two who type in one place both keep their words, and see the same', async () => {
  const authority = new Authority('ab')
  const view = await openView(authority)
  view.type(1, 'mine')
  authority.elsewhere(1, 1, 'theirs')
  await authority.settle()
  expect(view.text).toBe(authority.text.toString())
  expect(view.text).toMatch(/^a(minetheirs|theirsmine)b$/)
})

test('a foreign change moves the cursor with its text', async () => {
  const authority = new Authority('one two')
  const view = await openView(authority)
  view.dispatch(view.state.update({ selection: { anchor: 4 } }))
  authority.elsewhere(0, 0, 'zero ')
  expect(view.text).toBe('zero one two')
  expect(view.state.selection.main.head).toBe(9)
})

test('a foreign change waits for the end of a composition, and then is taken in', async () => {
  const authority = new Authority('x')
  const view = await openView(authority)
  view.composing = true
  view.type(1, 'に')
  authority.elsewhere(0, 0, 'far ')
  await authority.settle()
  expect(view.text).toBe('xに')
  view.type(2, 'ほ')
  view.composing = false
  view.session.compositionEnded()
  await authority.settle()
  expect(view.text).toBe('far xにほ')
  expect(authority.text.toString()).toBe('far xにほ')
})

test('keystrokes of a lost connection are kept and sent on return', async () => {
  const authority = new Authority('a')
  const view = await openView(authority)
  authority.isCut = true
  view.type(1, 'b')
  view.type(2, 'c')
  await authority.settle()
  expect(view.session.status.get().unsent).toBe(2)
  authority.isCut = false
  authority.apply([
    { client: 'other-device', changes: ChangeSet.of({ from: 0, insert: '>' }, 1).toJSON() },
  ])
  void view.session.resume()
  await authority.settle()
  expect(view.text).toBe('>abc')
  expect(authority.text.toString()).toBe('>abc')
})

test('a push whose answer was lost is not made again', async () => {
  const authority = new Authority('a')
  const view = await openView(authority)
  authority.isMute = true
  view.type(1, 'b')
  await authority.settle()
  expect(authority.text.toString()).toBe('ab')
  expect(view.session.status.get().unsent).toBe(1)
  authority.isMute = false
  void view.session.resume()
  await authority.settle()
  expect(authority.text.toString()).toBe('ab')
  expect(view.session.status.get().unsent).toBe(0)
})

test('a main process that counts anew is believed by its text, not by its numbers', async () => {
  const authority = new Authority('a')
  const view = await openView(authority)
  authority.isCut = true
  view.type(1, 'b')
  await authority.settle()
  authority.isCut = false
  // It was restarted: the same number of versions, another history.
  authority.since = 2
  authority.updates = [
    { client: 'other-device', changes: ChangeSet.of({ from: 0, insert: 'zz' }, 1).toJSON() },
  ]
  authority.text = Text.of(['zza'])
  void view.session.resume()
  await authority.settle()
  expect(view.text).toBe('zzab')
  expect(authority.text.toString()).toBe('zzab')
})

test('after a restart, a push whose answer was lost is still not made again', async () => {
  const authority = new Authority('first line\nsecond')
  const view = await openView(authority)
  authority.isMute = true
  view.type(10, ', longer')
  await authority.settle()
  expect(authority.text.toString()).toBe('first line, longer\nsecond')
  authority.isMute = false
  authority.since = 900
  authority.updates = []
  void view.session.resume()
  await authority.settle()
  expect(view.text).toBe('first line, longer\nsecond')
  expect(authority.text.toString()).toBe('first line, longer\nsecond')
  expect(view.session.version).toBe(authority.version)
})

test('a refused push keeps the words and says why', async () => {
  const authority = new Authority('a')
  const view = await openView(authority)
  authority.refusal = { kind: 'stopped', message: 'The disk is full.' }
  view.type(1, 'b')
  await authority.settle()
  expect(view.text).toBe('ab')
  expect(view.session.status.get()).toMatchObject({ unsent: 1, problem: 'The disk is full.' })
  authority.refusal = null
  void view.session.resume()
  await authority.settle()
})

test('a draft becomes a note with its first keystroke, and not before', async () => {
  const authority = new Authority('')
  const session = authority.session('window-1', true)
  const view = new View(session)
  await authority.settle()
  expect(session.id).toBe(null)
  for (const [at, letter] of [...'Hi!'].entries()) view.type(at, letter)
  await authority.settle()
  expect(session.id).toBe(id)
  expect(view.text).toBe('Hi!')
  expect(authority.text.toString()).toBe('Hi!')
})

test('a draft that is written without a connection becomes a note when there is one', async () => {
  const authority = new Authority('')
  const session = authority.session('window-1', true)
  const view = new View(session)
  authority.isCut = true
  view.type(0, 'Hi')
  await authority.settle()
  view.type(2, '!')
  await authority.settle()
  authority.isCut = false
  void session.resume()
  await authority.settle()
  expect(authority.text.toString()).toBe('Hi!')
})

test('a note that was deleted is over: with its text, if there was any', async () => {
  const authority = new Authority('a')
  const view = await openView(authority)
  view.session.gone()
  expect(view.session.status.get().phase).toBe('gone')
  const other = authority.session('window-2')
  other.gone()
  expect(other.status.get().phase).toBe('missing')
})

test('a push carries at most its limit of steps, and the rest follows', async () => {
  const authority = new Authority('')
  const view = await openView(authority)
  authority.isCut = true
  for (let at = 0; at < pushStepsMax + 1; at += 1) view.type(at, 'x')
  await authority.settle()
  authority.isCut = false
  void view.session.resume()
  await authority.settle()
  expect(authority.pushes.map(({ updates }) => updates.length)).toEqual([pushStepsMax, 1])
  expect(authority.text.length).toBe(pushStepsMax + 1)
})

test('an event that was missed is noticed and fetched', async () => {
  const authority = new Authority('a')
  const view = await openView(authority)
  authority.isMute = true
  authority.elsewhere(1, 1, 'b')
  authority.isMute = false
  authority.elsewhere(2, 2, 'c')
  await authority.settle()
  expect(view.text).toBe('abc')
})

test('a step that comes both as an event and as an answer is taken once', async () => {
  const authority = new Authority('abc')
  const view = await openView(authority)
  // As long as before, so that nothing but its number tells the second one.
  view.dispatch(
    view.state.update({
      changes: [
        { from: 0, to: 1 },
        { from: 3, insert: 'a' },
      ],
      userEvent: 'move',
    }),
  )
  await authority.settle()
  expect(view.text).toBe('bca')
  expect(authority.text.toString()).toBe('bca')
  expect(view.session.version).toBe(authority.version)
})

test('a carriage return is a unit like any other', async () => {
  const authority = new Authority('one\r\ntwo\r\n')
  const view = await openView(authority)
  expect(view.state.doc.lines).toBe(3)
  view.type(0, '>')
  await authority.settle()
  expect(authority.text.toString()).toBe('>one\r\ntwo\r\n')
})

test('whatever the order of typing, cuts, lost answers and foreign changes, all end with the same text and no word lost', async () => {
  const act = fc.oneof(
    fc.record({ kind: fc.constant('type' as const), who: fc.nat(1), at: fc.nat() }),
    fc.record({ kind: fc.constant('foreign' as const), at: fc.nat() }),
    fc.record({ kind: fc.constant('settle' as const) }),
    fc.record({ kind: fc.constant('cut' as const) }),
    fc.record({ kind: fc.constant('mute' as const) }),
    fc.record({ kind: fc.constant('heal' as const) }),
    fc.record({ kind: fc.constant('compose' as const), who: fc.nat(1) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
      const authority = new Authority('start')
      const views = [await openView(authority, 'w0'), await openView(authority, 'w1')]
      const heal = async () => {
        authority.isCut = false
        authority.isMute = false
        for (const view of views) {
          view.composing = false
          view.session.compositionEnded()
          void view.session.resume()
        }
        await authority.settle()
      }
      let word = 0
      const words: string[] = []
      for (const step of acts) {
        word += 1
        const view = views['who' in step ? step.who : 0]!
        if (step.kind === 'type') {
          words.push(`<${word}>`)
          view.type(step.at % (view.state.doc.length + 1), `<${word}>`)
        } else if (step.kind === 'foreign') {
          words.push(`<${word}>`)
          const at = step.at % (authority.text.length + 1)
          authority.elsewhere(at, at, `<${word}>`)
        } else if (step.kind === 'settle') await authority.settle()
        else if (step.kind === 'cut') authority.isCut = true
        else if (step.kind === 'mute') authority.isMute = true
        else if (step.kind === 'compose') view.composing = true
        else await heal()
      }
      await authority.settle()
      await heal()
      await heal()
      const text = authority.text.toString()
      for (const view of views) expect(view.text).toBe(text)
      // Words may stand inside of others, so letters are counted.
      for (const letter of '<>0123456789') {
        const wanted = words.join('').split(letter).length
        expect(text.split(letter).length).toBe(wanted)
      }
    }),
    { numRuns: 150 },
  )
}, 60_000)
