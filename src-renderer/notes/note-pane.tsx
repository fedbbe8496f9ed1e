import { FilePen, Pin, RotateCcw, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import type { NoteSummary } from '../../src-shared/ipc/contract.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { useStore } from '../ui/store.ts'
import { exactTime, relativeTimeInWords, useNow } from '../ui/time.ts'
import { NoteEditor } from './note-editor.tsx'
import { useNotes } from './notes.ts'
import { SavedButton } from './saved-button.tsx'
import type { NoteSession } from './session.ts'
import { TagsField } from './tags-field.tsx'
import { TitleField } from './title-field.tsx'
import './note-pane.css'

interface NotePaneProps {
  /** Buttons of the layout that stand before the title. */
  readonly before: ReactNode
  /** Null: the note may be written in. Otherwise why not. */
  readonly closed: string | null
  /** The name of a device that is a step's author; null when it is not one of them. */
  readonly nameOf: (client: string) => string | null
  readonly keysOf: (command: 'note.pin' | 'note.trash' | 'note.saved' | 'note.new') => string | null
}

/** The right pane: one note, or what to do when there is none. */
export function NotePane(props: NotePaneProps) {
  const notes = useNotes()
  const session = useStore(notes.session)
  if (session === null) {
    return <NoNote words="No note is open." before={props.before} keys={props.keysOf('note.new')} />
  }
  return <OpenNote {...props} session={session} />
}

function OpenNote(props: NotePaneProps & { readonly session: NoteSession }) {
  const { session, before, closed, nameOf, keysOf } = props
  const notes = useNotes()
  const { byId } = useStore(notes.store)
  const { current } = useStore(notes.browse)
  const status = useStore(session.status)
  const note = current === null ? undefined : byId.get(current)
  if (status.phase === 'missing') {
    const words = 'This note was deleted on another device.'
    return <NoNote words={words} before={before} keys={keysOf('note.new')} />
  }
  const isWritable = closed === null && note?.trashed !== true && status.phase !== 'gone'
  return (
    <>
      <header className="pane-bar note-bar">
        {before}
        <div className="note-head">
          <TitleField key={current} session={session} note={note} isWritable={isWritable} />
          <div className="note-under">
            {note === undefined ? null : (
              <>
                <Edited note={note} session={session} nameOf={nameOf} />
                <TagsField note={note} isWritable={isWritable} />
              </>
            )}
          </div>
        </div>
        {note === undefined ? null : <NoteActions note={note} closed={closed} keysOf={keysOf} />}
      </header>
      <NoteStrip session={session} note={note} />
      <NoteEditor session={session} isWritable={isWritable} />
    </>
  )
}

/** How long "Desktop is writing" stays after the last foreign step, in ms: about one renewal of the shared clock. */
const foreignMs = 20_000

interface EditedProps {
  readonly note: NoteSummary
  readonly session: NoteSession
  readonly nameOf: (client: string) => string | null
}

function Edited({ note, session, nameOf }: EditedProps) {
  const now = useNow()
  const { foreign } = useStore(session.status)
  if (foreign !== null && now - foreign.at < foreignMs) {
    const name = nameOf(foreign.client)
    return (
      <span className="note-foreign">
        <FilePen size={13} aria-hidden />
        {name === null ? 'Being edited elsewhere' : `Being edited on ${name}`}
      </span>
    )
  }
  return (
    <time className="note-edited" dateTime={note.updatedAt} title={exactTime(note.updatedAt)}>
      Edited {relativeTimeInWords(note.updatedAt, now)}
    </time>
  )
}

interface NoteActionsProps extends Pick<NotePaneProps, 'closed' | 'keysOf'> {
  readonly note: NoteSummary
}

function NoteActions({ note, closed, keysOf }: NoteActionsProps) {
  const notes = useNotes()
  return (
    <div className="note-actions">
      <SavedButton key={note.id} note={note} keys={keysOf('note.saved')} />
      {note.trashed ? null : (
        <>
          <IconButton
            label={note.pinned ? 'Unpin' : 'Pin to the top'}
            keys={keysOf('note.pin')}
            pressed={note.pinned}
            blocked={closed}
            onClick={() => void notes.togglePin(note.id)}
          >
            <Pin size={17} aria-hidden fill={note.pinned ? 'currentColor' : 'none'} />
          </IconButton>
          <IconButton
            label="Move to trash"
            blocked={closed}
            keys={keysOf('note.trash')}
            onClick={() => void notes.trash(note.id)}
          >
            <Trash2 size={17} aria-hidden />
          </IconButton>
        </>
      )}
    </div>
  )
}

/** What stands between the person and the text: the trash, a deletion elsewhere, a refusal. One line, above the text. */
function NoteStrip({
  session,
  note,
}: {
  readonly session: NoteSession
  readonly note: NoteSummary | undefined
}) {
  const notes = useNotes()
  const { phase, problem } = useStore(session.status)
  if (phase === 'gone') {
    return (
      <div className="note-strip" role="status">
        <p>This note was deleted for ever. Its text is still here.</p>
        <Button onClick={() => void keepCopy(notes, session.state.doc.toString())}>
          Keep it as a new note
        </Button>
      </div>
    )
  }
  if (problem !== null) {
    return (
      <div className="note-strip is-waiting" role="status">
        <p>{problem} What you typed stays in this window and is tried again.</p>
      </div>
    )
  }
  if (note?.trashed !== true) return null
  return (
    <div className="note-strip" role="status">
      <p>This note is in the trash.</p>
      <Button onClick={() => void notes.restore(note.id)}>
        <RotateCcw size={14} aria-hidden /> Restore
      </Button>
      <Button look="quiet" onClick={() => notes.asked.set('purge')}>
        Delete for ever…
      </Button>
    </div>
  )
}

async function keepCopy(notes: ReturnType<typeof useNotes>, text: string): Promise<void> {
  const refused = await notes.store.create(text)
  if (typeof refused === 'string') notes.notices.say(refused)
  else notes.open(refused.id, 'text')
}

interface NoNoteProps {
  readonly words: string
  readonly before: ReactNode
  readonly keys: string | null
}

function NoNote({ words, before, keys }: NoNoteProps) {
  const notes = useNotes()
  const { phase } = useStore(notes.store)
  return (
    <>
      <header className="pane-bar note-bar">{before}</header>
      {phase === 'loading' ? null : (
        <div className="no-note">
          <p>{words}</p>
          <Button onClick={() => notes.newNote()} title={keys ?? undefined}>
            New note
          </Button>
        </div>
      )}
    </>
  )
}
