/** `npm run sim -- [NAME] [--option value …]`: the simulations by name; without one, whole groups. */
import { editing } from './editing.ts'
import { group } from './group.ts'

const simulations: Readonly<
  Record<string, (options: ReadonlyMap<string, string>) => number | Promise<number>>
> = { editing, group }

function optionsOf(words: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>()
  words.forEach((word, at) => {
    if (!word.startsWith('--')) return
    const next = words[at + 1]
    options.set(word.slice(2), next === undefined || next.startsWith('--') ? 'true' : next)
  })
  return options
}

const given = process.argv.slice(2)
const isNamed = given[0] !== undefined && !given[0].startsWith('--')
const [name = '', ...words] = isNamed ? given : ['group', ...given]
const simulation = simulations[name]
if (simulation === undefined) {
  console.error(
    `There is no simulation "${name}". There are: ${Object.keys(simulations).join(', ')}.`,
  )
  process.exitCode = 2
} else process.exitCode = await simulation(optionsOf(words))
