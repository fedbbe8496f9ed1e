import { createContext, useContext } from 'react'
import type { DeviceId } from '../../src-shared/base/ids.ts'
import type { Outcome } from '../../src-shared/base/outcome.ts'
import type {
  Consequences,
  Nearby,
  PairingState,
  Refusal,
  Status,
} from '../../src-shared/ipc/contract.ts'
import { inWords, LostConnection, type WindowBridge } from '../bridge.ts'
import { createStore, type Readable } from '../ui/store.ts'

export interface DevicesState {
  readonly status: Status | null
  readonly pairing: PairingState | null
  readonly nearby: readonly Nearby[]
}

/** Null: done. Otherwise why not, in words. */
export type Refused = string | null

export type Added =
  | { readonly kind: 'added'; readonly id: DeviceId }
  /** It has notes of its own: ask whether to bring them along. The code is not spent. */
  | { readonly kind: 'has-notes' }
  | { readonly kind: 'refused'; readonly message: string }

export interface Devices extends Readable<DevicesState> {
  add(address: string, code: string, bring: boolean): Promise<Added>
  rename(id: DeviceId, name: string): Promise<Refused>
  consequences(id: DeviceId): Promise<Consequences>
  remove(id: DeviceId): Promise<Refused>
  lead(id: DeviceId): Promise<Refused>
  openPairing(): Promise<Refused>
  closePairing(): Promise<void>
  /** Looks around while the screen is shown; the answer stops. */
  lookAround(): () => void
}

const lookEveryMs = 2_500

export function createDevices(bridge: WindowBridge): Devices {
  const store = createStore<DevicesState>({ status: null, pairing: null, nearby: [] })
  bridge.hear('status', (status) => store.merge({ status }))
  bridge.hear('pairing', (pairing) => store.merge({ pairing }))
  const follow = (): void => {
    if (bridge.connection.get().kind !== 'open') return
    quietly(bridge.call('status/get', null).then((status) => store.merge({ status })))
    quietly(bridge.call('pairing/get', null).then((pairing) => store.merge({ pairing })))
  }
  bridge.connection.subscribe(follow)
  follow()

  const look = (): void => {
    if (bridge.connection.get().kind !== 'open') return
    quietly(bridge.call('devices/nearby', null).then((nearby) => store.merge({ nearby })))
  }
  return {
    get: store.get,
    subscribe: store.subscribe,
    add: async (address, code, bring) => {
      try {
        const added = await bridge.call('devices/add', { address, code, bring })
        if (added.ok) return { kind: 'added', id: added.value.id }
        if (added.error.kind === 'newcomer-has-notes') return { kind: 'has-notes' }
        return { kind: 'refused', message: added.error.message }
      } catch (error) {
        return { kind: 'refused', message: inWords(error) }
      }
    },
    rename: (id, name) => told(bridge.call('devices/rename', { id, name })),
    consequences: async (id) => {
      try {
        return await bridge.call('devices/consequences', { id })
      } catch (error) {
        return { allowed: false, lines: [inWords(error)] }
      }
    },
    remove: (id) => told(bridge.call('devices/remove', { id })),
    lead: (id) => told(bridge.call('devices/lead', { id })),
    openPairing: async () => {
      try {
        const opened = await bridge.call('pairing/open', null)
        if (opened.ok) store.merge({ pairing: opened.value })
        return opened.ok ? null : opened.error.message
      } catch (error) {
        return inWords(error)
      }
    },
    closePairing: async () => {
      quietly(bridge.call('pairing/close', null).then((pairing) => store.merge({ pairing })))
    },
    lookAround: () => {
      look()
      const timer = setInterval(look, lookEveryMs)
      return () => clearInterval(timer)
    },
  }
}

/** Null: changes to the group can be made. Otherwise why not, for a greyed action. */
export function whyNotNow(status: Status | null): string | null {
  if (status === null) return 'Still finding out how your devices stand.'
  if (status.device.role === 'removed') return 'This device was removed from the group.'
  if (status.cluster.leaderId === null) {
    return 'More of your devices must be awake for this. Try again when they are.'
  }
  return status.trouble
}

async function told(answering: Promise<Outcome<null, Refusal>>): Promise<Refused> {
  try {
    const answer = await answering
    return answer.ok ? null : answer.error.message
  } catch (error) {
    return inWords(error)
  }
}

/** For what is asked again anyway: with the next connection, or the next look around. */
function quietly(asking: Promise<void>): void {
  asking.catch((error: unknown) => {
    if (!(error instanceof LostConnection)) throw error
  })
}

export const DevicesContext = createContext<Devices | null>(null)

export function useDevices(): Devices {
  const devices = useContext(DevicesContext)
  if (devices === null) throw new Error('there are no devices above this component')
  return devices
}
