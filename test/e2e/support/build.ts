import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const config = fileURLToPath(new URL('../../../src-renderer/vite.config.ts', import.meta.url))

/** The window is tested as it is shipped: built. */
export async function buildWindow(): Promise<void> {
  await build({ configFile: config, logLevel: 'warn' })
}

// biome-ignore lint/style/noDefaultExport: Playwright's global set-up is a default export.
export default buildWindow
