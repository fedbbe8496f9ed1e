import { Pin } from 'lucide-react'
import type { DragEvent } from 'react'
import type { SearchHit } from '../../src-shared/ipc/contract.ts'
import { classes } from '../ui/button.tsx'
import { exactTime, relativeTime } from '../ui/time.ts'
import { Badge } from './badge.tsx'
import { type Row, wordsOf } from './browse.ts'
import { dragOut } from './drag-out.ts'
import { useNotes } from './notes.ts'

interface NoteRowProps {
  readonly id: string
  readonly row: Row
  readonly now: number
  readonly query: string
  readonly isCurrent: boolean
  /** From 1, of `size`: the list shows only a window of its rows, so each says where it stands. */
  readonly position: number
  readonly size: number
  readonly onOpen: () => void
}

export function NoteRow(props: NoteRowProps) {
  const { id, row, now, query, isCurrent, position, size, onOpen } = props
  const { note, hit } = row
  const notes = useNotes()
  const drag = (event: DragEvent): void => {
    const session = notes.session.get()
    if (session?.id === note.id)
      dragOut(event.dataTransfer, note.title, session.state.doc.toString())
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys, as a listbox does.
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays on the list; aria-activedescendant points here.
    <div
      id={id}
      role="option"
      aria-selected={isCurrent}
      aria-posinset={position}
      aria-setsize={size}
      className={classes('note-row', isCurrent && 'is-current')}
      draggable={isCurrent}
      onDragStart={drag}
      onClick={onOpen}
    >
      <span className="note-row-head">
        <span className="note-row-title">
          <Marked text={note.title === '' ? 'Empty note' : note.title} words={wordsOf(query)} />
        </span>
        {note.pinned ? <Pin size={13} aria-label="Pinned" className="note-row-pin" /> : null}
      </span>
      <span className="note-row-preview">
        {hit === null ? note.preview : <Excerpt hit={hit} />}
      </span>
      <span className="note-row-foot">
        <time dateTime={note.updatedAt} title={exactTime(note.updatedAt)}>
          {relativeTime(note.updatedAt, now)}
        </time>
        <Badge note={note} now={now} />
      </span>
    </div>
  )
}

function Excerpt({ hit }: { readonly hit: SearchHit }) {
  return (
    <>
      {hit.excerpt.slice(0, hit.from)}
      <mark>{hit.excerpt.slice(hit.from, hit.to)}</mark>
      {hit.excerpt.slice(hit.to)}
    </>
  )
}

/** The first of the words that the text holds, marked. */
function Marked({ text, words }: { readonly text: string; readonly words: readonly string[] }) {
  const lower = text.toLowerCase()
  const word = words.find((candidate) => lower.includes(candidate))
  // Lower case can be longer (İ): then nothing is marked rather than the wrong letters.
  if (word === undefined || lower.length !== text.length) return text
  const at = lower.indexOf(word)
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + word.length)}</mark>
      {text.slice(at + word.length)}
    </>
  )
}
