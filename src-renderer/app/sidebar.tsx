import { Download, FileInput, FolderInput, Palette, PanelLeftClose, Upload } from 'lucide-react'
import { useId, useRef } from 'react'
import type { CommandId } from '../../src-shared/ipc/commands.ts'
import { PlacesNav } from '../notes/places-nav.tsx'
import { GroupPanel } from '../status/group-panel.tsx'
import { IconButton } from '../ui/button.tsx'
import { useStore } from '../ui/store.ts'
import type { Layout } from './layout-store.ts'
import './sidebar.css'

interface SidebarProps {
  readonly layout: Layout
  readonly run: (command: CommandId) => void
  readonly keysOf: (command: CommandId) => string | null
}

export function Sidebar({ layout, run, keysOf }: SidebarProps) {
  const { room, screen } = useStore(layout)
  return (
    <>
      <header className="pane-bar sidebar-bar">
        <p className="brand">Quire</p>
        {room === 'narrow' ? null : (
          <IconButton
            label="Hide the sidebar"
            keys={keysOf('view.sidebar')}
            onClick={() => layout.toggleSidebar()}
          >
            <PanelLeftClose size={17} aria-hidden />
          </IconButton>
        )}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className="sidebar-scroll" tabIndex={0} aria-label="Devices and places">
        <GroupPanel
          isDevicesShown={screen === 'devices'}
          onDevices={() => run('devices.open')}
          onDetails={() => run('status.details')}
        />
        <PlacesNav
          isElsewhere={screen === 'devices'}
          onChosen={() => {
            layout.show('notes')
            layout.reveal('list')
          }}
        />
      </section>
      <footer className="sidebar-foot">
        <ImportButton run={run} />
        <IconButton label="Export all notes" onClick={() => run('files.export')}>
          <Download size={17} aria-hidden />
        </IconButton>
        <IconButton label="Appearance" onClick={() => run('look.appearance')}>
          <Palette size={17} aria-hidden />
        </IconButton>
        <button type="button" className="foot-commands" onClick={() => run('app.commands')}>
          Commands <kbd>{keysOf('app.commands')}</kbd>
        </button>
      </footer>
    </>
  )
}

function ImportButton({ run }: { readonly run: (command: CommandId) => void }) {
  const id = useId()
  const menu = useRef<HTMLDivElement>(null)
  const choose = (command: CommandId): void => {
    menu.current?.hidePopover()
    run(command)
  }
  return (
    <>
      <IconButton label="Import" popoverTarget={id} className="import-button">
        <Upload size={17} aria-hidden />
      </IconButton>
      <div id={id} popover="auto" ref={menu} className="import-menu">
        <button type="button" onClick={() => choose('files.import-folder')}>
          <FolderInput size={16} aria-hidden /> Import a folder…
        </button>
        <button type="button" onClick={() => choose('files.import-files')}>
          <FileInput size={16} aria-hidden /> Import files…
        </button>
      </div>
    </>
  )
}
