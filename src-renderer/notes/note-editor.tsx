import { useEffect, useRef } from 'react'
import { useStore } from '../ui/store.ts'
import { setWritable } from './editor-setup.ts'
import { showEditor } from './editor-view.ts'
import { useNotes } from './notes.ts'
import type { NoteSession } from './session.ts'
import './editor.css'
import './markdown.css'

interface NoteEditorProps {
  readonly session: NoteSession
  readonly isWritable: boolean
}

export function NoteEditor({ session, isWritable }: NoteEditorProps) {
  const { editor } = useNotes()
  const { phase } = useStore(session.status)
  const host = useRef<HTMLDivElement>(null)
  const isHere = phase === 'open' || phase === 'gone'
  useEffect(() => {
    if (!isHere || host.current === null) return
    return showEditor(session, host.current, editor.set)
  }, [session, isHere, editor])
  useEffect(() => {
    const view = isHere ? editor.get() : null
    if (view !== null) setWritable(view, isWritable && phase !== 'gone')
  }, [isHere, isWritable, phase, editor])
  return <div className="editor" ref={host} aria-busy={!isHere} />
}
