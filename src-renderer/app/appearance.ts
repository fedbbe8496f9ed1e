import { createStore, type Readable } from '../ui/store.ts'

export interface Appearance {
  readonly theme: 'system' | 'light' | 'dark'
  readonly face: 'serif' | 'sans' | 'mono'
}

export interface Looks extends Readable<Appearance> {
  choose(part: Partial<Appearance>): void
}

const key = 'quire.look'
const themes: readonly string[] = ['system', 'light', 'dark']
const faces: readonly string[] = ['serif', 'sans', 'mono']

/** How this window looks: kept on this device, never replicated. */
export function createLooks(): Looks {
  const store = createStore<Appearance>({ theme: 'system', face: 'serif', ...remembered() })
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const apply = (): void => {
    const { theme, face } = store.get()
    const isDark = theme === 'dark' || (theme === 'system' && dark.matches)
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
    document.documentElement.dataset.face = face
  }
  store.subscribe(apply)
  dark.addEventListener('change', apply)
  apply()
  return {
    get: store.get,
    subscribe: store.subscribe,
    choose: (part) => {
      store.merge(part)
      localStorage.setItem(key, JSON.stringify(store.get()))
    },
  }
}

function remembered(): Partial<Appearance> {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Appearance>
    return {
      ...(themes.includes(kept.theme ?? '') ? { theme: kept.theme } : {}),
      ...(faces.includes(kept.face ?? '') ? { face: kept.face } : {}),
    } as Partial<Appearance>
  } catch {
    return {} // not what we wrote: the usual look
  }
}
