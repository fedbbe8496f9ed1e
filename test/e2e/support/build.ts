import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const config = fileURLToPath(new URL('../../../src-renderer/vite.config.ts', import.meta.url))

/** Beside what is shipped, so that nobody's build and nobody's test disturb each other. */
export const windowUnderTest = fileURLToPath(
  new URL('../../../.data/window-under-test', import.meta.url),
)

/** The window is tested as it is shipped: built. */
export async function buildWindow(): Promise<void> {
  await build({ configFile: config, logLevel: 'warn', build: { outDir: windowUnderTest } })
}

// biome-ignore lint/style/noDefaultExport: Playwright's global set-up is a default export.
export default buildWindow
