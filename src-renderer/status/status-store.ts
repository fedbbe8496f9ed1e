import { createContext, useContext } from 'react'
import type { Status } from '../../src-shared/ipc/contract.ts'
import { type Connection, LostConnection, type WindowBridge } from '../bridge.ts'
import { createStore, type Readable, useStore } from '../ui/store.ts'

/** How the group stands, as this device knows it; null until it was first heard. */
export interface StatusModel {
  readonly status: Readable<Status | null>
  readonly connection: Readable<Connection>
  /** For the page that asks for the address again. False: there is no token in what was pasted. */
  unlock(pasted: string): boolean
  retryNow(): void
}

export function createStatus(bridge: WindowBridge): StatusModel {
  const status = createStore<Status | null>(null)
  bridge.hear('status', status.set)
  const follow = (): void => {
    if (bridge.connection.get().kind !== 'open') return
    bridge.call('status/get', null).then(status.set, (error: unknown) => {
      if (!(error instanceof LostConnection)) throw error // the next connection asks again
    })
  }
  bridge.connection.subscribe(follow)
  follow()
  return {
    status,
    connection: bridge.connection,
    unlock: bridge.unlock,
    retryNow: bridge.retryNow,
  }
}

export const StatusContext = createContext<StatusModel | null>(null)

export function useStatusModel(): StatusModel {
  const model = useContext(StatusContext)
  if (model === null) throw new Error('there is no status above this component')
  return model
}

export function useStatus(): Status | null {
  return useStore(useStatusModel().status)
}
