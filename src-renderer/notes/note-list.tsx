import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react'
import { useStore } from '../ui/store.ts'
import { useNow } from '../ui/time.ts'
import { count } from '../ui/words.ts'
import { type Filter, type Row, rowsOf } from './browse.ts'
import { NoteRow } from './note-row.tsx'
import { type Notes, useNotes } from './notes.ts'
import './note-list.css'

/** Must agree with note-list.css. */
const rowHeight = 80

interface NoteListProps {
  /** A note was chosen: where only one pane fits, the editor comes forward. */
  readonly onChosen: () => void
}

export function NoteList({ onChosen }: NoteListProps) {
  const notes = useNotes()
  const { phase, byId } = useStore(notes.store)
  const { filter, query, hits, answered, current, draft } = useStore(notes.browse)
  const now = useNow()
  const rows = useMemo(() => rowsOf(byId, filter, query, hits), [byId, filter, query, hits])
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.note.id ?? index,
    overscan: 8,
    paddingStart: 6,
    paddingEnd: 44,
  })
  const at = rows.findIndex((row) => row.note.id === current)
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' })
  }, [at, virtual])

  if (phase === 'loading') return <Loading />
  const isFresh = draft > 0 && current === null && query === '' && filter.kind !== 'trash'
  if (rows.length === 0 && !isFresh) {
    return <Nothing filter={filter} query={query} isSearching={query.trim() !== answered} />
  }
  const move = (event: KeyboardEvent): void => {
    const to = target(event.key, at, rows.length)
    if (to === null || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    if (to === 'in') {
      onChosen()
      notes.editor.get()?.focus()
    } else {
      const row = rows[to]
      if (row !== undefined) notes.open(row.note.id)
    }
  }
  return (
    <div
      ref={scroller}
      className="note-list"
      role="listbox"
      tabIndex={0}
      aria-label={`${titleOf(filter)}, ${count(rows.length, 'note')}`}
      aria-activedescendant={at >= 0 ? rowId(current) : undefined}
      onKeyDown={move}
    >
      {isFresh ? <FreshRow /> : null}
      <div className="note-list-all" role="presentation" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index]
          if (row === undefined) return null
          return (
            <div
              key={item.key}
              className="note-list-place"
              role="presentation"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <NoteRow
                id={rowId(row.note.id)}
                row={row}
                now={now}
                query={query}
                isCurrent={row.note.id === current}
                position={item.index + 1}
                size={rows.length}
                onOpen={() => choose(notes, row, onChosen)}
              />
            </div>
          )
        })}
      </div>
    </div>
  )
}

function choose(notes: Notes, row: Row, onChosen: () => void): void {
  notes.open(row.note.id)
  onChosen()
}

function rowId(id: string | null): string {
  return `note-${id}`
}

const page = 8

/** Where a key leads from the row at `at`; `in`: into the text. */
function target(key: string, at: number, rows: number): number | 'in' | null {
  const last = rows - 1
  switch (key) {
    case 'ArrowDown':
      return Math.min(at + 1, last)
    case 'ArrowUp':
      return Math.max(at - 1, 0)
    case 'PageDown':
      return Math.min(at + page, last)
    case 'PageUp':
      return Math.max(at - page, 0)
    case 'Home':
      return 0
    case 'End':
      return last
    case 'Enter':
      return at >= 0 ? 'in' : null
    default:
      return null
  }
}

export function titleOf(filter: Filter): string {
  switch (filter.kind) {
    case 'all':
      return 'All notes'
    case 'pinned':
      return 'Pinned'
    case 'trash':
      return 'Trash'
    case 'tag':
      return `#${filter.tag}`
  }
}

function FreshRow() {
  return (
    <div className="note-row is-current is-fresh" role="option" aria-selected="true" tabIndex={-1}>
      <span className="note-row-head">
        <span className="note-row-title">New note</span>
      </span>
      <span className="note-row-preview">It is kept from the first letter on.</span>
    </div>
  )
}

function Loading() {
  return (
    <div className="note-list is-loading" aria-busy="true">
      <p className="unseen">Reading your notes.</p>
      {['a', 'b', 'c', 'd', 'e'].map((key) => (
        <div key={key} className="note-row-ghost" />
      ))}
    </div>
  )
}

interface NothingProps {
  readonly filter: Filter
  readonly query: string
  readonly isSearching: boolean
}

function Nothing({ filter, query, isSearching }: NothingProps) {
  const [head, more] = query.trim() === '' ? emptyWords(filter) : foundNothing(query, isSearching)
  return (
    <div className="note-list-nothing" role="status">
      <p className="note-list-nothing-head">{head}</p>
      <p>{more}</p>
    </div>
  )
}

function foundNothing(query: string, isSearching: boolean): readonly [string, string] {
  if (isSearching) return ['Searching…', '']
  return [
    `Nothing says “${query.trim()}”.`,
    'Titles, tags and the text of every note were searched.',
  ]
}

function emptyWords(filter: Filter): readonly [string, string] {
  switch (filter.kind) {
    case 'all':
      return ['No notes yet.', 'Press New note, or drop a folder of Markdown here.']
    case 'pinned':
      return ['Nothing is pinned.', 'Pin a note, and it stays at the top.']
    case 'trash':
      return ['The trash is empty.', 'What you throw away waits here until you say so.']
    case 'tag':
      return [`No note has the tag “${filter.tag}”.`, 'Tags stand under a note’s title.']
  }
}
