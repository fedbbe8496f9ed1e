/** From a key in one browser to its letter in another, each before a device of its own. */
import { chromium, type Page } from '@playwright/test'
import { findChromium } from '../e2e/support/chromium.ts'
import { type HeadlessDevice, startGroup, until } from '../support/headless-device.ts'

const keys = 200
/** Between two keys, in ms: a quick typist. */
const pauseMs = 60

async function openNote(page: Page, device: HeadlessDevice, title: string): Promise<void> {
  await page.goto(`${device.ready.api}/#token=${device.apiFile().token}`)
  await page.getByText(title).first().click()
  await page.locator('.cm-content').waitFor()
}

/** Notes the moment of every change of the text, by the wall clock that all processes here share. */
async function watchText(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: number[] = []
    Object.assign(globalThis, { seen })
    const text = document.querySelector('.cm-content')
    if (text === null) return
    let length = text.textContent?.length ?? 0
    new MutationObserver(() => {
      const now = text.textContent?.length ?? 0
      for (; length < now; length++) seen.push(Date.now())
    }).observe(text, { childList: true, characterData: true, subtree: true })
  })
}

/** Prints p50 and p99 in ms. */
export async function benchKeystroke(print: (line: object) => void): Promise<void> {
  const group = await startGroup(['Laptop', 'Desktop', 'NAS'])
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
  try {
    const [from, to] = [group.device(0), group.device(1)]
    const made = await from.call<{ id: string }>('POST', '/v1/notes', { body: 'Keys ' })
    await until('the other to have it', async () => {
      return (await to.call('GET', `/v1/notes/${made.body.id}`)).status === 200
    })
    const [writer, reader] = [await browser.newPage(), await browser.newPage()]
    await openNote(writer, from, 'Keys')
    await openNote(reader, to, 'Keys')
    await watchText(reader)
    await writer.locator('.cm-content').click()
    await writer.keyboard.press('Control+End')
    const pressed: number[] = []
    for (let n = 0; n < keys; n++) {
      pressed.push(Date.now())
      await writer.keyboard.press('x')
      await writer.waitForTimeout(pauseMs)
    }
    await until('the last letter', async () => (await seenBy(reader)).length >= keys)
    const times = (await seenBy(reader)).map((at, n) => at - (pressed[n] ?? at))
    const sorted = times.slice(10).sort((a, b) => a - b)
    const at = (q: number): number => sorted[Math.floor((sorted.length - 1) * q)] ?? Number.NaN
    print({ what: 'a key in one browser to another', p50ms: at(0.5), p99ms: at(0.99), keys })
  } finally {
    await browser.close()
    await group.close()
  }
}

function seenBy(page: Page): Promise<number[]> {
  return page.evaluate(() => (globalThis as unknown as { seen: number[] }).seen)
}
