import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import AxeBuilder from '@axe-core/playwright'
import { chromium, type Page } from '@playwright/test'
import { reveal, type State, states } from './states.ts'
import { buildWindow } from './support/build.ts'
import { findChromium } from './support/chromium.ts'
import { startFakeMain } from './support/fake-main.ts'
import { groups } from './support/worlds.ts'

/**
 * Photographs every designed state in three sizes, light and dark, and asks axe about each.
 * `tsx test/e2e/screenshots.ts [name, or beginning* …]`
 */

const folder = join(fileURLToPath(new URL('../..', import.meta.url)), 'screenshots')
const sizes = [
  { width: 1440, height: 900 },
  { width: 900, height: 700 },
  { width: 420, height: 800 },
]

const wanted = process.argv.slice(2)
const chosen = states.filter(
  ({ name }) =>
    wanted.length === 0 ||
    wanted.some((part) =>
      part.endsWith('*') ? name.startsWith(part.slice(0, -1)) : name === part,
    ),
)
let violations = 0

await mkdir(folder, { recursive: true })
await buildWindow()
for (const state of chosen) {
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: ['--no-sandbox'],
  })
  for (const viewport of sizes) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const main = await startFakeMain(state.group ?? groups.allHere)
      state.set?.(main)
      const context = await browser.newContext({
        viewport,
        colorScheme,
        locale: 'en-GB',
        bypassCSP: false,
      })
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('console', (message) => {
        // Chromium itself complains of every address that does not answer, which is what these two states are about.
        const isExpected =
          /^(lost|locked)$/.test(state.name) && /WebSocket|resource/.test(message.text())
        if (message.type() === 'error' && !isExpected) complaints.push(message.text())
      })
      try {
        await show(page, main.open, state, main)
      } catch (error) {
        complaints.push(`not reached: ${String(error).slice(0, 400)}`)
      }
      const name = `${state.name}-${viewport.width}-${colorScheme}`
      await page.screenshot({ path: join(folder, `${name}.png`) })
      complaints.push(...(await ask(page)))
      violations += complaints.length
      for (const complaint of complaints) console.log(`${name}: ${complaint}`)
      await context.close()
      await main.close()
    }
  }
  await browser.close()
}
console.log(`${chosen.length} states, ${violations} complaints`)
process.exitCode = violations === 0 ? 0 : 1

async function show(
  page: Page,
  address: string,
  state: State,
  main: Awaited<ReturnType<typeof startFakeMain>>,
): Promise<void> {
  page.setDefaultTimeout(5_000)
  await page.goto(address)
  await page.locator('.panes').waitFor()
  if (state.isEmpty !== true)
    await page.locator('.cm-content').first().waitFor({ state: 'attached' })
  if (state.pane !== undefined) await reveal(page, state.pane)
  else if (state.go === undefined && state.isEmpty !== true) await reveal(page, 'main')
  await state.go?.(page, main)
  await page.evaluate(() => document.fonts.ready)
  await page.waitForTimeout(250) // let the caret and what slides come to rest
}

async function ask(page: Page): Promise<readonly string[]> {
  const found = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  return found.violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help} (${nodes
        .slice(0, 2)
        .map((node) => node.html.slice(0, 140))
        .join(' | ')})`,
  )
}
