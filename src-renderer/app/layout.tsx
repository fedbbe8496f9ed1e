import { type ReactNode, useEffect, useRef } from 'react'
import { classes } from '../ui/button.tsx'
import { Splitter } from '../ui/splitter.tsx'
import { useStore } from '../ui/store.ts'
import { type Layout, panesShown, widths } from './layout-store.ts'
import './layout.css'

interface PanesProps {
  readonly layout: Layout
  readonly sidebar: ReactNode
  readonly list: ReactNode
  readonly main: ReactNode
}

/** Three panes in the room there is. All stay mounted, so that nothing is lost by looking elsewhere; hidden ones are inert. */
export function Panes({ layout, sidebar, list, main }: PanesProps) {
  const state = useStore(layout)
  const frame = useRef<HTMLElement>(null)
  const shown = panesShown(state)
  const { room, sidebarWidth, listWidth } = state
  const isOver = room === 'middle' && shown.includes('list')
  useEffect(() => {
    frame.current?.style.setProperty('--sidebar-width', `${sidebarWidth}px`)
    frame.current?.style.setProperty('--list-width', `${listWidth}px`)
  }, [sidebarWidth, listWidth])
  useEffect(() => {
    if (!isOver) return
    const close = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') layout.closeOver()
    }
    window.addEventListener('keydown', close)
    return () => window.removeEventListener('keydown', close)
  }, [isOver, layout])
  return (
    <main
      ref={frame}
      className={classes('panes', room, shown.includes('sidebar') && 'has-sidebar')}
    >
      <h1 className="unseen">Quire</h1>
      <section
        className="pane sidebar"
        data-pane="sidebar"
        hidden={!shown.includes('sidebar')}
        aria-label="Sidebar"
      >
        {sidebar}
      </section>
      {room !== 'narrow' && shown.includes('sidebar') ? (
        <Splitter
          label="Width of the sidebar"
          width={sidebarWidth}
          {...widths.sidebar}
          onResize={(width) => layout.resize('sidebar', width)}
          onReset={() => layout.resize('sidebar', widths.sidebar.usual)}
        />
      ) : null}
      <section
        className={classes('pane', 'list', isOver && 'is-over')}
        data-pane="list"
        hidden={!shown.includes('list')}
        aria-label="List of notes"
      >
        {list}
      </section>
      {room === 'wide' && shown.includes('list') ? (
        <Splitter
          label="Width of the list"
          width={listWidth}
          {...widths.list}
          onResize={(width) => layout.resize('list', width)}
          onReset={() => layout.resize('list', widths.list.usual)}
        />
      ) : null}
      <section
        className="pane main"
        aria-label="Note or devices"
        data-pane="main"
        hidden={!shown.includes('main')}
        inert={isOver}
      >
        {main}
      </section>
      {isOver ? (
        // biome-ignore lint/a11y/noStaticElementInteractions: a click beside the list closes it; Escape does so by keyboard.
        <div className="over-scrim" role="presentation" onMouseDown={() => layout.closeOver()} />
      ) : null}
    </main>
  )
}
