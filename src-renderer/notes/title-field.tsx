import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { NoteSummary } from '../../src-shared/ipc/contract.ts'
import { inWords } from '../bridge.ts'
import { useStore } from '../ui/store.ts'
import { useNotes } from './notes.ts'
import type { NoteSession } from './session.ts'

export const titleUnitsMax = 1_000

interface TitleFieldProps {
  readonly session: NoteSession
  /** Undefined while the page is fresh. */
  readonly note: NoteSummary | undefined
  readonly isWritable: boolean
}

function untitled(session: NoteSession, note: NoteSummary | undefined): string {
  if (note !== undefined) return 'Empty note'
  return session.status.get().phase === 'gone' ? 'Deleted note' : 'New note'
}

/**
 * A title that was given stands in ink; one that follows the first line stands back, and is given by typing over it.
 * Taking all of it away gives it back to the first line.
 */
export function TitleField({ session, note, isWritable }: TitleFieldProps) {
  const notes = useNotes()
  const asked = useStore(notes.asked)
  const field = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState<string | null>(null)
  const given = note === undefined || note.titleDerived ? '' : note.title
  useEffect(() => {
    if (asked !== 'title') return
    field.current?.focus()
    field.current?.select()
    notes.asked.set(null)
  }, [asked, notes])

  const keep = async (): Promise<void> => {
    setTyped(null)
    const wanted = (typed ?? given).trim()
    if (wanted === given) return
    try {
      const id = await session.ensureNote()
      const refused = await notes.store.edit({ id, title: wanted === '' ? null : wanted })
      if (refused !== null) notes.notices.say(refused)
    } catch (error) {
      notes.notices.say(inWords(error))
    }
  }
  const keys = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault()
      notes.editor.get()?.focus()
    } else if (event.key === 'Escape') {
      setTyped(given)
      notes.editor.get()?.focus()
    }
  }
  const derived = note?.titleDerived === true ? note.title : ''
  return (
    <input
      ref={field}
      className="title-field"
      aria-label="Title"
      title={
        given === '' ? 'The title follows the first line. Type to give it one of its own.' : given
      }
      placeholder={derived === '' ? untitled(session, note) : derived}
      value={typed ?? given}
      maxLength={titleUnitsMax}
      readOnly={!isWritable}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => void keep()}
      onKeyDown={keys}
    />
  )
}
