import type { Page } from '@playwright/test'
import type { Status } from '../../src-shared/ipc/contract.ts'
import type { FakeMain } from './support/fake-main.ts'
import { groups, manyNotes, someNotes } from './support/worlds.ts'

/** Every state of the window that was designed, and how to get there. */
export interface State {
  readonly name: string
  readonly group?: Status
  /** Before the page is opened. */
  readonly set?: (main: FakeMain) => void
  /** With the page open. */
  readonly go?: (page: Page, main: FakeMain) => Promise<void>
  /** Shows one note where only one pane fits. */
  readonly pane?: 'sidebar' | 'list' | 'main'
  /** The editor is what is looked at: it was not opened by the state itself. */
  readonly isEmpty?: boolean
}

const fill = (main: FakeMain): void => {
  for (const note of someNotes) main.notes.add(note)
}

const openNote = async (page: Page, title: string): Promise<void> => {
  const search = page.getByLabel('Search all notes')
  if (!(await search.isVisible())) await reveal(page, 'list')
  await page.getByRole('option', { name: title }).first().click()
}

/** Goes to a pane as a person would, whatever fits. */
export async function reveal(page: Page, pane: 'sidebar' | 'list' | 'main'): Promise<void> {
  const shown = page.locator(`[data-pane="${pane}"]`)
  if (await shown.isVisible()) return
  if (pane === 'list') {
    const show = page.getByRole('button', { name: 'Show the list' })
    if (await show.isVisible()) return show.click()
    const places = page.getByRole('button', { name: 'All notes' })
    if (await places.isVisible()) return places.click()
    return page.getByRole('button', { name: 'Back: Notes' }).click()
  }
  if (pane === 'main') return page.getByRole('option').first().click()
  const back = page.getByRole('button', { name: /^Back: / })
  while (!(await shown.isVisible())) {
    if (await back.first().isVisible()) await back.first().click()
    else await page.getByRole('button', { name: 'Show the sidebar' }).click()
  }
}

const devices = async (page: Page): Promise<void> => {
  await reveal(page, 'sidebar')
  await page.getByRole('button', { name: 'Manage devices' }).click()
}

const command = async (page: Page, name: string): Promise<void> => {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Commands' }).fill(name)
  await page.keyboard.press('Enter')
}

export const states: readonly State[] = [
  { name: 'first-run', group: groups.firstRun, isEmpty: true },
  { name: 'notes', set: fill },
  { name: 'list', set: fill, pane: 'list' },
  { name: 'sidebar', set: fill, pane: 'sidebar' },
  {
    name: 'alone',
    group: groups.alone,
    set: (main) => fillWith(main, { state: 'saved', holders: 1, members: 1 }),
  },
  {
    name: 'one-asleep',
    group: groups.oneAsleep,
    set: (main) => fillWith(main, { state: 'safe', holders: 2, members: 3 }),
  },
  {
    name: 'no-majority',
    group: groups.noMajority,
    set: (main) => {
      fill(main)
      const [first, , third] = main.notes.all.values()
      for (const note of [first, third]) {
        if (note === undefined) continue
        Object.assign(note, { durability: { state: 'saved', holders: 1, members: 3 }, pending: 2 })
        note.updatedAt = new Date(Date.now() - 64 * 60_000).toISOString()
      }
    },
  },
  { name: 'removed', group: groups.removed, set: fill },
  { name: 'disk-full', group: groups.diskFull, set: fill },
  { name: 'version-behind', group: groups.versionBehind, set: fill },
  { name: 'repairing', group: groups.repairing, set: fill },
  {
    name: 'badge-explained',
    set: fill,
    go: async (page) => {
      await openNote(page, 'Garden, spring')
      await page.keyboard.press('Control+s')
    },
  },
  {
    name: 'typed-elsewhere',
    set: fill,
    go: async (page, main) => {
      await openNote(page, 'Talk')
      await page.locator('.cm-content').waitFor()
      const [, , , , talk] = main.notes.all.values()
      if (talk === undefined) throw new Error('the talk is missing')
      main.notes.changeElsewhere(
        talk.id,
        '22',
        talk.text.length,
        talk.text.length,
        '\n\nEnd where it began.',
      )
      await page.getByText('Being edited on Desktop').waitFor()
    },
  },
  {
    name: 'search',
    set: fill,
    pane: 'list',
    go: async (page) => {
      await page.getByLabel('Search all notes').fill('the')
      await page.locator('mark').first().waitFor()
    },
  },
  {
    name: 'search-nothing',
    set: fill,
    pane: 'list',
    go: async (page) => {
      await page.getByLabel('Search all notes').fill('marmalade')
      await page.getByText('Nothing says').waitFor()
    },
  },
  {
    name: 'empty-list',
    set: fill,
    go: async (page, main) => {
      main.notes.purge([...main.notes.all.keys()])
      await page.getByText('No notes yet.').waitFor({ state: 'attached' })
    },
    pane: 'list',
    isEmpty: true,
  },
  {
    name: 'trash',
    set: fill,
    go: async (page) => {
      await reveal(page, 'sidebar')
      await page.getByRole('button', { name: /^Trash/ }).click()
      await reveal(page, 'list')
      await page.getByRole('option', { name: 'Draft that' }).click()
    },
  },
  {
    name: 'trash-empty',
    set: (main) => {
      for (const note of someNotes) if (note.trashed !== true) main.notes.add(note)
    },
    go: async (page) => {
      await reveal(page, 'sidebar')
      await page.getByRole('button', { name: /^Trash/ }).click()
    },
    pane: 'list',
  },
  {
    name: 'purge',
    set: fill,
    go: async (page) => {
      await reveal(page, 'sidebar')
      await page.getByRole('button', { name: /^Trash/ }).click()
      await reveal(page, 'list')
      await page.getByRole('option', { name: 'Draft that' }).click()
      await page.getByRole('button', { name: 'Delete for ever…' }).click()
    },
  },
  {
    name: 'deleted-elsewhere',
    set: fill,
    go: async (page, main) => {
      await openNote(page, 'Garden, spring')
      await page.locator('.cm-content').waitFor()
      const garden = [...main.notes.all.values()][3]
      if (garden !== undefined) main.notes.purge([garden.id])
    },
  },
  {
    name: 'many-notes',
    set: (main) => {
      for (const note of manyNotes(10_000)) main.notes.add(note)
    },
  },
  {
    name: 'starting',
    set: (main) => {
      main.answers['notes/list'] = () => new Promise(() => {})
      main.answers['status/get'] = () => new Promise(() => {})
    },
    isEmpty: true,
  },
  {
    name: 'lost',
    set: fill,
    go: async (page, main) => {
      await reveal(page, 'main')
      main.cut()
      await page.getByText('The connection to Quire').waitFor()
    },
  },
  {
    name: 'locked',
    set: fill,
    go: async (page) => {
      await page.evaluate(() => sessionStorage.clear())
      await page.reload()
      await page.getByText('This page needs its address again').waitFor()
    },
    isEmpty: true,
  },
  { name: 'devices', set: fill, go: devices },
  {
    name: 'devices-alone',
    group: groups.alone,
    set: (main) => {
      fill(main)
      main.state.nearby = [
        { ref: 'a', name: 'Desktop', address: '127.0.0.1:47111', state: 'waiting' },
        { ref: 'b', name: 'Kitchen tablet', address: '127.0.0.1:47112', state: 'other' },
      ]
    },
    go: async (page) => {
      await devices(page)
      await page.getByText('Shows a code ·').waitFor()
    },
  },
  { name: 'devices-no-majority', group: groups.noMajority, set: fill, go: devices },
  {
    name: 'devices-code-shown',
    group: groups.alone,
    set: fill,
    go: async (page) => {
      await devices(page)
      await page.getByRole('button', { name: 'Show a code' }).click()
      await page.getByText('left ·').waitFor()
    },
  },
  {
    name: 'devices-code-typed',
    set: (main) => {
      fill(main)
      main.state.nearby = [
        { ref: 'a', name: 'Pi in the cupboard', address: '127.0.0.1:47111', state: 'waiting' },
      ]
    },
    go: async (page) => {
      await devices(page)
      await page.getByRole('button', { name: 'Add…' }).click()
      await page.getByLabel('Code of the new device').fill('4819')
    },
  },
  {
    name: 'devices-wrong-code',
    set: (main) => {
      fill(main)
      main.state.nearby = [
        { ref: 'a', name: 'Pi in the cupboard', address: '127.0.0.1:47111', state: 'waiting' },
      ]
      main.answers['devices/add'] = async () => ({
        ok: false,
        error: {
          kind: 'wrong-code',
          message: 'That is not the code it shows. Two tries are left.',
        },
      })
    },
    go: async (page) => {
      await devices(page)
      await page.getByRole('button', { name: 'Add…' }).click()
      await page.getByLabel('Code of the new device').fill('481905')
      await page.keyboard.press('Enter')
      await page.getByText('Two tries').waitFor()
    },
  },
  {
    name: 'devices-has-notes',
    set: (main) => {
      fill(main)
      main.state.nearby = [
        { ref: 'a', name: 'Pi in the cupboard', address: '127.0.0.1:47111', state: 'waiting' },
      ]
      main.answers['devices/add'] = async () => ({
        ok: false,
        error: { kind: 'newcomer-has-notes', message: 'It has notes.' },
      })
    },
    go: async (page) => {
      await devices(page)
      await page.getByRole('button', { name: 'Add…' }).click()
      await page.getByLabel('Code of the new device').fill('481906')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Bring them along' }).waitFor()
    },
  },
  {
    name: 'devices-catching-up',
    set: (main) => {
      fill(main)
      main.state.nearby = [
        { ref: 'a', name: 'Pi in the cupboard', address: '127.0.0.1:47111', state: 'waiting' },
      ]
    },
    go: async (page, main) => {
      await devices(page)
      await page.getByRole('button', { name: 'Add…' }).click()
      await page.getByLabel('Code of the new device').fill('481906')
      main.setStatus(groups.catchingUp)
      await page.keyboard.press('Enter')
      await page.getByText('You can go on writing').waitFor()
    },
  },
  {
    name: 'devices-done',
    set: (main) => {
      fill(main)
      main.state.nearby = [
        { ref: 'a', name: 'Pi in the cupboard', address: '127.0.0.1:47111', state: 'waiting' },
      ]
    },
    go: async (page, main) => {
      await devices(page)
      await page.getByRole('button', { name: 'Add…' }).click()
      await page.getByLabel('Code of the new device').fill('481906')
      main.setStatus({
        ...groups.catchingUp,
        members: groups.catchingUp.members.map((member) => ({
          ...member,
          role: 'voter',
          holds: 1_204,
        })),
        sentence: 'All notes are on all 3 devices.',
      })
      await page.keyboard.press('Enter')
      await page.getByText('is in', { exact: false }).first().waitFor()
    },
  },
  {
    name: 'devices-remove',
    set: (main) => {
      fill(main)
      main.consequences = {
        allowed: true,
        lines: [
          'ThinkPad is cut off at once and can never come back under its present name; it can be added anew with a code.',
          'Laptop and Desktop remain. Both must be awake for a note to become safe.',
          'Nothing is held on ThinkPad alone, as far as is known: it was last heard 2 h ago.',
        ],
      }
    },
    go: async (page) => {
      await devices(page)
      await page.getByRole('button', { name: 'Remove ThinkPad…' }).click()
      await page.getByText('cut off at once').waitFor()
    },
  },
  {
    name: 'devices-rename',
    set: fill,
    go: async (page) => {
      await devices(page)
      await page.getByRole('button', { name: 'Rename Desktop' }).click()
    },
  },
  { name: 'details', set: fill, go: (page) => command(page, 'details') },
  { name: 'palette', set: fill, go: (page) => page.keyboard.press('Control+k') },
  {
    name: 'switcher',
    set: fill,
    go: async (page) => {
      await page.keyboard.press('Control+p')
      await page.getByRole('combobox').fill('re')
    },
  },
  { name: 'appearance', set: fill, go: (page) => command(page, 'appearance') },
  {
    name: 'find',
    set: fill,
    go: async (page) => {
      await openNote(page, 'Sourdough')
      await page.locator('.cm-content').click()
      await page.keyboard.press('Control+f')
      await page.keyboard.type('flour')
    },
  },
  {
    name: 'importing',
    set: (main) => {
      fill(main)
      let batch = 0
      main.answers['files/import'] = ({ files }) => {
        batch += 1
        const done = {
          ok: true as const,
          value: { imported: files.length, unchanged: 0, refused: [] },
        }
        return batch > 2 ? new Promise(() => {}) : Promise.resolve(done)
      }
    },
    go: async (page) => {
      await page.getByLabel('Files to import').setInputFiles(
        Array.from({ length: 812 }, (_, at) => ({
          name: `note ${at}.md`,
          mimeType: 'text/markdown',
          buffer: Buffer.from(`# Note ${at}`),
        })),
      )
      await page.getByText('400 of 812 files').waitFor()
    },
  },
  {
    name: 'imported',
    set: fill,
    go: async (page) => {
      await page.getByLabel('Files to import').setInputFiles([
        { name: 'one.md', mimeType: 'text/markdown', buffer: Buffer.from('# One') },
        { name: 'two.md', mimeType: 'text/markdown', buffer: Buffer.from('# Two') },
        { name: 'holiday.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no') },
      ])
      await page.getByText('could not be taken').first().waitFor()
    },
  },
  {
    name: 'undo-notice',
    set: fill,
    go: async (page) => {
      await openNote(page, 'Bicycle')
      await command(page, 'move to trash')
      await page.getByText('Moved to the trash.').waitFor()
    },
  },
]

function fillWith(main: FakeMain, durability: (typeof main.notes)['durabilityOfEdit']): void {
  for (const note of someNotes) main.notes.add({ ...note, durability })
}
