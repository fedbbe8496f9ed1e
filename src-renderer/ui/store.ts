import { useCallback, useSyncExternalStore } from 'react'

/** State outside of React: what a feature knows, readable by any part of it. */
export interface Readable<S> {
  get(): S
  /** Called after every change; the answer stops. */
  subscribe(listener: () => void): () => void
}

export interface Store<S> extends Readable<S> {
  set(next: S): void
  /** Takes the fields that change; an equal state is not told to anyone. */
  merge(part: Partial<S>): void
}

export function createStore<S>(initial: S): Store<S> {
  let state = initial
  const listeners = new Set<() => void>()
  const set = (next: S): void => {
    if (Object.is(next, state)) return
    state = next
    for (const listener of [...listeners]) listener()
  }
  return {
    get: () => state,
    set,
    merge: (part) => {
      const keys = Object.keys(part) as (keyof S)[]
      if (keys.some((key) => !Object.is(part[key], state[key]))) set({ ...state, ...part })
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}

export function useStore<S>(store: Readable<S>): S {
  return useSyncExternalStore(store.subscribe, store.get)
}

/** Renders again only when the selected value changes, so `select` must answer the same object for the same state. */
export function useSelected<S, T>(store: Readable<S>, select: (state: S) => T): T {
  const get = useCallback(() => select(store.get()), [store, select])
  return useSyncExternalStore(store.subscribe, get)
}
