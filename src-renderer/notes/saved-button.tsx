import { useEffect, useId, useRef } from 'react'
import type { NoteSummary } from '../../src-shared/ipc/contract.ts'
import { useStore } from '../ui/store.ts'
import { exactTime, relativeTimeInWords, useNow } from '../ui/time.ts'
import { count } from '../ui/words.ts'
import { Badge, durabilitySentence, isWaitingLong } from './badge.tsx'
import { useNotes } from './notes.ts'
import './saved-button.css'

/** The badge of the open note; pressed, or asked with the keys of "save", it says what it means. */
export function SavedButton({
  note,
  keys,
}: {
  readonly note: NoteSummary
  readonly keys: string | null
}) {
  const { asked, editor } = useNotes()
  const isAsked = useStore(asked) === 'saved'
  const now = useNow()
  const card = useRef<HTMLDivElement>(null)
  const id = useId()
  useEffect(() => {
    if (isAsked && card.current?.matches(':popover-open') === false) card.current.showPopover()
  }, [isAsked])
  return (
    <div className="saved">
      <button
        type="button"
        className="saved-button"
        popoverTarget={id}
        title={keys === null ? 'Where is this note saved?' : `Where is this note saved?  ${keys}`}
      >
        <span role="status" aria-live="polite">
          <Badge note={note} now={now} />
        </span>
      </button>
      <div
        ref={card}
        id={id}
        popover="auto"
        className="saved-card"
        onToggle={(event) => {
          if (event.newState === 'open') return
          asked.set(null)
          if (document.activeElement === document.body) editor.get()?.focus()
        }}
      >
        <Badge note={note} now={now} />
        <p>{durabilitySentence(note.durability)}</p>
        <Waiting note={note} now={now} />
        <p className="saved-when">
          Last edit: <time dateTime={note.updatedAt}>{exactTime(note.updatedAt)}</time>
        </p>
      </div>
    </div>
  )
}

function Waiting({ note, now }: { readonly note: NoteSummary; readonly now: number }) {
  if (note.pending === 0) return null
  const since = isWaitingLong(note, now)
    ? `, waiting since ${relativeTimeInWords(note.updatedAt, now)}`
    : ''
  return <p>{`${count(note.pending, 'edit')} not shared yet${since}.`}</p>
}
