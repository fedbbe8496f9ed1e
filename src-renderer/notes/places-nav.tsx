import { Hash, NotebookText, Pin, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { useStore } from '../ui/store.ts'
import { type Filter, placesOf, sameFilter } from './browse.ts'
import { useNotes } from './notes.ts'
import './places-nav.css'

interface PlacesNavProps {
  /** Another screen than the notes is shown: then no place is the current one. */
  readonly isElsewhere: boolean
  readonly onChosen: () => void
}

/** The lower part of the sidebar: everything, what is pinned, the tags, the trash. */
export function PlacesNav({ isElsewhere, onChosen }: PlacesNavProps) {
  const notes = useNotes()
  const { filter } = useStore(notes.browse)
  const places = placesOf(useStore(notes.store).byId)
  const item = (to: Filter, label: string, icon: ReactNode, number: number) => (
    <li key={label}>
      <button
        type="button"
        className="place"
        aria-current={!isElsewhere && sameFilter(filter, to) ? 'page' : undefined}
        onClick={() => {
          notes.browse.show(to)
          onChosen()
        }}
      >
        {icon}
        <span className="place-name">{label}</span>
        <span className="place-count">{number === 0 ? '' : number.toLocaleString('en')}</span>
      </button>
    </li>
  )
  return (
    <nav className="places" aria-label="Notes">
      <ul>
        {item({ kind: 'all' }, 'All notes', <NotebookText {...icon} />, places.all)}
        {item({ kind: 'pinned' }, 'Pinned', <Pin {...icon} />, places.pinned)}
        {item({ kind: 'trash' }, 'Trash', <Trash2 {...icon} />, places.trash)}
      </ul>
      {places.tags.length === 0 ? null : (
        <>
          <h2 className="side-heading">Tags</h2>
          <ul>
            {places.tags.map(({ tag, notes: number }) =>
              item({ kind: 'tag', tag }, tag, <Hash {...icon} />, number),
            )}
          </ul>
        </>
      )}
    </nav>
  )
}

const icon = { size: 15, 'aria-hidden': true } as const
