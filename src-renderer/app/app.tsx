import { ChevronLeft, List, PanelLeftOpen } from 'lucide-react'
import { useEffect, useMemo, useRef } from 'react'
import type { CommandId } from '../../src-shared/ipc/commands.ts'
import type { WindowBridge } from '../bridge.ts'
import { DevicesScreen } from '../devices/devices-screen.tsx'
import { type Devices, DevicesContext } from '../devices/devices-store.ts'
import { type ImportDoor, ImportDrop } from '../notes/import-drop.tsx'
import { ListPane } from '../notes/list-pane.tsx'
import { NoteDialogs } from '../notes/note-dialogs.tsx'
import { NotePane } from '../notes/note-pane.tsx'
import { type Notes, NotesContext } from '../notes/notes.ts'
import { Switcher } from '../notes/switcher.tsx'
import { Details } from '../status/details.tsx'
import { Locked } from '../status/locked.tsx'
import { StatusContext, type StatusModel, useStatus } from '../status/status-store.ts'
import { TroubleStrip } from '../status/trouble-strip.tsx'
import { IconButton } from '../ui/button.tsx'
import { NoticeBar } from '../ui/notice.tsx'
import { createStore, useStore } from '../ui/store.ts'
import type { Looks } from './appearance.ts'
import { AppearanceDialog } from './appearance-dialog.tsx'
import { keysIn, listenForKeys } from './keys.ts'
import { Panes } from './layout.tsx'
import type { Layout } from './layout-store.ts'
import { Palette } from './palette.tsx'
import { createActs, type Over, whyNot } from './run.ts'
import { Sidebar } from './sidebar.tsx'
import { useWindowTitle } from './window-title.ts'

export interface Models {
  readonly bridge: WindowBridge
  readonly notes: Notes
  readonly devices: Devices
  readonly status: StatusModel
  readonly layout: Layout
  readonly looks: Looks
}

/** The shell: it alone knows all the features, and lays them side by side. */
export function App({ models }: { readonly models: Models }) {
  return (
    <StatusContext value={models.status}>
      <DevicesContext value={models.devices}>
        <NotesContext value={models.notes}>
          <Shell {...models} />
        </NotesContext>
      </DevicesContext>
    </StatusContext>
  )
}

function Shell({ bridge, notes, status, layout, looks }: Models) {
  useMeasuredFace(looks, notes)
  const importDoor = useRef<ImportDoor | null>(null)
  const searchField = useRef<HTMLInputElement | null>(null)
  const over = useMemo(() => createStore<Over>(null), [])
  const parts = useMemo(
    () => ({ bridge, notes, layout, over, importDoor, searchField }),
    [bridge, notes, layout, over],
  )
  const run = useMemo(() => {
    const acts = createActs(parts)
    return (command: CommandId): void => {
      const reason = whyNot(command, parts)
      if (reason === null) acts[command]()
      else notes.notices.say(reason)
    }
  }, [parts, notes])
  const keysOf = useMemo(() => keysIn(bridge.shell), [bridge])
  useEffect(() => listenForKeys(bridge.shell, run), [bridge, run])
  useEffect(() => bridge.hearCommand(run), [bridge, run])
  useWindowTitle(notes)
  const { draft } = useStore(notes.browse)
  // A fresh page is there to be written on: where only one pane fits, it comes forward.
  useEffect(() => {
    if (draft > 0) layout.reveal('main')
  }, [draft, layout])

  const { kind } = useStore(status.connection)
  const what = useStore(over)
  const { screen } = useStore(layout)
  const close = () => over.set(null)
  return (
    <>
      <div className="window" inert={kind === 'locked'}>
        <Panes
          layout={layout}
          sidebar={<Sidebar layout={layout} run={run} keysOf={keysOf} />}
          list={
            <ListPane
              before={<BeforeList layout={layout} keysOf={keysOf} />}
              newKeys={keysOf('note.new')}
              searchField={searchField}
              onChosen={() => layout.reveal('main')}
            />
          }
          main={
            <>
              {screen === 'devices' ? (
                <DevicesScreen before={<BeforeMain layout={layout} keysOf={keysOf} />} />
              ) : (
                <Note layout={layout} keysOf={keysOf} />
              )}
              <TroubleStrip unsent={notes.sessions.unsent} />
            </>
          }
        />
        <ImportDrop door={importDoor} />
      </div>
      <NoteDialogs />
      {what === 'switcher' ? (
        <Switcher
          onClose={close}
          onChosen={() => {
            layout.show('notes')
            layout.reveal('main')
          }}
        />
      ) : null}
      {what === 'palette' ? (
        <Palette
          keysOf={keysOf}
          blockedOf={(command) => whyNot(command, parts)}
          run={run}
          onClose={close}
        />
      ) : null}
      {what === 'details' ? <Details onClose={close} /> : null}
      {what === 'appearance' ? <AppearanceDialog looks={looks} onClose={close} /> : null}
      <NoticeBar notices={notes.notices} />
      {kind === 'locked' ? <Locked /> : null}
    </>
  )
}

/** Another face is as wide as it is: once it is there, the editor looks again where everything stands. */
function useMeasuredFace(looks: Looks, notes: Notes): void {
  useEffect(
    () =>
      looks.subscribe(() => {
        void document.fonts.ready.then(() => notes.editor.get()?.requestMeasure())
      }),
    [looks, notes],
  )
}

interface BarProps {
  readonly layout: Layout
  readonly keysOf: (command: CommandId) => string | null
}

function Note({ layout, keysOf }: BarProps) {
  const status = useStatus()
  const isRemoved = status?.device.role === 'removed'
  return (
    <NotePane
      before={<BeforeMain layout={layout} keysOf={keysOf} />}
      closed={isRemoved ? 'This device was removed from the group.' : null}
      nameOf={(client) => status?.members.find((member) => member.id === client)?.name ?? null}
      keysOf={keysOf}
    />
  )
}

/** The ways back to what is hidden on the left, before a pane's title. */
function BeforeList({ layout, keysOf }: BarProps) {
  const { room, sidebar } = useStore(layout)
  if (room === 'narrow') return <Back label="Devices and places" layout={layout} />
  return sidebar ? null : <ShowSidebar layout={layout} keysOf={keysOf} />
}

function BeforeMain({ layout, keysOf }: BarProps) {
  const { room, sidebar, list, screen } = useStore(layout)
  if (room === 'narrow') {
    return <Back label={screen === 'notes' ? 'Notes' : 'Devices and places'} layout={layout} />
  }
  const isListHidden = screen === 'notes' && (room === 'middle' || !list)
  return (
    <>
      {sidebar || (list && room === 'wide' && screen === 'notes') ? null : (
        <ShowSidebar layout={layout} keysOf={keysOf} />
      )}
      {isListHidden ? (
        <IconButton
          label="Show the list"
          keys={keysOf('view.list')}
          onClick={() => layout.reveal('list')}
        >
          <List size={18} aria-hidden />
        </IconButton>
      ) : null}
    </>
  )
}

function ShowSidebar({ layout, keysOf }: BarProps) {
  return (
    <IconButton
      label="Show the sidebar"
      keys={keysOf('view.sidebar')}
      onClick={() => layout.reveal('sidebar')}
    >
      <PanelLeftOpen size={17} aria-hidden />
    </IconButton>
  )
}

function Back({ label, layout }: { readonly label: string; readonly layout: Layout }) {
  return (
    <IconButton label={`Back: ${label}`} onClick={() => layout.back()}>
      <ChevronLeft size={20} aria-hidden />
    </IconButton>
  )
}
