import { createStore, type Readable } from '../ui/store.ts'

/** `wide`: three panes side by side. `middle`: the list slides over. `narrow`: one pane at a time. */
export type Room = 'wide' | 'middle' | 'narrow'
export type Pane = 'sidebar' | 'list' | 'main'

export interface LayoutState {
  readonly room: Room
  readonly sidebar: boolean
  readonly list: boolean
  /** In the middle room: the list lies over the note. */
  readonly isListOver: boolean
  /** In the narrow room: which pane is shown. */
  readonly pane: Pane
  readonly sidebarWidth: number
  readonly listWidth: number
  readonly screen: 'notes' | 'devices'
}

export interface Layout extends Readable<LayoutState> {
  toggleSidebar(): void
  toggleList(): void
  /** The note and nothing else; again: everything back. */
  justMain(): void
  /** Brings a pane forward, in whatever way this room has. */
  reveal(pane: Pane): void
  /** Where one pane is shown: the one before it. */
  back(): void
  closeOver(): void
  show(screen: LayoutState['screen']): void
  resize(pane: 'sidebar' | 'list', width: number): void
}

export const widths = {
  sidebar: { min: 200, usual: 240, max: 360 },
  list: { min: 240, usual: 300, max: 480 },
} as const

const key = 'quire.layout'
const narrowBelow = 620
const middleUpTo = 900

export function createLayout(): Layout {
  const store = createStore<LayoutState>({
    room: roomOf(innerWidth),
    sidebar: true,
    list: true,
    isListOver: false,
    pane: 'list',
    sidebarWidth: widths.sidebar.usual,
    listWidth: widths.list.usual,
    screen: 'notes',
    ...remembered(),
  })
  addEventListener('resize', () => store.merge({ room: roomOf(innerWidth) }))
  const keep = (part: Partial<LayoutState>): void => {
    store.merge(part)
    const { sidebar, list, sidebarWidth, listWidth } = store.get()
    localStorage.setItem(key, JSON.stringify({ sidebar, list, sidebarWidth, listWidth }))
  }
  const reveal = (pane: Pane): void => {
    const { room } = store.get()
    if (room === 'narrow') store.merge({ pane })
    else if (pane === 'sidebar') keep({ sidebar: true })
    else if (pane === 'list')
      room === 'middle' ? store.merge({ isListOver: true }) : keep({ list: true })
    else store.merge({ isListOver: false })
  }
  return {
    get: store.get,
    subscribe: store.subscribe,
    reveal,
    toggleSidebar: () => {
      const { room, sidebar, pane } = store.get()
      if (room === 'narrow') store.merge({ pane: pane === 'sidebar' ? 'list' : 'sidebar' })
      else keep({ sidebar: !sidebar })
    },
    toggleList: () => {
      const { room, list, isListOver, pane } = store.get()
      if (room === 'narrow') store.merge({ pane: pane === 'list' ? 'main' : 'list' })
      else if (room === 'middle') store.merge({ isListOver: !isListOver })
      else keep({ list: !list })
    },
    justMain: () => {
      const { room, sidebar, list } = store.get()
      if (room === 'narrow') return store.merge({ pane: 'main' })
      const isAlone = !sidebar && (!list || room === 'middle')
      keep({ sidebar: isAlone, list: isAlone })
      store.merge({ isListOver: false })
    },
    back: () =>
      store.merge({
        pane: store.get().pane === 'main' && store.get().screen === 'notes' ? 'list' : 'sidebar',
      }),
    closeOver: () => store.merge({ isListOver: false }),
    show: (screen) => {
      store.merge({ screen })
      if (screen === 'devices') reveal('main')
    },
    resize: (pane, width) => {
      const { min, max } = widths[pane]
      const bounded = Math.round(Math.min(max, Math.max(min, width)))
      keep(pane === 'sidebar' ? { sidebarWidth: bounded } : { listWidth: bounded })
    },
  }
}

/** Which panes one can get to with F6 now, in order. */
export function panesShown({
  room,
  sidebar,
  list,
  isListOver,
  pane,
  screen,
}: LayoutState): readonly Pane[] {
  if (room === 'narrow') return [pane]
  const isList = screen === 'notes' && (room === 'wide' ? list : isListOver)
  const shown: Pane[] = ['main']
  if (isList) shown.unshift('list')
  if (sidebar) shown.unshift('sidebar')
  return shown
}

function roomOf(width: number): Room {
  if (width < narrowBelow) return 'narrow'
  return width <= middleUpTo ? 'middle' : 'wide'
}

function remembered(): Partial<LayoutState> {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<LayoutState>
    return {
      ...(typeof kept.sidebar === 'boolean' ? { sidebar: kept.sidebar } : {}),
      ...(typeof kept.list === 'boolean' ? { list: kept.list } : {}),
      ...(isWidth('sidebar', kept.sidebarWidth) ? { sidebarWidth: kept.sidebarWidth } : {}),
      ...(isWidth('list', kept.listWidth) ? { listWidth: kept.listWidth } : {}),
    }
  } catch {
    return {} // not what we wrote: the usual layout
  }
}

function isWidth(pane: 'sidebar' | 'list', width: unknown): width is number {
  return typeof width === 'number' && width >= widths[pane].min && width <= widths[pane].max
}
