import { createStore, type Readable } from './store.ts'

/** A short message at the foot of the window, said to screen readers too. At most one thing can be done about it. */
export interface Notice {
  readonly id: number
  readonly text: string
  readonly act: { readonly label: string; readonly run: () => void } | null
}

export interface Notices extends Readable<Notice | null> {
  say(text: string, act?: Notice['act']): void
  clear(): void
}

const noticeMs = 7_000

export function createNotices(): Notices {
  const store = createStore<Notice | null>(null)
  let last = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  const clear = (): void => {
    clearTimeout(timer)
    store.set(null)
  }
  return {
    get: store.get,
    subscribe: store.subscribe,
    clear,
    say: (text, act = null) => {
      clearTimeout(timer)
      last += 1
      store.set({ id: last, text, act })
      timer = setTimeout(clear, noticeMs)
    },
  }
}
