import { existsSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * `npm run bench -- NAME…` measures and prints JSON lines; without a name, everything there is.
 * Each file of this directory is a bench: it exports one function whose name begins with `bench`,
 * which prints its figures as they come or answers them.
 */
type Bench = (print: (line: object) => void) => unknown

const directory = fileURLToPath(new URL('.', import.meta.url))
const existing = readdirSync(directory)
  .filter((name) => name.endsWith('.ts') && name !== 'main.ts')
  .map((name) => basename(name, '.ts'))

async function benchNamed(name: string): Promise<Bench> {
  const module: unknown = await import(pathToFileURL(`${directory}${name}.ts`).href)
  const exported = typeof module === 'object' && module !== null ? Object.values(module) : []
  const bench = exported.find(
    (each): each is Bench => typeof each === 'function' && each.name.startsWith('bench'),
  )
  if (bench === undefined) throw new Error(`${name}.ts exports no bench`)
  return bench
}

async function main(): Promise<void> {
  const named = process.argv.slice(2)
  const unknown = named.find((name) => !existsSync(`${directory}${name}.ts`) || name === 'main')
  if (unknown !== undefined) {
    console.error(`there is no bench ${unknown}; there are: ${existing.sort().join(', ')}`)
    process.exitCode = 1
    return
  }
  for (const name of named.length > 0 ? named : existing) {
    const print = (line: object): void => console.log(JSON.stringify({ bench: name, ...line }))
    const bench = await benchNamed(name)
    const answered = await bench(print)
    for (const line of Array.isArray(answered) ? answered : []) print(line)
  }
}

await main()
