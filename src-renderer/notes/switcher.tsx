import { type Choice, Picker } from '../ui/picker.tsx'
import { useStore } from '../ui/store.ts'
import { relativeTime, useNow } from '../ui/time.ts'
import { rowsOf } from './browse.ts'
import { useNotes } from './notes.ts'

const shownMax = 50
const makeKey = 'new'

/** Go to a note by a few letters of its title; if there is none, make it. */
export function Switcher({
  onClose,
  onChosen,
}: {
  readonly onClose: () => void
  readonly onChosen: () => void
}) {
  const notes = useNotes()
  const { byId } = useStore(notes.store)
  const now = useNow()
  const choices = (typed: string): readonly Choice[] => {
    const rows = rowsOf(byId, { kind: 'all' }, typed, []).slice(0, shownMax)
    const found: Choice[] = rows.map(({ note }) => ({
      key: note.id,
      label: note.title === '' ? 'Empty note' : note.title,
      aside: relativeTime(note.updatedAt, now),
    }))
    if (typed.trim() === '') return found
    return [...found, { key: makeKey, label: `New note “${typed.trim()}”`, aside: 'Create' }]
  }
  const choose = (key: string, typed: string): void => {
    onChosen()
    if (key === makeKey) void make(typed.trim())
    else notes.open(key, 'text')
  }
  const make = async (title: string): Promise<void> => {
    const made = await notes.store.create(`# ${title}\n\n`)
    if (typeof made === 'string') notes.notices.say(made)
    else notes.open(made.id, 'text')
  }
  return (
    <Picker
      title="Go to note"
      placeholder="Go to note…"
      choices={choices}
      nothing={() => 'No notes yet.'}
      onChoose={choose}
      onClose={onClose}
    />
  )
}
