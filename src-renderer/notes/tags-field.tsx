import { Plus, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import type { NoteSummary } from '../../src-shared/ipc/contract.ts'
import { useStore } from '../ui/store.ts'
import { placesOf } from './browse.ts'
import { useNotes } from './notes.ts'
import './tags-field.css'

export const tagUnitsMax = 200

/** The note's tags, each with a way off, and a field for one more that knows those of the other notes. */
export function TagsField({
  note,
  isWritable,
}: {
  readonly note: NoteSummary
  readonly isWritable: boolean
}) {
  const notes = useNotes()
  const asked = useStore(notes.asked)
  const [isAdding, setAdding] = useState(false)
  const set = async (tags: readonly string[]): Promise<void> => {
    const refused = await notes.store.edit({ id: note.id, tags })
    if (refused !== null) notes.notices.say(refused)
  }
  useEffect(() => {
    if (asked !== 'tags') return
    setAdding(true)
    notes.asked.set(null)
  }, [asked, notes])
  return (
    <div className="tags">
      <ul className="tags-list" aria-label="Tags">
        {note.tags.map((tag) => (
          <li key={tag} className="tag">
            <button
              type="button"
              className="tag-name"
              title={`Show notes with “${tag}”`}
              onClick={() => notes.browse.show({ kind: 'tag', tag })}
            >
              #{tag}
            </button>
            {isWritable ? (
              <button
                type="button"
                className="tag-off"
                aria-label={`Take the tag ${tag} off`}
                title="Take this tag off"
                onClick={() => void set(note.tags.filter((other) => other !== tag))}
              >
                <X size={11} aria-hidden />
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      {!isWritable ? null : isAdding ? (
        <TagInput
          taken={note.tags}
          onDone={(tag) => {
            setAdding(false)
            if (tag !== '' && !note.tags.includes(tag)) void set([...note.tags, tag])
            notes.editor.get()?.focus()
          }}
        />
      ) : (
        <button type="button" className="tag-add" onClick={() => setAdding(true)}>
          <Plus size={12} aria-hidden /> Tag
        </button>
      )}
    </div>
  )
}

interface TagInputProps {
  readonly taken: readonly string[]
  readonly onDone: (tag: string) => void
}

function TagInput({ taken, onDone }: TagInputProps) {
  const notes = useNotes()
  const places = placesOf(useStore(notes.store).byId)
  const [typed, setTyped] = useState('')
  const known = useId()
  const isDone = useRef(false)
  const done = (tag: string): void => {
    if (isDone.current) return
    isDone.current = true
    onDone(tag.trim().replace(/^#+/, ''))
  }
  const keys = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter' || event.key === ',') {
      event.preventDefault()
      done(typed)
    } else if (event.key === 'Escape') {
      done('')
    }
  }
  return (
    <>
      <input
        className="tag-input"
        aria-label="New tag"
        placeholder="New tag"
        list={known}
        value={typed}
        maxLength={tagUnitsMax}
        // biome-ignore lint/a11y/noAutofocus: the person has just asked for this field.
        autoFocus
        onChange={(event) => setTyped(event.target.value)}
        onBlur={() => done(typed)}
        onKeyDown={keys}
      />
      <datalist id={known}>
        {places.tags
          .filter(({ tag }) => !taken.includes(tag))
          .map(({ tag }) => (
            <option key={tag} value={tag} />
          ))}
      </datalist>
    </>
  )
}
