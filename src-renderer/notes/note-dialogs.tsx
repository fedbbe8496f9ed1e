import { Confirm } from '../ui/confirm.tsx'
import { useStore } from '../ui/store.ts'
import { count } from '../ui/words.ts'
import { ImportDialog } from './import-dialog.tsx'
import { destination, safeLink } from './links.ts'
import { type Notes, useNotes } from './notes.ts'
import './note-dialogs.css'

/** What the notes ask before they act. */
export function NoteDialogs() {
  const notes = useNotes()
  const asked = useStore(notes.asked)
  const link = useStore(notes.link)
  return (
    <>
      {asked === 'purge' ? <PurgeDialog notes={notes} /> : null}
      {asked === 'empty-trash' ? <EmptyTrashDialog notes={notes} /> : null}
      {link === null ? null : <LinkDialog notes={notes} address={link} />}
      <ImportDialog />
    </>
  )
}

function PurgeDialog({ notes }: { readonly notes: Notes }) {
  const { current } = useStore(notes.browse)
  const note = useStore(notes.store).byId.get(current ?? '')
  if (note === undefined) return null
  const close = () => notes.asked.set(null)
  return (
    <Confirm
      title="Delete this note for ever?"
      act="Delete for ever"
      destroys
      onClose={close}
      onConfirm={() => {
        close()
        void notes.purge([note.id])
      }}
    >
      <p>
        “{note.title === '' ? 'Empty note' : note.title}” will be gone from all of your devices.
        This cannot be taken back.
      </p>
    </Confirm>
  )
}

function EmptyTrashDialog({ notes }: { readonly notes: Notes }) {
  const { byId } = useStore(notes.store)
  const ids = [...byId.values()].filter((note) => note.trashed).map((note) => note.id)
  const close = () => notes.asked.set(null)
  return (
    <Confirm
      title="Empty the trash?"
      act={`Delete ${count(ids.length, 'note')} for ever`}
      destroys
      blocked={ids.length === 0 ? 'The trash is empty.' : null}
      onClose={close}
      onConfirm={() => {
        close()
        void notes.purge(ids)
      }}
    >
      <p>
        {count(ids.length, 'note')} will be gone from all of your devices. This cannot be taken
        back.
      </p>
    </Confirm>
  )
}

function LinkDialog({ notes, address }: { readonly notes: Notes; readonly address: string }) {
  const url = safeLink(address)
  const close = () => notes.link.set(null)
  if (url === null) {
    return (
      <Confirm
        title="This address is not opened"
        act="Open"
        blocked="Only web and mail addresses are opened."
        onClose={close}
        onConfirm={close}
      >
        <p>
          From a note, Quire opens web addresses and mail addresses, and nothing else. This one
          says:
        </p>
        <p className="link-address">{address}</p>
      </Confirm>
    )
  }
  return (
    <Confirm
      title={url.protocol === 'mailto:' ? 'Write to this address?' : 'Open this page?'}
      act="Open"
      onClose={close}
      onConfirm={() => {
        close()
        notes.openLink(url)
      }}
    >
      <p className="link-host">{destination(url)}</p>
      <p className="link-address">{url.href}</p>
    </Confirm>
  )
}
