import { contextBridge, ipcRenderer } from 'electron'
import { isCommandId } from '../../src-shared/ipc/commands.ts'
import type { CallName, Calls, EventName, Events } from '../../src-shared/ipc/contract.ts'
import type { Desktop } from '../../src-shared/ipc/desktop.ts'
import {
  callChannel,
  commandChannel,
  eventChannel,
  exportChannel,
  isCallName,
  isEventName,
  openLinkChannel,
} from './channels.ts'

/** All that a page gets: the contract's names and a few acts. No channel that is not in the contract, nothing of Electron's own. */
const desktop: Desktop = {
  call<N extends CallName>(name: N, ask: Calls[N]['ask']): Promise<Calls[N]['answer']> {
    if (!isCallName(name)) return Promise.reject(new Error('no such call'))
    return ipcRenderer.invoke(callChannel(name), ask)
  },
  hear<N extends EventName>(name: N, listener: (event: Events[N]) => void): () => void {
    if (!isEventName(name)) throw new Error('no such event')
    return listen(eventChannel(name), (event) => listener(event as Events[N]))
  },
  export: () => ipcRenderer.invoke(exportChannel),
  openLink: (address) => ipcRenderer.invoke(openLinkChannel, address),
  hearCommand: (listener) =>
    listen(commandChannel, (id) => {
      if (typeof id === 'string' && isCommandId(id)) listener(id)
    }),
}

function listen(channel: string, listener: (value: unknown) => void): () => void {
  const receive = (_event: unknown, value: unknown): void => listener(value)
  ipcRenderer.on(channel, receive)
  return () => ipcRenderer.off(channel, receive)
}

contextBridge.exposeInMainWorld('quire', desktop)
