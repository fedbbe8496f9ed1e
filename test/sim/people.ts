import { replacing } from '../../src-shared/notes/splice.ts'
import type { Word } from './history.ts'
import type { Member } from './member.ts'
import type { World } from './world.ts'

/** Notes that are made before people keep to those there are. */
const notesMax = 5

/** Somebody writes a character into a note of that device, or makes a note of it. Answers null when the device is not there. */
export function writeAt(world: World, member: Member, waitMs = 5_000): Word | null {
  const { process, life } = member
  if (process?.isOpen !== true || life === null || life.pausedUntil > world.schedule.now)
    return null
  const word = world.history.next(member.id)
  if (word === null) return null
  const { dice } = world
  const notes = [...process.machine.state.notes.values()]
  const isNew = notes.length === 0 || (notes.length < notesMax && dice.chance(10))
  const wait = { ms: waitMs }
  const written = isNew
    ? process.writes.create(
        { title: null, body: word.character, tags: [], pinned: false, origin: null },
        wait,
      )
    : insert(dice.pick(notes))
  function insert(note: (typeof notes)[number]) {
    const { length } = note.body
    const at = dice.below(length + 1)
    const changes = replacing(length, at, at, word?.character ?? '')
    return (process as NonNullable<typeof process>).writes.changeText(
      note.id,
      { baseRev: note.rev, changes },
      wait,
    )
  }
  written
    .then((outcome) => {
      if (!life.isAlive || !outcome.ok) return
      const { state } = outcome.value
      const index = outcome.value.state === 'applied' ? outcome.value.index : 0
      world.history.acknowledge(word, state, index)
      world.tell(`${member.id} has ${state} its word`)
    })
    .catch((error: unknown) => world.accuse('a write does not throw', String(error)))
  return word
}

/** Somebody does what is not typing: a title, a pin, a tag. */
export function tidyAt(world: World, member: Member): void {
  const { process, life } = member
  if (process?.isOpen !== true || life === null || life.pausedUntil > world.schedule.now) return
  const notes = [...process.machine.state.notes.keys()]
  if (notes.length === 0) return
  const { dice } = world
  const tag = `t${dice.below(4)}`
  const ask = dice.pick([{ pinned: dice.chance(50) }, { title: `title ${tag}` }, { tags: [tag] }])
  process.writes.edit(dice.pick(notes), ask, { ms: dice.below(1_000) }).catch((error: unknown) => {
    world.accuse('an edit does not throw', String(error))
  })
}

/** Somebody asks for the newest there is: nothing that anybody was told before may be missing. */
export function readAt(world: World, member: Member): void {
  const { process, life } = member
  if (process?.isOpen !== true || life === null || life.pausedUntil > world.schedule.now) return
  const { acknowledgedIndex } = world.history
  process.replica
    .read(30)
    .then((outcome) => {
      if (!life.isAlive || !outcome.ok) return
      world.history.countRead()
      const { index } = process.machine
      if (index < acknowledgedIndex || index < outcome.value) {
        const what = `${member.id} reads at ${index}, acknowledged before: ${acknowledgedIndex}`
        world.accuse('reads are linearizable', what)
      }
    })
    .catch((error: unknown) => world.accuse('a read does not throw', String(error)))
}
