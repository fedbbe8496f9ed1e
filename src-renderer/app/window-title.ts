import { useEffect } from 'react'
import type { Notes } from '../notes/notes.ts'
import { useStore } from '../ui/store.ts'

/** The open note's name in the title of the window and of the tab. */
export function useWindowTitle(notes: Notes): void {
  const { byId } = useStore(notes.store)
  const { current } = useStore(notes.browse)
  const title = byId.get(current ?? '')?.title ?? ''
  useEffect(() => {
    document.title = title === '' ? 'Quire' : `${title} · Quire`
  }, [title])
}
