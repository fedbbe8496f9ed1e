import { type BrowserContext, expect, type Page, test } from '@playwright/test'
import { type Device, Devices } from './support/real-members.ts'

/** The jobs of a person, with real devices: each a process of its own, each with a page in Chromium. */

test.describe.configure({ mode: 'serial', timeout: 90_000 })

const devices = new Devices()
let laptop: Device
let desktop: Device
let nas: Device
let pages: Map<Device, Page>
let context: BrowserContext
const complaints: string[] = []

const text = (page: Page) => page.locator('.cm-content')
const pageOf = (device: Device): Page => {
  const page = pages.get(device)
  if (page === undefined) throw new Error(`${device.name} has no page`)
  return page
}

test.beforeAll(async ({ browser }) => {
  ;[laptop, desktop, nas] = await Promise.all([
    devices.start('Laptop'),
    devices.start('Desktop'),
    devices.start('NAS'),
  ])
  context = await browser.newContext()
  pages = new Map()
  for (const device of [laptop, desktop, nas]) {
    const page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(`${device.name}: ${error}`))
    await page.goto(device.open)
    await expect(text(page)).toBeVisible()
    pages.set(device, page)
  }
})

test.afterAll(async () => {
  await context?.close()
  await devices.end()
})

async function linesOn(page: Page): Promise<string> {
  return (await page.locator('.cm-line').allTextContents()).join('\n')
}

/** Reads the code on the new device and types it, with its address, on one of the group. */
async function pair(newcomer: Device, member: Device): Promise<void> {
  const there = pageOf(newcomer)
  await there.getByRole('button', { name: 'Manage devices' }).click()
  await there.getByRole('button', { name: 'Show a code' }).click()
  const digits = there.locator('.own-code-digits [aria-hidden]')
  await expect(digits).toHaveText(/^\d{3} \d{3}$/)
  const code = (await digits.textContent()) ?? ''
  const here = pageOf(member)
  await here.getByRole('button', { name: 'Manage devices' }).click()
  await here.getByLabel('Not in the list? Its address:').fill(newcomer.peer)
  await here.getByRole('button', { name: 'Continue' }).click()
  await here.getByLabel('Code of the new device').fill(code)
  await here.keyboard.press('Enter')
  await expect(here.getByRole('heading', { name: `${newcomer.name} is in` })).toBeVisible({
    timeout: 30_000,
  })
  await here.getByRole('button', { name: 'Done' }).click()
}

async function showNotes(device: Device): Promise<void> {
  await pageOf(device)
    .getByRole('button', { name: /^All notes/ })
    .click()
}

test('the first note is kept from its first letter on', async () => {
  const page = pageOf(laptop)
  await text(page).focus()
  await page.keyboard.type('# Shopping\n\nmilk')
  await expect(page.getByRole('option', { name: /Shopping/ })).toContainText('Saved here')
})

test('two more devices are added by their codes, and hold the notes', async () => {
  await pair(desktop, laptop)
  await pair(nas, laptop)
  for (const device of [laptop, desktop, nas]) await showNotes(device)
  for (const device of [desktop, nas]) {
    await pageOf(device)
      .getByRole('option', { name: /Shopping/ })
      .click()
    await expect(text(pageOf(device))).toContainText('milk')
  }
  await expect(pageOf(laptop).locator('.member')).toHaveCount(3)
  await expect(pageOf(laptop).getByRole('option', { name: /Shopping/ })).toContainText(
    'On all 3 devices',
  )
})

test('what one writes shows on the others while one types', async () => {
  await text(pageOf(laptop)).focus()
  await pageOf(laptop).keyboard.press('Control+End')
  await pageOf(laptop).keyboard.type(' and eggs')
  for (const device of [desktop, nas])
    await expect(text(pageOf(device))).toContainText('milk and eggs')
  await expect(pageOf(desktop).getByText(/Being edited (on Laptop|elsewhere)/)).toBeVisible()
})

test('two who type at once in one place both keep their words', async () => {
  for (const device of [laptop, desktop]) {
    await text(pageOf(device)).focus()
    await pageOf(device).keyboard.press('Control+End')
  }
  await Promise.all([
    pageOf(laptop).keyboard.type(' [from the laptop]', { delay: 15 }),
    pageOf(desktop).keyboard.type(' [from the desktop]', { delay: 15 }),
  ])
  const said = () => Promise.all([laptop, desktop, nas].map((each) => linesOn(pageOf(each))))
  await expect
    .poll(async () => {
      const all = await said()
      return new Set(all).size === 1 && all[0]?.length
    })
    .toBe('# Shopping\n\nmilk and eggs [from the laptop] [from the desktop]'.length)
  const letters = (value: string) => [...value].sort().join('')
  const [shown] = await said()
  expect(letters(shown ?? '')).toBe(
    letters('# Shopping\n\nmilk and eggs [from the laptop] [from the desktop]'),
  )
})

test('when the leading device is killed, one types on, the sidebars say so, and it is healed in time', async () => {
  const { cluster, members } = await laptop.status()
  const name = members.find((member) => member.id === cluster.leaderId)?.name
  const leader = [laptop, desktop, nas].find((device) => device.name === name)
  if (leader === undefined) throw new Error('nobody leads')
  const [one, other] = [laptop, desktop, nas].filter((device) => device !== leader) as [
    Device,
    Device,
  ]
  await leader.kill()
  await text(pageOf(one)).focus()
  await pageOf(one).keyboard.press('Control+End')
  await pageOf(one).keyboard.type(' written meanwhile')
  await expect(text(pageOf(other))).toContainText('written meanwhile', { timeout: 10_000 })
  await expect(pageOf(one).locator('.member', { hasText: leader.name })).toContainText('asleep', {
    timeout: 15_000,
  })
  await expect(pageOf(leader).getByText('The connection to Quire')).toBeVisible()
  // The page of the killed one keeps what is typed into it, and is opened again by the new address.
  await text(pageOf(leader)).focus()
  await pageOf(leader).keyboard.press('Control+Home')
  await pageOf(leader).keyboard.type('kept: ')
  await leader.start()
  await expect(pageOf(leader).getByText('This page needs its address again')).toBeVisible({
    timeout: 20_000,
  })
  await pageOf(leader).getByLabel('Address that Quire printed').fill(leader.open)
  await pageOf(leader).keyboard.press('Enter')
  for (const device of [laptop, desktop, nas]) {
    await expect(text(pageOf(device))).toContainText('written meanwhile', { timeout: 20_000 })
    await expect(text(pageOf(device))).toContainText('kept: # Shopping', { timeout: 20_000 })
  }
})

test('pin, tag and trash are the same on every device', async () => {
  const page = pageOf(laptop)
  await page.getByRole('button', { name: 'Pin to the top' }).click()
  await page.getByRole('button', { name: 'Tag', exact: true }).click()
  await page.keyboard.type('errands')
  await page.keyboard.press('Enter')
  for (const device of [desktop, nas]) {
    await expect(pageOf(device).getByRole('button', { name: '#errands' })).toBeVisible()
    await expect(
      pageOf(device)
        .getByRole('option', { name: /Shopping/ })
        .getByLabel('Pinned'),
    ).toBeVisible()
  }
  await page.getByRole('button', { name: 'Move to trash' }).click()
  await expect(pageOf(desktop).getByText('This note is in the trash.')).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(pageOf(desktop).getByText('This note is in the trash.')).toBeHidden()
})

test('a device that is removed is out, and the others go on', async () => {
  const here = pageOf(laptop)
  await here.getByRole('button', { name: 'Manage devices' }).click()
  await here.getByRole('button', { name: 'Remove NAS…' }).click()
  const dialog = here.getByRole('dialog')
  await expect(dialog.locator('.consequences li').first()).toBeVisible()
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(here.locator('.member')).toHaveCount(2, { timeout: 15_000 })
  await showNotes(laptop)
  await text(here).focus()
  await here.keyboard.press('Control+End')
  await here.keyboard.type(' without the NAS')
  await expect(text(pageOf(desktop))).toContainText('without the NAS')
  expect(complaints).toEqual([])
})
