import { join } from 'node:path'
import { serveMain } from '../serve/main.ts'

await serveMain({
  args: process.argv.slice(2),
  // npm runs its scripts in the project's folder; the person stands elsewhere.
  from: process.env.INIT_CWD ?? process.cwd(),
  assets: join(import.meta.dirname, 'renderer'),
})
