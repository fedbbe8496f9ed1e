import { Search, SquarePen, Trash2, X } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, type Ref, useRef } from 'react'
import { Button, IconButton } from '../ui/button.tsx'
import { useStore } from '../ui/store.ts'
import { placesOf } from './browse.ts'
import { NoteList, titleOf } from './note-list.tsx'
import { useNotes } from './notes.ts'
import './list-pane.css'

interface ListPaneProps {
  /** Buttons of the layout that stand before the title. */
  readonly before: ReactNode
  readonly newKeys: string | null
  readonly searchField: Ref<HTMLInputElement>
  readonly onChosen: () => void
}

/** The middle pane: what is shown, the search, the notes. */
export function ListPane({ before, newKeys, searchField, onChosen }: ListPaneProps) {
  const notes = useNotes()
  const { filter } = useStore(notes.browse)
  const { byId } = useStore(notes.store)
  const isTrash = filter.kind === 'trash'
  return (
    <>
      <header className="pane-bar list-bar">
        {before}
        <h2 className="list-title">{titleOf(filter)}</h2>
        <IconButton
          label="New note"
          keys={newKeys}
          onClick={() => {
            notes.newNote()
            onChosen()
          }}
        >
          <SquarePen size={17} aria-hidden />
        </IconButton>
      </header>
      <SearchField field={searchField} />
      {isTrash && placesOf(byId).trash > 0 ? (
        <div className="list-trash">
          <Button look="quiet" onClick={() => notes.asked.set('empty-trash')}>
            <Trash2 size={14} aria-hidden /> Empty the trash…
          </Button>
        </div>
      ) : null}
      <NoteList onChosen={onChosen} />
    </>
  )
}

function SearchField({ field }: { readonly field: Ref<HTMLInputElement> }) {
  const notes = useNotes()
  const { query } = useStore(notes.browse)
  const box = useRef<HTMLDivElement>(null)
  const keys = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && query !== '') {
      event.preventDefault()
      notes.browse.search('')
    } else if (event.key === 'ArrowDown' || event.key === 'Enter') {
      event.preventDefault()
      const list = box.current?.parentElement?.querySelector<HTMLElement>('[role="listbox"]')
      list?.focus()
      list?.querySelector<HTMLElement>('.note-row')?.click()
    }
  }
  return (
    <div className="search" ref={box}>
      <Search size={15} aria-hidden className="search-sign" />
      <input
        ref={field}
        type="search"
        className="search-field"
        placeholder="Search"
        aria-label="Search all notes"
        value={query}
        spellCheck={false}
        onChange={(event) => notes.browse.search(event.target.value)}
        onKeyDown={keys}
      />
      {query === '' ? null : (
        <IconButton label="Clear the search" onClick={() => notes.browse.search('')}>
          <X size={14} aria-hidden />
        </IconButton>
      )}
    </div>
  )
}
