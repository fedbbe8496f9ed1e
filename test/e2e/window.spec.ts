import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { answerOf, type FakeMain, startFakeMain } from './support/fake-main.ts'
import { groups, manyNotes, someNotes } from './support/worlds.ts'

/** The window by itself, in front of a main process that does what it is told. */

let main: FakeMain
const complaints: string[] = []

test.beforeEach(async ({ page }) => {
  main = await startFakeMain(groups.allHere)
  complaints.length = 0
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
})

test.afterEach(async () => {
  await main.close()
})

const text = (page: Page) => page.locator('.cm-content')
const textHere = (page: Page) =>
  page.evaluate(() => document.querySelector('.cm-content')?.textContent)
const noteText = (at = 0) => [...main.notes.all.values()].at(at)?.text.toString()

test('a fresh install shows one empty page with the cursor in it, and keeps it from the first letter on', async ({
  page,
}) => {
  main.setStatus(groups.firstRun)
  await page.goto(main.open)
  await expect(text(page)).toBeFocused()
  await expect(page.getByText('Just write.')).toBeVisible()
  expect(main.notes.all.size).toBe(0)
  await page.keyboard.type('Milk and eggs')
  await expect.poll(() => noteText()).toBe('Milk and eggs')
  expect(main.notes.all.size).toBe(1)
  await expect(page.getByRole('option', { name: 'Milk and eggs' })).toBeVisible()
  expect(complaints).toEqual([])
})

test('the token leaves the address at once and survives a reload of the tab', async ({ page }) => {
  for (const note of someNotes) main.notes.add(note)
  await page.goto(main.open)
  await expect(text(page)).toBeVisible()
  expect(page.url()).not.toContain('token')
  await page.reload()
  await expect(text(page)).toBeVisible()
})

test('without a token the page asks for the address, and a pasted one opens it', async ({
  page,
}) => {
  main.notes.add({ body: 'hello' })
  await page.goto(main.open.replace(/#.*/, ''))
  const field = page.getByLabel('Address that Quire printed')
  await field.fill('nothing of use')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toContainText('no token')
  await field.fill(main.open)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('option', { name: 'hello' })).toBeVisible()
})

test('what another device writes shows while one types, and the cursor stays with its words', async ({
  page,
}) => {
  const id = main.notes.add({ body: 'one two' })
  await page.goto(main.open)
  await text(page).click()
  await page.keyboard.press('Control+End')
  await page.keyboard.type('!')
  await expect.poll(() => noteText()).toBe('one two!')
  main.notes.changeElsewhere(id, '22', 0, 0, 'zero ')
  await expect(text(page)).toHaveText('zero one two!')
  await page.keyboard.type('?')
  await expect.poll(() => noteText()).toBe('zero one two!?')
  await expect(page.getByText('Being edited on Desktop')).toBeVisible()
})

test('undo takes back what was typed here, and nothing of what others wrote', async ({ page }) => {
  const id = main.notes.add({ body: 'base' })
  await page.goto(main.open)
  await text(page).click()
  await page.keyboard.press('Control+End')
  await page.keyboard.type(' mine')
  await expect.poll(() => noteText()).toBe('base mine')
  main.notes.changeElsewhere(id, '22', 0, 0, 'theirs ')
  await expect(text(page)).toHaveText('theirs base mine')
  await page.keyboard.press('Control+z')
  await expect.poll(() => noteText()).toBe('theirs base')
  await page.keyboard.press('Control+Shift+z')
  await expect.poll(() => noteText()).toBe('theirs base mine')
})

test('keystrokes of a lost connection are kept, said to be kept, and sent on return', async ({
  page,
}) => {
  const id = main.notes.add({ body: 'before' })
  await page.goto(main.open)
  await text(page).click()
  await page.keyboard.press('Control+End')
  main.cut()
  await expect(page.getByText('The connection to Quire on this machine was lost.')).toBeVisible()
  await page.keyboard.type(' and after')
  await expect(page.getByText('kept in this window')).toBeVisible()
  main.notes.changeElsewhere(id, '22', 0, 0, '> ')
  main.listen()
  await page
    .getByRole('button', { name: 'Try now' })
    .click({ timeout: 2_000 })
    .catch(() => {})
  await expect.poll(() => noteText()).toBe('> before and after')
  await expect(text(page)).toHaveText('> before and after')
  await expect(page.getByText('The connection to Quire')).toBeHidden()
})

test('a main process that was restarted and counts anew gets the kept keystrokes once', async ({
  page,
}) => {
  main.notes.add({ body: 'before' })
  await page.goto(main.open)
  await text(page).click()
  await page.keyboard.press('Control+End')
  await page.keyboard.type('!')
  await expect.poll(() => noteText()).toBe('before!')
  main.cut()
  await expect(page.getByText('The connection to Quire')).toBeVisible()
  await page.keyboard.type('?')
  main.notes.forgetVersions()
  main.listen()
  await expect.poll(() => noteText(), { timeout: 15_000 }).toBe('before!?')
})

test('a text of CR LF lines comes through editing with its line ends whole', async ({ page }) => {
  main.notes.add({ body: 'one\r\ntwo\r\n' })
  await page.goto(main.open)
  await text(page).click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.press('End')
  await page.keyboard.type('!')
  await page.keyboard.press('Enter')
  await page.keyboard.type('more')
  await expect.poll(() => noteText()).toBe('one!\r\nmore\r\ntwo\r\n')
  await page.keyboard.press('Home')
  await page.keyboard.press('Backspace')
  await expect.poll(() => noteText()).toBe('one!more\r\ntwo\r\n')
  await page.keyboard.press('End')
  await page.keyboard.press('Delete')
  await expect.poll(() => noteText()).toBe('one!moretwo\r\n')
})

test('everything by keyboard: write, find, switch, pin, tag, trash, undo, restore', async ({
  page,
}) => {
  for (const note of someNotes) main.notes.add(note)
  await page.goto(main.open)
  await expect(page.getByRole('option').first()).toBeVisible()
  await page.keyboard.press('Alt+n')
  await expect(text(page)).toBeFocused()
  await page.keyboard.type('Keyboard only')
  await expect(page.getByRole('option', { name: 'Keyboard only' })).toBeVisible()
  await page.keyboard.press('Control+d')
  await expect(page.getByText('Pinned to the top.')).toBeVisible()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('edit tags')
  await page.keyboard.press('Enter')
  await page.keyboard.type('hands')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: '#hands' })).toBeVisible()
  await page.keyboard.press('Control+p')
  await page.keyboard.type('bicyc')
  await page.keyboard.press('Enter')
  await expect(text(page)).toContainText('Rear hub')
  await expect(text(page)).toBeFocused()
  await page.keyboard.press('Control+Shift+F')
  await page.keyboard.type('quince')
  await expect(page.getByRole('option', { name: /Garden/ })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(text(page)).toContainText('quince')
  await page.keyboard.press('Control+Backspace')
  await expect(page.getByText('Moved to the trash.')).toBeVisible()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('show the trash')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Trash' })).toBeVisible()
  expect(complaints).toEqual([])
})

test('F6 goes round the panes', async ({ page }) => {
  for (const note of someNotes) main.notes.add(note)
  await page.goto(main.open)
  await text(page).click()
  const pane = () =>
    page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-pane]')?.dataset.pane)
  const seen: (string | undefined)[] = []
  for (let at = 0; at < 3; at += 1) {
    await page.keyboard.press('F6')
    seen.push(await pane())
  }
  expect(seen).toEqual(['sidebar', 'list', 'main'])
})

test('the arrow keys walk the list, and Enter goes into the text', async ({ page }) => {
  for (const note of someNotes) main.notes.add(note)
  await page.goto(main.open)
  const list = page.getByRole('listbox')
  await list.focus()
  await page.keyboard.press('ArrowDown')
  await expect(page.getByRole('option', { selected: true })).toContainText('Reading list')
  await page.keyboard.press('Enter')
  await expect(text(page)).toBeFocused()
  await expect(text(page)).toContainText('Peregrine')
})

test('find counts and walks the matches, and what is typed at once goes into its field', async ({
  page,
}) => {
  main.notes.add({ body: 'flour, water, Flour, salt, flour' })
  await page.goto(main.open)
  await text(page).focus()
  await page.keyboard.press('Control+f')
  await page.keyboard.type('flour')
  await expect(page.getByText('3 found')).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByText('1 of 3')).toBeVisible()
  await page.getByRole('button', { name: 'Match capitals' }).click()
  await expect(page.locator('.find-count')).toHaveText(/(1 of 2|2 found)/)
  await page.getByRole('button', { name: 'Replace', exact: true }).click()
  await page.getByLabel('Replace with').fill('rye')
  await page.getByRole('button', { name: 'All', exact: true }).click()
  await expect.poll(() => noteText()).toBe('rye, water, Flour, salt, rye')
  await page.getByLabel('Find in this note').press('Escape')
  await expect(text(page)).toBeFocused()
})

test('bold, italic and link as Markdown', async ({ page }) => {
  main.notes.add({ body: 'word' })
  await page.goto(main.open)
  await text(page).click()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Control+b')
  await expect.poll(() => noteText()).toBe('**word**')
  await page.keyboard.press('Control+i')
  await expect.poll(() => noteText()).toBe('***word***')
  await page.keyboard.press('Control+i')
  await page.keyboard.press('Control+b')
  await expect.poll(() => noteText()).toBe('word')
  await page.keyboard.press('Control+k')
  await expect.poll(() => noteText()).toBe('[word]()')
})

test('ten thousand notes: the list scrolls, and only what is seen is built', async ({ page }) => {
  for (const note of manyNotes(10_000)) main.notes.add(note)
  await page.goto(main.open)
  await expect(page.getByRole('option').first()).toHaveAttribute('aria-setsize', '10000')
  expect(await page.getByRole('option').count()).toBeLessThan(40)
  await page.getByRole('listbox').focus()
  await page.keyboard.press('End')
  await expect(page.getByRole('option', { selected: true })).toHaveAttribute(
    'aria-posinset',
    '10000',
  )
})

test('two megabytes: typing stays local and arrives', async ({ page }) => {
  const paragraph = 'Words that go on, as words do, from one end of the line to the other.\n'
  main.notes.add({ body: paragraph.repeat(Math.ceil(2_000_000 / paragraph.length)) })
  await page.goto(main.open)
  await text(page).focus()
  await page.keyboard.type('Fast. ')
  await expect.poll(() => noteText()?.slice(0, 11)).toBe('Fast. Words')
})

test('nothing that a note, a tag, a title or a device is called is ever run', async ({ page }) => {
  const payloads = [
    '<img src=x onerror="window.hit=1">',
    '<script>window.hit=1</script>',
    '"><svg onload=window.hit=1>',
    '[x](javascript:window.hit=1)',
    '<iframe srcdoc="<script>parent.hit=1</script>">',
  ]
  for (const payload of payloads) {
    main.notes.add({ body: `${payload}\n\n${payload}`, title: payload, tags: [payload] })
  }
  main.setStatus({
    sentence: payloads[0]!,
    trouble: payloads[1]!,
    members: groups.allHere.members.map((member, at) => ({ ...member, name: payloads[at]! })),
  })
  const requests: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(main.open)
  await expect(page.getByRole('option')).toHaveCount(payloads.length)
  for (const option of await page.getByRole('option').all()) await option.click()
  await page.getByRole('button', { name: 'Manage devices' }).click()
  expect(await page.evaluate(() => 'hit' in window)).toBe(false)
  expect(requests.filter((url) => !url.startsWith(new URL(main.open).origin))).toEqual([])
  expect(complaints).toEqual([])
})

test('a link is opened only after its host was shown, and only if it is a web or mail address', async ({
  page,
  context,
}) => {
  main.notes.add({ body: '[bakery](https://bread.example/rye)\n\n[bad](file:///etc/passwd)' })
  await context.route('https://bread.example/**', (route) => route.fulfill({ body: 'bread' }))
  await page.goto(main.open)
  await page
    .getByText('bakery')
    .last()
    .click({ modifiers: ['Control'] })
  await expect(page.getByRole('dialog')).toContainText('bread.example')
  const opened = page.waitForEvent('popup')
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  expect((await opened).url()).toBe('https://bread.example/rye')
  await page.getByText('bad', { exact: true }).click({ modifiers: ['Control'] })
  await expect(page.getByRole('dialog')).toContainText('not opened')
})

test('a device is added by its code; a wrong one is said to be, and notes of its own are asked about', async ({
  page,
}) => {
  main.notes.add({ body: 'hello' })
  main.state.nearby = [{ ref: 'a', name: 'Pi', address: '127.0.0.1:47111', state: 'waiting' }]
  const asked: unknown[] = []
  main.answers['devices/add'] = async (ask) => {
    asked.push(ask)
    if (ask.code !== '123456') {
      return { ok: false, error: { kind: 'wrong-code', message: 'Not that code.' } }
    }
    if (!ask.bring)
      return { ok: false, error: { kind: 'newcomer-has-notes', message: 'It has notes.' } }
    main.setStatus(groups.catchingUp)
    return { ok: true, value: { id: '44' } }
  }
  await page.goto(main.open)
  await page.getByRole('button', { name: 'Manage devices' }).click()
  await page.getByRole('button', { name: 'Add…' }).click()
  await page.keyboard.type('000 000')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Not that code.')).toBeVisible()
  await page.keyboard.type('123 456')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Bring them along' }).click()
  await expect(page.getByRole('dialog').getByText('812 of 1,204 notes')).toBeVisible()
  main.setStatus({
    members: groups.catchingUp.members.map((member) => ({
      ...member,
      role: 'voter',
      holds: 1_204,
    })),
  })
  await expect(page.getByRole('heading', { name: 'Pi in the cupboard is in' })).toBeVisible()
  expect(asked.at(-1)).toEqual({ address: '127.0.0.1:47111', code: '123456', bring: true })
})

test('without a majority the actions that need one are greyed and say why', async ({ page }) => {
  main.notes.add({ body: 'hello' })
  main.setStatus(groups.noMajority)
  await page.goto(main.open)
  await page.getByRole('button', { name: 'Manage devices' }).click()
  const rename = page.getByRole('button', { name: 'Rename Desktop' })
  await expect(rename).toHaveAttribute('aria-disabled', 'true')
  await expect(rename).toHaveAttribute('title', /awake/)
})

test('panes, widths, theme and the open note are as they were left', async ({ page }) => {
  for (const note of someNotes) main.notes.add(note)
  await page.goto(main.open)
  await page.getByRole('option', { name: 'Garden, spring' }).click()
  await page.getByRole('separator', { name: 'Width of the list' }).focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Control+1')
  await expect(page.locator('[data-pane="sidebar"]')).toBeHidden()
  await page.reload()
  await expect(text(page)).toContainText('quince')
  await expect(page.locator('[data-pane="sidebar"]')).toBeHidden()
  expect((await page.locator('[data-pane="list"]').boundingBox())?.width).toBe(316)
})

test('files are imported by choosing them, with a report that names what was refused', async ({
  page,
}) => {
  await page.goto(main.open)
  await expect(text(page)).toBeVisible()
  await page.getByLabel('Files to import').setInputFiles([
    { name: 'one.md', mimeType: 'text/markdown', buffer: Buffer.from('# One\r\n') },
    { name: 'no.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no') },
  ])
  await expect(page.getByText('note is new')).toBeVisible()
  await expect(page.getByText('no.jpg')).toBeVisible()
  expect(noteText()).toBe('# One\r\n')
})

test('export hands over a file', async ({ page }) => {
  main.notes.add({ body: 'hello' })
  await page.goto(main.open)
  await expect(text(page)).toBeVisible()
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export all notes' }).click()
  expect((await downloading).suggestedFilename()).toMatch(/\.zip$/)
})

test('in the desktop app the same page speaks through the preload bridge, and hears the native menu', async ({
  page,
}) => {
  main.notes.add({ body: 'over the bridge' })
  await page.exposeFunction('ask', (name: never, ask: unknown) => answerOf(main, name, ask))
  await page.addInitScript(() => {
    const shell = window as unknown as Record<string, unknown>
    shell.quire = {
      call: shell.ask,
      hear: () => () => {},
      export: async () => ({ ok: true, value: 'everything.zip' }),
      openLink: async () => {},
      hearCommand: (listener: unknown) => {
        shell.choose = listener
        return () => {}
      },
    }
  })
  await page.goto(main.open.replace(/#.*/, ''))
  await expect(text(page)).toHaveText('over the bridge')
  await text(page).focus()
  await page.keyboard.type('> ')
  await expect.poll(() => noteText()).toBe('> over the bridge')
  const choose = (id: string) =>
    page.evaluate(
      (chosen) => (window as unknown as { choose(id: string): void }).choose(chosen),
      id,
    )
  await choose('files.export')
  await expect(page.getByText('Exported as everything.zip.')).toBeVisible()
  await choose('note.new')
  await expect(text(page)).toHaveText('Start writing.')
  await expect(text(page)).toBeFocused()
  expect(complaints).toEqual([])
})

test('axe finds nothing in the main window, light and dark', async ({ page }) => {
  for (const note of someNotes) main.notes.add(note)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.goto(main.open)
    await expect(text(page)).toBeVisible()
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id }) => id)).toEqual([])
  }
})

test('a composed word is not cut by what others write', async ({ page }) => {
  const id = main.notes.add({ body: 'x' })
  await page.goto(main.open)
  await text(page).click()
  await page.keyboard.press('Control+End')
  const keyboard = await page.context().newCDPSession(page)
  await keyboard.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 })
  main.notes.changeElsewhere(id, '22', 0, 0, 'far ')
  await keyboard.send('Input.imeSetComposition', {
    text: 'にほ',
    selectionStart: 2,
    selectionEnd: 2,
  })
  expect(await textHere(page)).toBe('xにほ')
  await keyboard.send('Input.insertText', { text: '日本' })
  await expect.poll(() => noteText()).toBe('far x日本')
  await expect(text(page)).toHaveText('far x日本')
})
